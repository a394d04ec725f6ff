"""Where the time of a run went: by the clock, and in the parts of its work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hecsr.result import StudyResult
    from hecsr.validation.parts import Work


class Clock:
    """Seconds of each stage by the clock, of this call alone."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time what is done inside."""
        began = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - began, 2)


def time_spent(result: StudyResult) -> str:
    """Return a short table of where the time went, in plain words.

    Seconds of the parts are added up as if one worker had done them all, and those
    that an earlier run finished count with what they took then.
    """
    work = result.work
    lines = ["Where the time went, all workers together:"]
    width = max((len(stage) for stage in [*work, "together"]), default=0)
    rows = [(stage, one.seconds, _parts(one)) for stage, one in work.items()]
    rows.append(("together", sum(one.seconds for one in work.values()), ""))
    lines += [
        f"  {stage:<{width}}  {said(seconds):>10}  {parts}".rstrip()
        for stage, seconds, parts in rows
    ]
    clock = said(sum(result.durations.values()))
    lines.append(f"By the clock the stages of this run took {clock}.")
    return "\n".join(lines)


def said(seconds: float) -> str:
    """Say a duration, as exactly as anybody wants to know it.

    Examples
    --------
    >>> said(0.2), said(59.7), said(754), said(7000)
    ('under 1 s', '60 s', '13 min', '1 h 57 min')
    """
    if seconds < 1:
        return "under 1 s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min"


def _parts(work: Work) -> str:
    parts = "1 part" if work.parts == 1 else f"{work.parts} parts"
    if not work.taken_up:
        return parts
    return f"{parts}, {work.taken_up} of them from an earlier run"
