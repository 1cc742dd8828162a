"""What is printed is the same in every locale: graphviz and scripts read it."""
import os
import subprocess

import pytest

import harness
import variants

OUTPUTS = [["-q", "-z", f"tcpstate,{name}"] for name in ("connections", "netstat", "netstat,at=2.5", "timeline,all", "timeline,json", "diagram")]


@pytest.fixture(scope="module")
def german():
    """Where a comma stands before decimals."""
    folder = harness.workplace() / "locale"
    folder.mkdir(exist_ok=True)
    subprocess.run(["localedef", "--no-archive", "-i", "de_DE", "-f", "UTF-8", str(folder / "de_DE.UTF-8")], check=True)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    environment = {"LOCPATH": str(folder), "LC_ALL": "de_DE.UTF-8"}
    assert subprocess.run(["/usr/bin/printf", "%.1f", "2,5"], env=os.environ | environment, capture_output=True, text=True, check=True).stdout == "2,5"
    return environment


@pytest.mark.parametrize("arguments", [*OUTPUTS, ["-V", "-2", "-O", "tcpstate"]], ids=" ".join)
def test_same_as_in_c(german, arguments):
    capture = variants.merged(tuple(harness.NAMED))
    printed = harness.run("-r", capture, *arguments, environment=german).stdout
    assert printed == harness.output("-r", capture, *arguments) and len(printed) > 1000
