"""What the engines share whose formulas hold constants anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from sklearn.utils.validation import check_random_state

from hecsr.errors import SearchError
from hecsr.formula.expression import Expression, complexity
from hecsr.formula.formula import Target
from hecsr.formula.nonlinear import Form
from hecsr.search.engine import FormulaEstimator
from hecsr.search.front import Searched
from hecsr.search.logarithms import in_logarithms, written_out
from hecsr.search.running import Callback, Running, one_blas_thread, threads_for
from hecsr.search.symbolic.front import FrontRule, best_by_complexity
from hecsr.search.symbolic.loss import bayes_criterion, training_loss

if TYPE_CHECKING:
    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.search.samples import Samples

_LEAST_ROWS: Final = 4


@dataclass(frozen=True)
class Candidates:
    """The forms that an engine has found, whether it was stopped, and its counts."""

    forms: Sequence[Form]
    interrupted: bool = False
    counts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _SymbolicSearched(Searched):
    counts: Mapping[str, float] = field(default_factory=dict)


class SymbolicEstimator(FormulaEstimator):
    """Base of the engines whose limit is a number of operators.

    A subclass stores `inner_folds`, `random_state`, `n_jobs`, `descriptors` and
    `target`, and implements :meth:`_candidates`.
    """

    n_jobs: int | None

    def _candidates(self, samples: Samples, running: Running) -> Candidates:
        """Search forms; logarithmic descriptors are given as their logarithms."""
        raise NotImplementedError

    def _front_rule(self) -> FrontRule:
        return FrontRule()

    def fit(
        self,
        X: Any,
        y: Any,
        groups: Any = None,
        sample_weight: Any = None,
        *,
        callback: Callback | None = None,
    ) -> Self:
        """Search formulas for `y`.

        Ctrl-C ends the search and keeps the formulas that are finished, with a
        warning; if there are none it is passed on.

        Parameters
        ----------
        X
            Table of descriptors (DataFrame with descriptor names, or array).
        y
            Target values, or labels of two classes.
        groups
            Rows of one group are never parted by the inner folds.
        sample_weight
            Non-negative weights. The search itself counts all rows of positive
            weight alike; constants are fitted and formulas compared with the weights.
        callback
            Called with a :class:`~hecsr.search.running.SearchProgress`, perhaps from
            another thread. What it raises ends the fit.

        Raises
        ------
        SearchError
            If these data cannot be searched; the message says why.
        EngineMissing
            If the engine's program is not to be had; the message says how to get it.
        """
        given = self._given(X, y, groups, sample_weight)
        self._check_enough(given.samples)
        # folds may run beside each other: the state is asked once, before them
        self._entropy = int(check_random_state(self.random_state).randint(2**31 - 1))
        with one_blas_thread(), _overflowing():
            self._build_front(
                given.samples, given.groups, given.target, Running(callback)
            )
        return self

    def _searched(self, samples: Samples, running: Running) -> _SymbolicSearched:
        inside = _varying(in_logarithms(samples))
        if not inside.descriptors:
            return _SymbolicSearched({}, limit_by="complexity")
        found = self._candidates(inside, running)
        target = self.target or Target("y")

        def written(expression: Expression) -> Expression:
            return written_out(expression, samples)

        best = best_by_complexity(
            found.forms,
            inside,
            target,
            self._front_rule(),
            weigh=lambda expression: complexity(written(expression)),
        )
        forms = {c: Form(written(f.expression), f.start) for c, f in best.items()}
        criteria = {
            c: bayes_criterion(
                training_loss(f.expression, f.start, inside), len(f.start), inside
            )
            for c, f in best.items()
        }
        return _SymbolicSearched(
            forms,
            found.interrupted,
            limit_by="complexity",
            preferred=min(criteria, key=criteria.__getitem__) if criteria else None,
            counts=found.counts,
        )

    def _searched_in_fold(self, samples: Samples, running: Running) -> Searched:
        # a process of its own knows nothing of the limit set for the fit
        with one_blas_thread(), _overflowing():
            return self._searched(samples, running)

    def _keep(self, searched: Searched, samples: Samples, target: Target) -> None:
        del target
        assert isinstance(searched, _SymbolicSearched)
        self.size_ = {**self._measure(samples), **searched.counts}

    def _check_options(self) -> Sequence[Descriptor] | None:
        threads_for(self.n_jobs)
        return self._check_folds()

    def _check_enough(self, samples: Samples) -> None:
        n = len(samples.y)
        if n < _LEAST_ROWS:
            msg = (
                f"n_samples = {n} is too few to tell formulas apart; at least "
                f"{_LEAST_ROWS} are needed"
            )
            raise SearchError(msg)
        self._check_varies(samples)


def _varying(samples: Samples) -> Samples:
    """Leave out descriptors that say nothing: each would be one more number."""
    kept = np.flatnonzero(np.ptp(samples.values, axis=0) > 0)
    return replace(
        samples,
        values=np.ascontiguousarray(samples.values[:, kept]),
        descriptors=tuple(samples.descriptors[j] for j in kept),
    )


def _overflowing() -> np.errstate:
    """Return a context for forms that overflow; the values are looked at instead."""
    return np.errstate(all="ignore")
