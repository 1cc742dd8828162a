"""What is measured and drawn with, from Debian."""
import subprocess


def install(*packages):
    missing = [package for package in packages if subprocess.run(["dpkg", "-s", package], capture_output=True, check=False).returncode != 0]
    if missing:
        subprocess.run(["apt-get", "-qq", "install", "--yes", "--no-install-recommends", *missing], check=True, stdout=subprocess.DEVNULL)
