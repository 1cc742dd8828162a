"""Packages: the same bytes wherever they are made, nothing that lintian and rpmlint would complain of, all in its place. What they do when they
are installed, packaging/try-package shows in a root that may be spoilt."""
import os
import pathlib
import re
import shutil
import subprocess
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = re.search(r"project\(tcpstate VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))[1]
KINDS = [".deb", ".rpm", ".tar.gz"]


def output(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout


def package(source, folder, **options):
    """{kind: package}"""
    subprocess.run([source / "packaging" / "package", folder], check=True, capture_output=True, **options)
    return {kind: next(folder.glob(f"*{kind}")) for kind in KINDS}


@pytest.fixture(scope="session", name="packages")
def fixture_packages(tmp_path_factory):
    return package(ROOT, tmp_path_factory.mktemp("one"))


@pytest.fixture(scope="session", name="minor")
def fixture_minor():
    return re.search(r"\b(\d+\.\d+)\.\d+", output("tshark", "--version"))[1]


@pytest.fixture(scope="session", name="again")
def fixture_again(tmp_path_factory):
    """Those of another copy of the source, by somebody else at another time."""
    source = tmp_path_factory.mktemp("other") / "source"
    shutil.copytree(ROOT, source, copy_function=shutil.copy, ignore=shutil.ignore_patterns("build*", ".git"))
    return package(source, tmp_path_factory.mktemp("two"), umask=0o077, env={**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"})


@pytest.mark.parametrize("kind", KINDS)
def test_same_bytes(packages, again, kind):
    assert packages[kind].name == again[kind].name
    assert packages[kind].read_bytes() == again[kind].read_bytes()


def test_lintian(packages):
    done = subprocess.run(["lintian", "--allow-root", "--display-info", "--pedantic", "--tag-display-limit", "0", packages[".deb"]],
                          capture_output=True, text=True, check=False)
    assert ([line for line in done.stdout.splitlines() if not is_machine_code(line)], done.returncode) == ([], 0)


def is_machine_code(line):
    """A word that lintian found in the binary, and that no string of the source has: bytes of instructions that look like letters."""
    word = re.search(r" spelling-error-in-binary (\S+) ", line)
    sources = [path for folder in ("plugin", "include") for path in (ROOT / folder).rglob("*.[ch]")]
    return word is not None and not any(word[1] in path.read_text(encoding="utf-8") for path in sources)


def test_rpmlint(packages):
    done = subprocess.run(["rpmlint", "-c", ROOT / "packaging" / "rpmlint.toml", packages[".rpm"]], capture_output=True, text=True, check=False)
    assert re.search(r"\b0 errors, 0 warnings,", done.stdout), done.stdout
    assert done.returncode == 0


def needed(shared):
    return set(re.findall(r"NEEDED +(\S+)", output("objdump", "-p", shared)))


def unpacked(deb, folder):
    subprocess.run(["dpkg-deb", "-x", deb, folder], check=True)
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def profile(folder):
    return {f"{folder}/{path.name}" for path in (ROOT / "packaging" / "profile" / "TCP State").iterdir()}


def test_deb(packages, minor, tmp_path):
    name = f"wireshark-tcpstate-{minor}"
    fields = {field: output("dpkg-deb", "-f", packages[".deb"], field).strip() for field in ("Package", "Version", "Depends", "Provides", "Conflicts")}
    assert (fields["Package"], fields["Version"]) == (name, VERSION)
    assert fields["Provides"] == fields["Conflicts"] == "wireshark-tcpstate"  # of another minor version, one at a time
    assert unpacked(packages[".deb"], tmp_path) == {
        f"usr/lib/{os.uname().machine}-linux-gnu/wireshark/plugins/{minor}/epan/tcpstate.so",
        *profile("usr/share/wireshark/profiles/TCP State"),
        "usr/share/man/man7/tcpstate.7.gz",
        *(f"usr/share/doc/{name}/{file}" for file in ("copyright", "changelog.gz")),
        f"usr/share/lintian/overrides/{name}",
    }
    libraries = needed(next(tmp_path.rglob("tcpstate.so")))
    providers = {output("dpkg", "-S", f"*/{library}").split(":")[0] for library in libraries}
    assert set(re.findall(r"(?:^|, )([^ ,]+)", fields["Depends"])) == providers
    assert any(re.fullmatch(r"libwireshark\d+(t64)?", provider) for provider in providers)


def test_rpm(packages, minor):
    def query(form):
        return output("rpm", "-qp", "--queryformat", form, packages[".rpm"])
    name = f"wireshark-tcpstate-{minor}"
    assert query("%{NAME} %{VERSION} %{LICENSE}") == f"{name} {VERSION} GPL-2.0-or-later"
    files = set(output("rpm", "-qpl", packages[".rpm"]).splitlines())
    assert files >= profile("/usr/share/wireshark/profiles/TCP State") | {"/usr/share/man/man7/tcpstate.7.gz",
                                                                          f"/usr/share/licenses/{name}/COPYING"}
    assert any(file.endswith(f"/wireshark/plugins/{minor}/epan/tcpstate.so") for file in files)
    assert re.search(r"^libwireshark\.so\.\d+\(\)", output("rpm", "-qpR", packages[".rpm"]), re.MULTILINE)


def test_archive(packages, minor):
    with tarfile.open(packages[".tar.gz"]) as archive:
        names = {member.name: member for member in archive if not member.isdir()}
        assert {member.mode for member in archive if not member.isdir()} == {0o644, 0o755}
    top = f"tcpstate-{VERSION}-wireshark-{minor}-Linux-{os.uname().machine}"
    assert packages[".tar.gz"].name == f"{top}.tar.gz"
    assert set(names) == {f"{top}/{file}" for file in ("install", "tcpstate.so", "README.md", "COPYING", "CHANGELOG.md")} | profile(f"{top}/TCP State")


def test_one_version(packages):
    """The latest release of CHANGELOG.md is what is built."""
    releases = re.findall(r"^## \[(\d[^]]*)\] - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert releases[0] == VERSION
    assert f"_{VERSION}_" in packages[".deb"].name


@pytest.mark.parametrize("version, said", [
    ("3.2.18", "CMake Error.*tcpstate needs Wireshark 3.4 or later; this is 3.2.18."),
    ("3.4.0", None),
    ("4.6.99", None),
    ("4.8.0", "CMake Warning.*tcpstate has been built with Wireshark 3.4 to 4.6; this is 4.8.0"),
])
def test_other_wireshark(tmp_path, version, said):
    major, minor, patch = version.split(".")
    (tmp_path / "WiresharkConfig.cmake").write_text(
        f"set(Wireshark_MAJOR_VERSION {major})\nset(Wireshark_MINOR_VERSION {minor})\nset(Wireshark_PATCH_VERSION {patch})\n"
        f"set(Wireshark_PLUGIN_INSTALL_DIR /usr/lib/wireshark/plugins/{major}.{minor})\n", encoding="utf-8")
    (tmp_path / "WiresharkConfigVersion.cmake").write_text(f"set(PACKAGE_VERSION {version})\n", encoding="utf-8")
    done = subprocess.run(["cmake", "-S", ROOT, "-B", tmp_path / "build", "-G", "Ninja", f"-DWireshark_DIR={tmp_path}", "-DBUILD_TESTING=OFF"],
                          capture_output=True, text=True, check=False)
    told = re.sub(r"\s+", " ", done.stderr)
    if said is None:
        assert "tcpstate needs" not in told and "tcpstate has been built" not in told
    else:
        assert re.search(said, told)
