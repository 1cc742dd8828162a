#!/usr/bin/env python3
"""Which source file uses which other one, and whether that goes round in a circle.

A file here is a .c with its .h. It uses another one if it includes its header, or names a function or an object that only the other one
defines. `structure.py [FOLDER...]` prints each circle among the files, and among the folders, of plugin/ or of the folders given.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<(tcpstate/[^>]+)>)', re.MULTILINE)
FUNCTION = re.compile(r"^(?!static\b)[^\s#{}()][^\n;{}()]*\n(\w+)\([^;{}]*\)\n\{", re.MULTILINE)
OBJECT = re.compile(r"^(?!static\b|extern\b|typedef\b)(?:const )?(?:struct |enum )?\w+ \**(\w+)(?:\[[^\]\n]*\])*(?: = |;$)", re.MULTILINE)


def unit_of(path):
    """The name of a file, for its .c and .h: plugin/engine/model/state."""
    return str(path.relative_to(ROOT).with_suffix(""))


def sources(folders):
    return sorted(path for folder in folders for path in folder.rglob("*.[ch]"))


def included(path, text):
    for own, public in INCLUDE.findall(text):
        target = path.parent / own if own else ROOT / "include" / public
        if target.exists():
            yield unit_of(target.resolve())


def uses(folders):
    """{file: {another that it uses: by what}}."""
    texts = {path: path.read_text(encoding="utf-8") for path in sources(folders)}
    code = {path: NOT_CODE.sub(" ", text) for path, text in texts.items()}
    defined = {}
    for path, text in code.items():
        if path.suffix == ".c":
            for name in FUNCTION.findall(text) + OBJECT.findall(text):
                defined.setdefault(name, set()).add(unit_of(path))
    graph = {unit_of(path): {} for path in texts}
    for path, text in texts.items():
        unit = unit_of(path)
        for other in included(path, text):
            graph[unit].setdefault(other, set()).add("its header")
        for name in set(re.findall(r"\b\w+\b", code[path])) & set(defined) if path.suffix == ".c" else ():
            if defined[name] != {unit} and len(defined[name]) == 1:
                graph[unit].setdefault(*defined[name], set()).add(name)
    return {unit: {other: by for other, by in others.items() if other != unit and other in graph} for unit, others in graph.items()}


def by_folder(graph):
    """The same among the folders that the files stand in."""
    folders = {str(pathlib.PurePath(unit).parent): {} for unit in graph}
    for unit, others in graph.items():
        for other in others:
            here, there = (str(pathlib.PurePath(each).parent) for each in (unit, other))
            if here != there:
                folders[here].setdefault(there, set()).add(f"{pathlib.PurePath(unit).name} uses {pathlib.PurePath(other).name}")
    return folders


def circle(graph):
    """One, as a list that ends where it begins; [] where there is none."""
    done, way = set(), []

    def visit(unit):
        if unit in way:
            return way[way.index(unit):] + [unit]
        if unit in done:
            return []
        way.append(unit)
        for other in sorted(graph[unit]):
            found = visit(other)
            if found:
                return found
        done.add(way.pop())
        return []

    return next((found for found in map(visit, sorted(graph)) if found), [])


def in_words(graph, found):
    """A circle in words."""
    return "".join(f"{here} uses {there}: {', '.join(sorted(graph[here][there]))}\n" for here, there in zip(found, found[1:]))


if __name__ == "__main__":
    files = uses([pathlib.Path(folder).resolve() for folder in sys.argv[1:]] or [ROOT / "plugin"])
    circles = [in_words(graph, circle(graph)) for graph in (files, by_folder(files))]
    print(*filter(None, circles), sep="\n", end="")
    sys.exit(any(circles))
