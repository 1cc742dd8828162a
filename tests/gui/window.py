"""Wireshark on a screen of its own, driven and read through the accessibility tree: what a screen reader would say and press."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import time

import gi
from PIL import ImageGrab

import harness
from harness import PROFILE

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

SCREENSHOTS = pathlib.Path(os.environ.get("TCPSTATE_SCREENSHOTS", harness.ROOT / "build" / "screenshots"))
ROLES = {"button": ["button", "push button"]}
"""What versions of AT-SPI call the same."""
SECONDS = 20
"""After which something that should have come is taken to be missing."""


def until(what, *arguments, seconds=SECONDS):
    """Waits until what(*arguments) is true, and returns it."""
    end = time.monotonic() + seconds
    while True:
        while GLib.MainContext.default().iteration(False):
            pass
        with contextlib.suppress(GLib.Error):  # the tree changed while it was read
            result = what(*arguments)
            if result:
                return result
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what} of {arguments}")
        time.sleep(0.02)


@contextlib.contextmanager
def unprivileged():
    """D-Bus lets in nobody but the user whose bus it is."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(harness.NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def children(node):
    if node.get_role() in (Atspi.Role.APPLICATION, Atspi.Role.DESKTOP_FRAME):
        node.clear_cache()  # a window that came up may be missed otherwise
    return [child for child in (node.get_child_at_index(i) for i in range(node.get_child_count())) if child is not None]


def find_all(node, role, name=None):
    """All below the node of that role whose name matches. Tables are not entered: they may be long."""
    found = []
    for child in children(node):
        if child.get_role_name() in ROLES.get(role, [role]) and (name is None or re.fullmatch(name, child.get_name())):
            found.append(child)
        if child.get_role_name() not in ("tree", "table", "list"):
            found += find_all(child, role, name)
    return found


def find(node, role, name=None):
    try:
        return until(find_all, node, role, name)[0]
    except AssertionError:
        there = [(other.get_role_name(), other.get_name()) for other in children(node)]
        raise AssertionError(f"no {role} {name} in {node.get_name()}, which has {there}") from None


def press(node):
    assert Atspi.Action.do_action(node, 0)


def write(node, text):
    Atspi.EditableText.set_text_contents(node, text)


def is_showing(node):
    return node.get_state_set().contains(Atspi.StateType.SHOWING)


def text_of(node):
    return Atspi.Text.get_text(node, 0, Atspi.Text.get_character_count(node))


def titles_and_rows(table):
    """The cells of a tree or table as text."""
    cells = children(table)
    titles = [cell.get_name() for cell in cells if cell.get_role_name() == "table column header"]
    texts = [cell.get_name() for cell in cells if cell.get_role_name() == "table cell"]
    return titles, [texts[i:i + len(titles)] for i in range(0, len(texts), max(len(titles), 1))]


def rows(table):
    return titles_and_rows(table)[1]


def click(node):
    """With the mouse: for what no screen reader can press."""
    box = Atspi.Component.get_extents(node, Atspi.CoordType.SCREEN)
    Atspi.generate_mouse_event(box.x + min(box.width, 60) // 2, box.y + box.height // 2, "b1c")


def type_keys(keys):
    if isinstance(keys, str):
        Atspi.generate_keyboard_event(0, keys, Atspi.KeySynthType.STRING)
    else:
        Atspi.generate_keyboard_event(keys, None, Atspi.KeySynthType.SYM)


class Wireshark:
    """One run of it. `captures` are what File > Open Recent offers, at most 11; the first is open at the start. Wireshark reads the newest ten before
    any preference, and adds what is open."""

    def __init__(self, captures, arguments=(), size=(1400, 900), environment=None):
        assert len(captures) <= 11
        self.place = harness.workplace() / "gui"
        self.captures = {path.name: str(self.place / "captures" / path.name) for path in captures}
        self.processes = []
        self.environment = {**self._lay_out(captures, size), **(environment or {})}
        self._start(["Xvfb", "-displayfd", "1", "-screen", "0", f"{size[0]}x{size[1]}x24", "-nolisten", "tcp"], "display")
        self.environment["DISPLAY"] = ":" + self._printed("display", r"(.+)\n")
        self._start(["dbus-daemon", "--session", "--print-address", "--nofork"], "bus")
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self._printed("bus", r"(.+)\n")
        self._start(["wireshark", "-n", "-C", PROFILE.name, "-o", f"gui.recent_files_count.max:{len(captures)}", "--log-level", "info",
                     "-r", self.captures[captures[0].name], *arguments], "wireshark")
        self.application = self._find_application()
        self.main = find(self.application, "frame")
        self.menu_bar, self.status_bar = find(self.main, "menu bar"), find(self.main, "status bar")
        self.list_pane, self.details_pane = find(self.main, "tree", "Packet list"), find(self.main, "tree", "Packet details")
        self.filter_bar = find(self.main, "combo box", "Display filter selector").get_parent()
        self.go_to_bar = find(self.main, "label", "Packet:").get_parent()

    def _lay_out(self, captures, size):
        """A home, captures, and Wireshark's own data with our profile beside it, as it is installed. Returns what leads to them."""
        shutil.rmtree(self.place, ignore_errors=True)
        home, data = self.place / "home", self.place / "data"
        shutil.copytree(PROFILE, data / "profiles" / PROFILE.name)
        for path in harness.data_folder().iterdir():
            if path.name != "profiles":
                (data / path.name).symlink_to(path)
        (self.place / "captures").mkdir()
        for path in captures:
            shutil.copyfile(path, self.captures[path.name])
        configuration = home / ".config" / "wireshark"
        configuration.mkdir(parents=True)
        (configuration / "recent_common").write_text(
            "".join(f"recent.capture_file: {path}\n" for path in self.captures.values()) +
            f"gui.geometry_main_x: 0\ngui.geometry_main_y: 0\ngui.geometry_main_width: {size[0]}\ngui.geometry_main_height: {size[1]}\n")
        for path in [self.place, *self.place.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o700 if path.is_dir() else 0o600)
                if os.geteuid() == 0:
                    os.chown(path, harness.NOBODY, harness.NOBODY)
        return {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "LC_ALL": "C.UTF-8", "TZ": "UTC",
                "WIRESHARK_PLUGIN_DIR": str(harness.workplace() / "plugins"), "WIRESHARK_DATA_DIR": str(data),
                "QT_ACCESSIBILITY": "1", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}

    def _start(self, command, name):
        with open(self.place / f"{name}.out", "wb") as out, open(self.place / f"{name}.err", "wb") as err:
            self.processes.append(subprocess.Popen(harness.unprivileged(command), stdout=out, stderr=err, env=self.environment,
                                                   cwd=self.place / "home"))

    def _printed(self, name, pattern):
        return until(lambda: re.search(pattern, (self.place / f"{name}.out").read_text(errors="replace")))[1]

    def _find_application(self):
        """The accessibility bus begins when it is asked for. Wireshark joins it then, but not one that was there before."""
        self._printed("wireshark", "(Wireshark is up and ready to go)")
        ask = ["dbus-send", "--session", "--print-reply=literal", "--dest=org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus.GetAddress"]
        address = subprocess.run(harness.unprivileged(ask), env=self.environment, capture_output=True, text=True, check=True).stdout.strip()
        os.environ |= {"DISPLAY": self.environment["DISPLAY"], "AT_SPI_BUS_ADDRESS": address}
        with unprivileged():
            Atspi.init()
            Atspi.set_timeout(1000 * SECONDS, 1000 * SECONDS)  # an entry of a menu answers when all that it does is done
            return until(self._registered)

    @staticmethod
    def _registered():
        return next((one for one in children(Atspi.get_desktop(0)) if one.get_name() == "Wireshark" and one.get_child_count()), None)

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait()

    def screenshot(self, name):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        ImageGrab.grab(xdisplay=self.environment["DISPLAY"]).save(SCREENSHOTS / f"{name}.png")

    def _menu(self, path):
        """The entries of a menu, by the names of what leads to it; none where it is not there yet."""
        entries = children(self.menu_bar)
        for name in path:
            entries = [child for entry in entries if entry.get_name() == name for menu in children(entry) for child in children(menu)]
        return entries

    def choose(self, *path):
        """An entry of the menus; that of a recent file may be made anew before it is pressed."""
        def found():
            return [entry for entry in self._menu(path[:-1]) if entry.get_name() == path[-1]]

        until(lambda: [press(entry) for entry in found()])

    def entries(self, *path):
        """The names in a menu."""
        return [entry.get_name() for entry in self._menu(path) if entry.get_role_name() == "menu item"]

    def open(self, name):
        self.choose("File", "Open Recent", self.captures[name])
        until(lambda: self.main.get_name() == name and self.packets())

    def packets(self):
        """(packets, displayed) as the status bar has them: some versions tell the second only where it differs."""
        for line in self.status():
            told = re.match(r"Packets: (\d+)(?:.*Displayed: (\d+))?", line)
            if told:
                return int(told[1]), int(told[2] or told[1])
        return None

    def status(self):
        """What the status bar says."""
        return [label.get_name() for label in find_all(self.status_bar, "label")]

    def complaints(self):
        """Where it says what is wrong with the display filter: in the status bar, or from 4.4 on as the entry's tool tip."""
        return [*self.status(), self.filter_entry().get_description()]

    def filter_entry(self):
        return find(self.filter_bar, "text", "Display filter entry")

    def filter_text(self):
        return text_of(self.filter_entry())

    def filter(self, expression):
        write(self.filter_entry(), expression)

    def apply_filter(self, expression):
        self.filter(expression)
        wanted = "Apply display filter" if expression else "Clear display filter"
        press(until(lambda: [button for button in children(self.filter_entry()) if button.get_description() == wanted])[0])

    def listed(self):
        """The packet list: a dictionary for each row."""
        titles, cells = titles_and_rows(self.list_pane)
        return [dict(zip(titles, row)) for row in cells]

    def details(self):
        """The lines of the packet details that are unfolded."""
        return [row[0] for row in rows(self.details_pane)]

    def selected_frame(self):
        return next((int(re.match(r"Frame (\d+):", line)[1]) for line in self.details() if line.startswith("Frame ")), None)

    def go_to(self, frame):
        self.choose("Go", "Go to Packet…")
        write(find(self.go_to_bar, "text"), str(frame))
        press(find(self.go_to_bar, "button", "Go to packet"))
        until(lambda: self.selected_frame() == frame)

    def opened(self, title, *path):
        """The dialog that an entry of the menus opens. Qt does not always tell of one that comes to be where another was in memory: then
        one more is opened."""
        for _ in range(3):
            self.choose(*path)
            with contextlib.suppress(AssertionError):
                return until(find_all, self.application, "dialog", title, seconds=SECONDS / 4)[0]
        raise AssertionError(f"no dialog {title}, but {[node.get_name() for node in children(self.application)]}")

    @contextlib.contextmanager
    def dialog(self, title, *path):
        """The same; closed afterwards."""
        dialog = self.opened(title, *path)
        yield dialog
        self.close_dialog(dialog)

    def close_dialog(self, dialog):
        press(find(dialog, "button", "Close|Cancel|OK"))
        until(lambda: dialog not in children(self.application))
