"""The lab's time: that of this machine where a kernel takes part, and time of its own where none does, which passes at once."""
import time


class RealClock:
    """This machine's time."""

    @staticmethod
    def now():
        """Seconds since some moment."""
        return time.monotonic()

    @staticmethod
    def stamp():
        """The time that a captured frame gets: nanoseconds since the epoch."""
        return time.time_ns()

    @staticmethod
    def wait(poll, seconds):
        """Until one of the files has something, at most so long."""
        poll.poll(max(0, seconds) * 1000)


class VirtualClock:
    """Begins at a fixed moment, so that a recording made twice is the same byte for byte. What a host does takes it a tenth of a millisecond."""

    BEGIN, STEP = 1_700_000_000, 0.0001

    def __init__(self):
        self.seconds = 0

    def now(self):
        return self.seconds

    def stamp(self):
        self.seconds += self.STEP
        return self.BEGIN * 10**9 + round(self.seconds * 10**6) * 1000

    def wait(self, _poll, seconds):
        self.seconds += max(0, seconds)
