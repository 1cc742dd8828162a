"""Takes the README's picture of the window: python3 tests/gui/picture.py"""
import pathlib
import sys

from PIL import Image

for folder in ("tshark", "lab"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

import harness  # noqa: E402
import pcapng  # noqa: E402
import window  # noqa: E402
from window import Wireshark, children, click, type_keys, until  # noqa: E402

PICTURE = harness.ROOT / "doc" / "window.png"
RIGHT = 0xFF53


def without_comments(name):
    """The recording as anybody would have captured it."""
    path = harness.workplace() / "captures" / name
    pcapng.write(path, [(time, data, None) for time, data in pcapng.read(harness.CAPTURES / name)])
    return path


def line(wireshark, beginning):
    return until(lambda: [cell for cell in children(wireshark.details_pane) if cell.get_name().startswith(beginning)])[0]


def main():
    wireshark = Wireshark([without_comments("fin_dropped.pcapng")], size=(1180, 720))
    try:
        wireshark.go_to(6)
        for beginning in ("TCP State", "[Client:", "[Finding: fin_wait_1_stuck]"):
            click(line(wireshark, beginning))
            type_keys(RIGHT)
        line(wireshark, "[Outcome:")
        window.SCREENSHOTS = PICTURE.parent
        wireshark.screenshot(PICTURE.stem)
    finally:
        wireshark.close()
    Image.open(PICTURE).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()
