"""Long work in parts: done in parallel, kept on disk, gone on with after a stop."""

from __future__ import annotations

import hashlib
import json
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from hecsr.progress import Report, silent
from hecsr.validation.forecast import Forecast, Kind
from hecsr.validation.store import Label, Store

__all__ = ["Label", "Part", "Runner", "Store", "Work", "digest"]

# What reading a record of the right format may meet if its content is not.
_UNREADABLE: Final = (KeyError, IndexError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True, eq=False)
class Part:
    """One piece of work that depends on nothing but what it is given.

    Attributes
    ----------
    kind
        Parts of one stage and kind take about as long as each other.
    key
        What sets it apart among the parts of its stage: names, numbers, and for rows
        :func:`digest`.
    call
        As ``joblib.delayed`` makes it; what it returns is plain data (numbers, text,
        lists, mappings with text as keys) unless the stage encodes it.
    """

    kind: str
    key: tuple[Label, ...]
    call: Any


@dataclass
class Work:
    """What the parts of a stage took, whenever they were done.

    Attributes
    ----------
    parts
        How many are finished.
    taken_up
        How many of them an earlier run had finished.
    seconds
        Of all of them together, as if one worker had done them; those that were taken
        up count with the seconds that they took then.
    """

    parts: int = 0
    taken_up: int = 0
    seconds: float = 0.0

    def add(self, seconds: float, *, taken_up: bool) -> None:
        """Count one part more."""
        self.parts += 1
        self.taken_up += taken_up
        self.seconds += seconds


class Runner:
    """Runs the parts of every stage, those that are finished already not again.

    Parameters
    ----------
    n_jobs
        As joblib's; None follows ``joblib.parallel_config``, so that a cluster may do
        the work. The result does not depend on it.
    store
        Where finished parts are kept; None to keep none.
    show
        Told of every finished part, with the seconds that all stages still take.

    Attributes
    ----------
    work
        What each stage took, in the order in which they were begun.
    """

    def __init__(
        self,
        *,
        n_jobs: int | None = None,
        store: Store | None = None,
        show: Report = silent,
    ) -> None:
        self.n_jobs = n_jobs
        self.store = store
        self.show = show
        self.work: dict[str, Work] = {}
        self._forecast = Forecast()
        self._opened = False

    def expect(
        self,
        stage: str,
        kind: str,
        n: int,
        *,
        like: Kind | None = None,
        times: float = 1.0,
    ) -> None:
        """Announce parts of a later stage, so that the time left counts them.

        Parameters
        ----------
        n
            How many; 0 takes an announcement back.
        like, times
            Until one of them is finished, a part takes `times` as long as one of the
            stage and kind `like`; without it, as long as others on average.
        """
        self._forecast.expect(stage, kind, n, like=like, times=times)

    def run(
        self,
        stage: str,
        parts: Sequence[Part],
        *,
        encode: Callable[[Any], Any] | None = None,
        decode: Callable[[Any], Any] | None = None,
    ) -> list[Any]:
        """Return the results of the parts, in their order.

        Parameters
        ----------
        stage
            What the display calls it; keys need to be unique within it.
        encode, decode
            Between a result and the plain data that is kept of it. What is decoded
            may lack what is not kept, such as a fitted model.

        Raises
        ------
        OutputError
            If finished parts cannot be kept.
        """
        from joblib import Parallel, delayed, effective_n_jobs

        if not parts:
            # it may have been announced
            self._forecast.begin(stage, ())
            return []
        work = self.work.setdefault(stage, Work())
        found = self._found(stage, parts, decode)
        todo = [i for i in range(len(parts)) if i not in found]
        self._forecast.begin(stage, [parts[i].kind for i in todo])
        if not todo:
            self.show(stage, len(parts), len(parts), self._forecast.left(1))
            return [found[i] for i in range(len(parts))]
        workers = effective_n_jobs(self.n_jobs)
        self.show(stage, len(found), len(parts), self._forecast.left(workers))
        jobs = [delayed(_timed)(i, parts[i].call) for i in _sampled(parts, todo)]
        run = Parallel(n_jobs=self.n_jobs, return_as="generator_unordered")
        # as they come, so that the progress is true and a stop loses little
        with _ended(run(jobs)) as done:
            for i, seconds, value in done:
                plain = value if encode is None else encode(value)
                if self.store is not None:
                    self.store.put(stage, parts[i].key, plain, seconds)
                # what is not encoded looks the same as when it is read from a file
                found[i] = json.loads(json.dumps(plain)) if encode is None else value
                work.add(seconds, taken_up=False)
                self._forecast.took(stage, parts[i].kind, seconds)
                self.show(stage, len(found), len(parts), self._forecast.left(workers))
        return [found[i] for i in range(len(parts))]

    def _found(
        self, stage: str, parts: Sequence[Part], decode: Callable[[Any], Any] | None
    ) -> dict[int, Any]:
        """Read the results of earlier runs, by place in the list."""
        found: dict[int, Any] = {}
        if self.store is None:
            return found
        if not self._opened:
            self.store.open()
            self._opened = True
        for i, part in enumerate(parts):
            record = self.store.get(stage, part.key)
            if record is None:
                continue
            try:
                value = record["value"]
                found[i] = value if decode is None else decode(value)
            except _UNREADABLE:
                continue
            seconds = float(record["seconds"])
            self.work[stage].add(seconds, taken_up=True)
            self._forecast.took(stage, part.kind, seconds, waited=False)
        return found


def digest(*rows: Any) -> str:
    """Return a short text that stands for arrays of numbers, for the key of a part."""
    import numpy as np

    found = hashlib.sha256()
    for values in rows:
        array = np.ascontiguousarray(values)
        if array.dtype.hasobject:
            # text and the like; the bytes of an object are where it lies in memory
            array = array.astype(np.str_)
        found.update(f"{array.dtype.str}{array.shape}".encode())
        found.update(array.tobytes())
    return found.hexdigest()[:16]


def _sampled(parts: Sequence[Part], todo: Sequence[int]) -> list[int]:
    """Put one part of each kind first: their seconds tell how long the rest takes."""
    first: dict[str, int] = {}
    for i in todo:
        first.setdefault(parts[i].kind, i)
    heads = set(first.values())
    return [*first.values(), *(i for i in todo if i not in heads)]


@contextmanager
def _ended(results: Generator[Any]) -> Iterator[Generator[Any]]:
    """End the work of joblib's generator also where a stop cuts it short."""
    try:
        yield results
    finally:
        with warnings.catch_warnings():
            # it counts what was not finished and advises to submit less
            warnings.simplefilter("ignore", UserWarning)
            results.close()


def _timed(place: int, call: Any) -> tuple[int, float, Any]:
    from joblib import parallel_config

    function, args, kwargs = call
    began = time.perf_counter()
    # A part is done by one worker: forests on several threads would add up their
    # trees in another order, and the last digits depend on where the part is done.
    with parallel_config(backend="sequential", n_jobs=1):
        value = function(*args, **kwargs)
    return place, time.perf_counter() - began, value
