"""The house has no circles: what uses what goes one way only, among files and among folders; and no two files have one name."""
import collections
import textwrap

import pytest

import structure

PLUGIN = [structure.ROOT / "plugin"]


@pytest.fixture(scope="module", name="files")
def fixture_files():
    return structure.uses(PLUGIN)


def test_no_circle_among_files(files):
    assert structure.in_words(files, structure.circle(files)) == ""


def test_no_circle_among_folders(files):
    folders = structure.by_folder(files)
    assert structure.in_words(folders, structure.circle(folders)) == ""


def test_the_floors_of_the_engine(files):
    """Each folder uses only those below it."""
    floors = ["plugin/engine/model", "plugin/engine/findings", "plugin/engine/record", "plugin/engine/segment", "plugin/wireshark/api", "plugin/wireshark/capture", "plugin/points",
              "plugin/wireshark/show", "plugin/statistics", "plugin/wireshark"]
    for here, others in structure.by_folder(files).items():
        for there in others:
            if here in floors and there in floors:
                assert floors.index(there) < floors.index(here), f"{here} uses {there}"


def test_no_file_name_twice():
    names = collections.Counter(path.name for path in structure.sources(PLUGIN))
    assert [name for name, count in names.items() if count > 1] == []


def test_what_is_seen(files):
    """Headers, calls and objects are: else nothing above could fail."""
    assert "its header" in files["plugin/engine/segment/opening"]["plugin/engine/model/identity"]
    assert "read_synchronized" in files["plugin/engine/segment/challenge"]["plugin/engine/segment/synchronized"]
    assert "tcpstate_finding_kinds" in files["plugin/engine/findings/raise"]["plugin/engine/findings/sentence"]
    assert sum(map(len, files.values())) > 200


@pytest.mark.parametrize("second, circle", [
    ('#include "one.h"\n', "its header"),
    ("void one(void);\n\nvoid\nsecond(void)\n{\n    one();\n}\n", "one"),
    ("extern int number;\n\nint\nsecond(void)\n{\n    return number;\n}\n", "number"),
    ('/* #include "one.h", one() */\nvoid\nsecond(void)\n{\n    call("one()");\n}\n', None)])
def test_a_circle_is_found(tmp_path, monkeypatch, second, circle):
    """Of two files of which the first includes the second; and none is invented."""
    monkeypatch.setattr(structure, "ROOT", tmp_path)
    (tmp_path / "plugin" / "deep").mkdir(parents=True)
    (tmp_path / "plugin" / "one.h").write_text("void one(void);\n")
    (tmp_path / "plugin" / "one.c").write_text(textwrap.dedent("""\
        #include "one.h"
        #include "deep/second.h"

        int number = 1;

        void
        one(void)
        {
            second();
        }
        """))
    (tmp_path / "plugin" / "deep" / "second.h").write_text("void second(void);\n")
    (tmp_path / "plugin" / "deep" / "second.c").write_text(second.replace("one.h", "../one.h"))
    files = structure.uses([tmp_path / "plugin"])
    for graph in (files, structure.by_folder(files)):
        found = structure.in_words(graph, structure.circle(graph))
        assert bool(found) == (circle is not None)
    if circle:
        assert f"plugin/deep/second uses plugin/one: {circle}\n" in structure.in_words(files, structure.circle(files))
