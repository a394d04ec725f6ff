"""Progress: bars on a terminal, lines elsewhere, and the time left."""

import io

import pytest

from hecsr.progress import Progress, time_left


class Clock:
    """Seconds that pass when told."""

    now = 1000.0

    def __call__(self):
        return self.now

    def passes(self, seconds):
        self.now += seconds


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "less than a minute left"),
        (49, "less than a minute left"),
        (55, "about 1 min left"),
        (9.4 * 60, "about 9 min left"),
        (12.6 * 60, "about 15 min left"),
        (59 * 60, "about 60 min left"),
        (61 * 60, "about 1 h left"),
        (131 * 60, "about 2 h 10 min left"),
        (119 * 60, "about 2 h left"),
    ],
)
def test_the_time_left_is_said_no_more_exactly_than_it_is_known(seconds, text):
    assert time_left(seconds) == text


def test_off_a_terminal_a_stage_is_two_lines_and_one_a_minute():
    clock, stream = Clock(), io.StringIO()
    with Progress(stream, clock) as progress:
        progress("comparison", 0, 100)
        for done in range(1, 100):
            clock.passes(2)
            progress("comparison", done, 100, left=2.0 * (100 - done))
        clock.passes(2)
        progress("comparison", 100, 100, left=0.0)
        progress("comparison", 100, 100, left=0.0)
    assert stream.getvalue().splitlines() == [
        "comparison (100) ...",
        "comparison: 30 of 100, about 2 min left",
        "comparison: 60 of 100, about 1 min left",
        "comparison: 90 of 100, less than a minute left",
        "comparison: done in 200 s",
    ]


def test_a_stage_that_cannot_tell_the_time_left_says_none():
    clock, stream = Clock(), io.StringIO()
    with Progress(stream, clock) as progress:
        progress("reading", 0, 2)
        clock.passes(90)
        progress("reading", 1, 2)
    assert stream.getvalue().splitlines()[-1] == "reading: 1 of 2"


def test_lines_go_to_standard_error(capsys):
    with Progress() as progress:
        progress("reading", 0, 1)
        progress("reading", 1, 1)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == ["reading (1) ...", "reading: done in 0 s"]


def test_on_a_terminal_there_are_bars_and_one_time_for_all(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "120")
    clock, stream = Clock(), Terminal()
    with Progress(stream, clock) as progress:
        progress("comparison", 3, 10, left=700.0)
        progress("chance", 0, 50, left=700.0)
        progress._live.refresh()
        shown = stream.getvalue()
        assert "3/10" in shown
        assert "0/50" in shown
        assert "about 10 min left" in shown
        # it counts down while nothing is reported
        clock.passes(400)
        progress._live.refresh()
        assert "about 5 min left" in stream.getvalue()[len(shown) :]
        clock.passes(4000)
        progress._live.refresh()
        assert "less than a minute left" in stream.getvalue()
