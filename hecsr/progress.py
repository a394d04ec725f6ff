"""Progress of a run: bars on a terminal, lines elsewhere, and the time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Protocol, Self, TextIO

# Off a terminal long work says a word this often, in seconds.
_EVERY: Final = 60.0


class Report(Protocol):
    """What long work calls: the stage's name, steps done, steps in all."""

    def __call__(
        self, stage: str, done: int, total: int, left: float | None = None
    ) -> None:
        """Say that `done` of `total` steps of `stage` are finished.

        `left` are the seconds that all stages together still take, where known.
        """


def silent(stage: str, done: int, total: int, left: float | None = None) -> None:
    """Take a report of progress and show nothing."""


def time_left(seconds: float) -> str:
    """Say how long it still takes, no more exactly than it is known."""
    if seconds < 50:
        return "less than a minute left"
    minutes = round(seconds / 60)
    if minutes < 10:
        return f"about {minutes} min left"
    if minutes < 60:
        return f"about {5 * round(minutes / 5)} min left"
    hours, rest = divmod(10 * round(minutes / 10), 60)
    return f"about {hours} h {rest} min left" if rest else f"about {hours} h left"


class Progress:
    """Shows the stages on standard error; a context manager.

    On a terminal each stage is a bar, and a last line tells the time that all of
    them together still take. Elsewhere a line is written when a stage begins and when
    it ends, and one a minute while it lasts.

    Parameters
    ----------
    stream
        Where to write; None for standard error.
    clock
        Seconds that only ever grow.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stream = stream
        self.clock = clock
        self._countdown = _Countdown(clock)
        self._live: Any = None
        self._bars: Any = None
        self._tasks: dict[str, Any] = {}
        self._started: dict[str, float] = {}
        self._ended: set[str] = set()
        self._said = clock()

    def __enter__(self) -> Self:
        stream = self._stream()
        if stream.isatty():
            from rich.console import Console, Group
            from rich.live import Live

            self._bars = _bars()
            console = Console(file=stream)
            self._live = Live(Group(self._bars, self._countdown), console=console)
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._countdown.left = None
            self._live.stop()

    def __call__(
        self, stage: str, done: int, total: int, left: float | None = None
    ) -> None:
        """Show that `done` of `total` steps of `stage` are finished."""
        if self._bars is not None:
            self._countdown.set(left)
            if stage not in self._tasks:
                self._tasks[stage] = self._bars.add_task(stage, total=total)
            self._bars.update(self._tasks[stage], completed=done, total=total)
            return
        now = self.clock()
        if stage not in self._started:
            self._started[stage] = now
            self._say(now, f"{stage} ({total}) ...")
        if done < total:
            self._ended.discard(stage)
            if now - self._said >= _EVERY:
                rest = "" if left is None else f", {time_left(left)}"
                self._say(now, f"{stage}: {done} of {total}{rest}")
        elif stage not in self._ended:
            self._ended.add(stage)
            seconds = now - self._started[stage]
            self._say(now, f"{stage}: done in {seconds:.0f} s")

    def _say(self, now: float, text: str) -> None:
        self._said = now
        stream = self._stream()
        stream.write(f"{text}\n")
        stream.flush()

    def _stream(self) -> TextIO:
        return sys.stderr if self.stream is None else self.stream


@dataclass
class _Countdown:
    """The last line: what was last told, less the time since then."""

    clock: Callable[[], float]
    left: float | None = None
    told: float = field(default=0.0)

    def set(self, left: float | None) -> None:
        self.left, self.told = left, self.clock()

    def __rich__(self) -> Any:
        from rich.text import Text

        if self.left is None:
            return Text()
        return Text(time_left(max(self.left - (self.clock() - self.told), 0.0)))


def _bars() -> Any:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    return Progress(
        TextColumn("{task.description:<44}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
