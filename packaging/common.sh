# What the scripts beside this file share. To be sourced; the caller has `set -eu`.

umask 022 # what is installed or packaged is for everybody

root=$(cd "$(dirname "$0")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }

fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# Runs a command as root.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

need_root() {
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null || fail "run this as root, or install sudo: it installs packages and the plugin."
}

# Installs those of the packages that are not installed.
need_packages() {
    command -v apt-get >/dev/null || fail "this script installs what it needs with apt-get, on Debian 12; elsewhere see the README for building by hand."
    missing=
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    say "Installing from Debian:$missing"
    mkdir -p "$root/build" || fail "$root/build cannot be written."
    log=$root/build/apt.log
    as_root apt-get -qq update >"$log" 2>&1 ||
        fail "apt-get update failed: is there a network, and are the package sources right? See $log."
    # shellcheck disable=SC2086 # a list
    # another script beside this one may be installing, too
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 install --yes --no-install-recommends $missing >>"$log" 2>&1 ||
        fail "these packages could not be installed:$missing. See $log."
}

BUILD_PACKAGES="gcc libc6-dev cmake ninja-build pkg-config libglib2.0-dev libwireshark-dev wireshark-dev tshark"
# Those of the tests that need no display
TEST_PACKAGES="libcmocka-dev wireshark-common graphviz asciidoctor groff-base locales liblwip-dev python3 python3-pytest python3-pytest-xdist python3-scapy"

# build FOLDER [CMAKE OPTION...]: configures and builds; what the tools say is shown only where they fail.
build() {
    folder=$1
    shift
    mkdir -p "$folder" || fail "$folder cannot be written."
    {
        cmake -S "$root" -B "$folder" -G Ninja "$@" && cmake --build "$folder"
    } >"$folder/build.log" 2>&1 || {
        tail -n 40 "$folder/build.log" >&2
        fail "the build failed; the whole of it is in $folder/build.log."
    }
}
