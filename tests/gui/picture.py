"""Takes the README's pictures of the window: python3 tests/gui/picture.py"""
import pathlib
import subprocess
import sys

from PIL import Image

for folder in ("tshark", "lab"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

import harness  # noqa: E402
import pcapng  # noqa: E402
import window  # noqa: E402
from window import Wireshark, children, click, type_keys, until  # noqa: E402

DOC = harness.ROOT / "doc"
PICTURES = {
    "window": (["fin_dropped"], 6, ["TCP State", "[Client:", "[Finding: fin_wait_1_stuck]"], "[Outcome:"),
    "two_points": (["two_points_at_client", "two_points_at_server"], 13, ["TCP State", "[Finding: lost_between]"], "[Expert Info"),
}
"""Name: captures, which are merged; frame; what is unfolded of its details, and a line of it that comes last."""
RIGHT = 0xFF53


def without_comments(name):
    """The recording as anybody would have captured it."""
    path = harness.workplace() / "captures" / f"{name}.pcapng"
    pcapng.write(path, [(time, data, None) for time, data in pcapng.read(harness.CAPTURES / path.name)])
    return path


def merged(captures):
    path = harness.workplace() / "captures" / "two_points.pcapng"
    subprocess.run(["mergecap", "-I", "none", "-w", path, *captures], check=True)
    path.chmod(0o644)
    return path


def line(wireshark, beginning):
    return until(lambda: [cell for cell in children(wireshark.details_pane) if cell.get_name().startswith(beginning)])[0]


def take(wireshark, name, frame, unfolded, last):
    wireshark.go_to(frame)
    wireshark.choose("View", "Collapse All")
    for beginning in unfolded:
        click(line(wireshark, beginning))
        type_keys(RIGHT)
    line(wireshark, last)
    wireshark.screenshot(name)
    Image.open(DOC / f"{name}.png").save(DOC / f"{name}.png", optimize=True)


def main():
    recordings = {name: [without_comments(recording) for recording in names] for name, (names, *_) in PICTURES.items()}
    captures = {name: merged(files) if len(files) > 1 else files[0] for name, files in recordings.items()}
    window.SCREENSHOTS = DOC
    wireshark = Wireshark(list(captures.values()), size=(1180, 720))
    try:
        for name, (_, *arguments) in PICTURES.items():
            wireshark.open(captures[name].name)
            take(wireshark, name, *arguments)
    finally:
        wireshark.close()


if __name__ == "__main__":
    main()
