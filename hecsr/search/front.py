"""Formulas from simple to complex, and the choice among them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from hecsr.errors import SearchError, SearchWarning, UnitError
from hecsr.formula.formula import Formula, Target
from hecsr.result import LimitBy, limited
from hecsr.search.running import Running, SearchProgress
from hecsr.search.selection import Result, inner_errors, one_standard_error

if TYPE_CHECKING:
    from hecsr.search.samples import Samples
    from hecsr.search.selection import Split


@dataclass(frozen=True)
class FrontPoint:
    """One formula of a front: the best that a search of `limit` terms found.

    `error` is the inner cross-validation's mean loss of the whole search under this
    limit (squared error; for classes the Brier score) and `error_se` its standard
    error; None without inner folds. They serve the choice and are not the error to
    quote, which is that of held-out data the choice has not seen.
    """

    limit: int
    formula: Formula
    error: float | None
    error_se: float | None

    @property
    def complexity(self) -> int:
        """Number of operator nodes of the formula."""
        return self.formula.complexity


@dataclass(frozen=True)
class Searched:
    """The best formula of each limit, and whether the end was reached.

    A limit is a number of terms, or of operators where constants stand anywhere.
    `preferred` is what to choose where no inner folds decide; by default the last.
    """

    best: Mapping[int, Result]
    interrupted: bool = False
    limit_by: LimitBy = "terms"
    preferred: int | None = None


@dataclass(frozen=True)
class Front:
    """What was fitted for each limit, its error, and which limit is chosen."""

    fitted: Mapping[int, Any]
    errors: Mapping[int, tuple[float | None, float | None]]
    chosen: int
    interrupted: bool


def build_front(
    searched: Searched,
    search: Callable[[Samples, Running], Searched],
    samples: Samples,
    splits: Sequence[Split],
    target: Target,
    running: Running,
    n_jobs: int | None,
) -> Front:
    """Fit what was found to all samples, and choose by the inner folds.

    Without folds, or after an interrupt, what the search prefers is chosen, or the
    most terms that were finished; of an interrupt the user is warned.
    """
    fitted: dict[int, Any] = {0: samples.refit((), target)}
    for limit, terms in searched.best.items():
        try:
            fitted[limit] = samples.refit(terms, target)
        except (SearchError, UnitError):
            break
    limits = list(fitted)
    errors: dict[int, tuple[float | None, float | None]]
    errors = dict.fromkeys(limits, (None, None))
    chosen = limits[-1]
    if searched.preferred in fitted:
        chosen = searched.preferred
    interrupted = ""
    if searched.interrupted:
        interrupted = f"after the search of {limited(limits[-1], searched.limit_by)}"
    elif splits:
        try:
            mean, se = inner_errors(
                partial(_finished, search, running=running.silent),
                samples,
                splits,
                limits,
                target,
                n_jobs=n_jobs,
                done=lambda k: running.tell(SearchProgress("folds", k, len(splits))),
            )
        except KeyboardInterrupt:
            interrupted = "in the inner folds"
        else:
            pairs = zip(mean.tolist(), se.tolist(), strict=True)
            errors = dict(zip(limits, pairs, strict=True))
            chosen = limits[one_standard_error(mean, se)]
        finally:
            running.stop.asked = True
    if interrupted:
        instead = ", and not what inner cross-validation would choose" if splits else ""
        msg = (
            f"interrupted {interrupted}: formula_ has "
            f"{limited(chosen, searched.limit_by)}, the best that was finished{instead}"
        )
        warnings.warn(msg, SearchWarning, stacklevel=4)
    return Front(fitted, errors, chosen, bool(interrupted))


def _finished(
    search: Callable[[Samples, Running], Searched], samples: Samples, running: Running
) -> Mapping[int, Result]:
    """Search in a fold; half a search says nothing of its limits."""
    searched = search(samples, running)
    if searched.interrupted:
        raise KeyboardInterrupt
    return searched.best
