"""How long work still takes, from the seconds that its finished parts took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Kind = tuple[str, str]
"""A stage, and a kind of parts that take about as long as each other in it."""


@dataclass
class _Measured:
    """How many parts of a kind were timed, and their seconds together."""

    parts: int = 0
    seconds: float = 0.0

    @property
    def mean(self) -> float:
        return self.seconds / self.parts


@dataclass(frozen=True)
class _Like:
    """Another kind that takes `times` shorter, to go by while nothing is measured."""

    kind: Kind
    times: float


class Forecast:
    """Seconds that all announced parts of all stages still take.

    A part takes as long as the finished ones of its kind on average. Before the
    first of a kind is finished it takes `times` as long as those of the kind that it
    was said to be like, or, where nothing was said or measured, as long as the mean
    of the kinds that were.
    """

    def __init__(self) -> None:
        self._measured: dict[Kind, _Measured] = {}
        self._waiting: dict[str, Counter[str]] = {}
        self._like: dict[Kind, _Like] = {}

    def expect(
        self,
        stage: str,
        kind: str,
        n: int,
        *,
        like: Kind | None = None,
        times: float = 1.0,
    ) -> None:
        """Announce `n` parts of a kind; what was announced of it before is void."""
        waiting = self._waiting.setdefault(stage, Counter())
        waiting[kind] = n
        if like is not None:
            self._like[stage, kind] = _Like(like, times)

    def begin(self, stage: str, kinds: Iterable[str]) -> None:
        """Take the kinds of the parts that a stage really has still to do."""
        self._waiting[stage] = Counter(kinds)

    def took(
        self, stage: str, kind: str, seconds: float, *, waited: bool = True
    ) -> None:
        """Learn from a finished part, which `waited` unless it was done earlier."""
        measured = self._measured.setdefault((stage, kind), _Measured())
        measured.parts += 1
        measured.seconds += seconds
        waiting = self._waiting.get(stage)
        if waited and waiting is not None and waiting[kind] > 0:
            waiting[kind] -= 1

    def left(self, workers: int) -> float | None:
        """Return the seconds until the last part of the last stage is finished.

        Stages follow each other, and a part is done by one worker: a stage takes no
        less than its longest part. None where no part was finished yet.
        """
        if not self._measured:
            return None
        return sum(self._stage(s, w, workers) for s, w in self._waiting.items())

    def seconds(self, stage: str, kind: str) -> float:
        """Return what a part of a kind is thought to take; NaN where nothing is known.

        Measured on itself, on what it is like, or on all kinds, in this order.
        """
        place, times = (stage, kind), 1.0
        seen: set[Kind] = set()
        while place not in self._measured:
            seen.add(place)
            like = self._like.get(place)
            if like is None or like.kind in seen:
                return self._usual()
            place, times = like.kind, times * like.times
        return times * self._measured[place].mean

    def _usual(self) -> float:
        means = [measured.mean for measured in self._measured.values()]
        return sum(means) / len(means) if means else float("nan")

    def _stage(self, stage: str, waiting: Mapping[str, int], workers: int) -> float:
        each = {k: self.seconds(stage, k) for k, n in waiting.items() if n > 0}
        if not each:
            return 0.0
        shared = sum(waiting[k] * s for k, s in each.items()) / max(workers, 1)
        return max(shared, *each.values())
