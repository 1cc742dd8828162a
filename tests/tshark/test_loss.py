"""What a frame that the capture missed costs, counted over all recordings. The README states these figures."""
import functools
import sys

import pytest

import harness

sys.path.insert(0, str(harness.ROOT / "tests" / "lab"))
import loss  # noqa: E402

measured = functools.cache(loss.measure)


@pytest.mark.slow
def test_states_after_a_missed_frame():
    """A missing FIN can only be guessed, and is not; what else stays wrong cannot be told from the rest of the capture either."""
    looked, wrong, kinds = measured(folders=(harness.CAPTURES,))
    assert sum(kinds.values()) > 500 and looked > 7000
    fin = sum(count for kind, count in wrong.items() if kind.startswith("FIN"))
    assert fin <= 152
    assert sum(wrong.values()) - fin <= 7


@pytest.mark.parametrize("folder", [harness.CAPTURES, harness.ROOT / "tests" / "tshark" / "random-wide"], ids=lambda folder: folder.name)
def test_the_readme_states_the_figures(folder):
    looked, wrong, kinds = measured(folders=(folder,))
    fin = sum(count for kind, count in wrong.items() if kind.startswith("FIN"))
    readme = " ".join((harness.ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"{sum(kinds.values())} frames" in readme
    assert f"{sum(wrong.values())} of the {looked} frames" in readme
    assert f"{fin} of them because" in readme
