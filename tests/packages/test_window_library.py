"""From Wireshark 4.7 on, the functions that a plugin uses of Wireshark's window are in a library that tshark may lack, and their header is in
another place. A plugin that is built so here looks for them under other names, so that it does not find them in the library of today."""
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUNCTIONS = re.findall(r"^#pragma weak (\w+)$", next((ROOT / "plugin").rglob("window.c")).read_text(encoding="utf-8"), re.MULTILINE)
LIBRARY = """
#include <stdio.h>
void *__wrap_ext_menubar_register_menu(int proto, const char *name) { fprintf(stderr, "menu %s\\n", name); return &stderr; }
void *__wrap_ext_menubar_set_parentmenu(void *menu, const char *parent) { fprintf(stderr, "in %s\\n", parent); return menu; }
void __wrap_ext_menubar_add_entry(void *menu, const char *label) { fprintf(stderr, "entry %s\\n", label); }
void __wrap_ext_menubar_add_separator(void *menu) {}
void *__wrap_plugin_if_get_capture_file(void *extract, void *data) { return 0; }
"""

sys.path.insert(0, str(ROOT / "tests" / "tshark"))
import harness  # noqa: E402


def build(folder):
    """The plugin with the header moved; returns the folder of plugins."""
    header = subprocess.run(["pkg-config", "--variable=includedir", "wireshark"], capture_output=True, text=True, check=True).stdout.strip()
    (folder / "uiqt").mkdir()
    shutil.copy(pathlib.Path(header) / "wireshark" / "epan" / "plugin_if.h", folder / "uiqt")
    wrap = " ".join(f"-Wl,--wrap={name}" for name in FUNCTIONS)
    subprocess.run(["cmake", "-S", ROOT, "-B", folder / "build", "-G", "Ninja", "-DBUILD_TESTING=OFF", f"-DCMAKE_C_FLAGS=-I{folder}",
                    f"-DCMAKE_MODULE_LINKER_FLAGS={wrap}"], check=True, capture_output=True)
    subprocess.run(["cmake", "--build", folder / "build", "--target", "tcpstate"], check=True, capture_output=True)
    return folder / "build" / "plugins"


@pytest.fixture(scope="module", name="moved")
def fixture_moved(tmp_path_factory):
    """The name of a folder of the harness's workplace with that plugin."""
    plugins = build(tmp_path_factory.mktemp("moved"))
    place = harness.workplace() / "moved"
    shutil.copytree(plugins, place)
    for path in [place, *place.rglob("*")]:
        path.chmod(0o755)
    return place


def tshark(moved, **more):
    capture = harness.readable(harness.CAPTURES / "fin_dropped.pcapng")
    return subprocess.run(harness.unprivileged(["tshark", "-q", "-n", "-r", str(capture), "-z", "tcpstate,connections"]), capture_output=True,
                          text=True, check=True, cwd=harness.workplace() / "home", env=harness.variables(moved.name) | more)


def test_tshark_without_the_library(moved):
    """It is loaded, and says what it says otherwise."""
    done = tshark(moved)
    assert done.stderr == ""
    assert done.stdout == harness.output("-q", "-n", "-r", harness.CAPTURES / "fin_dropped.pcapng", "-z", "tcpstate,connections") != ""


def test_library(moved):
    """Its functions are called where something else has loaded it, as Wireshark does."""
    (moved / "library.c").write_text(LIBRARY, encoding="utf-8")
    library = moved / "libuiqt_plugin.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-w", "-o", library, moved / "library.c"], check=True)
    library.chmod(0o755)
    assert tshark(moved, LD_PRELOAD=str(library)).stderr.splitlines()[:3] == ["menu TCP State", "in Analyze", "entry Filter Connection"]


def test_no_dependency(moved):
    """All that is looked for is looked for weakly."""
    plugin = next(moved.rglob("tcpstate.so"))
    symbols = subprocess.run(["nm", "-D", plugin], capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r" w __wrap_(\w+)", symbols)) == set(FUNCTIONS)
    assert not re.search(r" U \w*(?:plugin_if|ext_menubar)", symbols)
