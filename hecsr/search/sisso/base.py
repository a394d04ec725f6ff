"""What the estimators of the sparse search share: options, fit, and what it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from hecsr.errors import SearchError, suggestion
from hecsr.search.engine import FormulaEstimator
from hecsr.search.front import Searched
from hecsr.search.logarithms import in_logarithms, written_out
from hecsr.search.running import Callback, Running, one_blas_thread, threads_for
from hecsr.search.sisso.cost import MAX_EXHAUSTIVE
from hecsr.search.sisso.models import RankedModel, ranked_models, simplest_of_each
from hecsr.search.sisso.search import Found, search
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.search.sisso.sparsifying.solvers import (
    CRITERIA,
    METHODS,
    classification_solver,
    regression_solver,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.formula import Target
    from hecsr.search.samples import Samples
    from hecsr.search.sisso.checkpoint import Checkpoint
    from hecsr.search.sisso.sparsifying.sparsify import Solver

MOST_TERMS: Final = 10
"""Most terms of a formula that is put together one term at a time."""


@dataclass(frozen=True)
class _SissoSearched(Searched):
    found: Found | None = None


class SissoEstimator(FormulaEstimator):
    """What all kinds of targets share."""

    space: SearchSpace | None
    budget: Budget | None
    n_residuals: int
    n_jobs: int | None
    method: str = "exhaustive"
    criterion: str = "likelihood"
    beam: int = 0

    models_: dict[int, tuple[RankedModel, ...]]
    cut_: str

    def fit(
        self,
        X: Any,
        y: Any,
        groups: Any = None,
        sample_weight: Any = None,
        *,
        callback: Callback | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
    ) -> Self:
        """Search formulas for `y`.

        Ctrl-C ends the search and keeps the formulas of all numbers of terms that
        are finished, with a warning; if there are none it is passed on.

        Parameters
        ----------
        X
            Table of descriptors (DataFrame with descriptor names, or array).
        y
            Target values, or labels of two classes.
        groups
            Rows of one group are never parted by the inner folds.
        sample_weight
            Non-negative weights; rows of weight zero take no part.
        callback
            Called with a :class:`~hecsr.search.running.SearchProgress`: first with
            the cost, then as the search on all rows and the inner folds go on,
            perhaps from another thread. What it raises ends the fit.
        checkpoint
            Folder for what the searches have finished; a later fit of the same data
            and options goes on from there, with the same result.

        Raises
        ------
        SearchError
            If these data cannot be searched, the search is above its budget, or a
            checkpoint is damaged; the message says which.
        OutputError
            If a checkpoint cannot be written.
        """
        given = self._given(X, y, groups, sample_weight)
        self._check_enough(given.samples)
        running = running_for(callback, checkpoint)
        with one_blas_thread():
            self._build_front(given.samples, given.groups, given.target, running)
        return self

    @property
    def simple_models_(self) -> tuple[RankedModel, ...]:
        """The models that no simpler one of `models_` equals, from simple to complex.

        Each has a lower error than all of lower complexity.
        """
        return simplest_of_each(self.models_)

    def _check_options(self) -> Sequence[Descriptor] | None:
        if self.method not in METHODS:
            hint = suggestion(self.method, METHODS)
            raise SearchError(f"unknown method '{self.method}'; {hint}")
        if self.criterion not in CRITERIA:
            hint = suggestion(self.criterion, CRITERIA)
            raise SearchError(f"unknown criterion '{self.criterion}'; {hint}")
        exhaustive = self.method == "exhaustive"
        most = MAX_EXHAUSTIVE if exhaustive else MOST_TERMS
        if self.max_terms > most:
            more = ""
            if exhaustive and self._task == "regression":
                others = " and ".join(f"'{m}'" for m in METHODS[1:])
                more = f"; the methods {others} go up to {MOST_TERMS}"
            raise SearchError(
                f"max_terms is {self.max_terms}; at most {most} are searched{more}"
            )
        for name, least in (("n_residuals", 1), ("beam", 0)):
            given = getattr(self, name)
            if given < least:
                raise SearchError(f"{name} is {given}; at least {least} is needed")
        threads_for(self.n_jobs)
        return super()._check_options()

    def _searched(self, samples: Samples, running: Running) -> _SissoSearched:
        inside = in_logarithms(samples)
        found = self._find(inside, running)
        terms = {
            d: tuple(written_out(t, samples) for t in found.terms(models[0], inside))
            for d, models in found.models.items()
        }
        return _SissoSearched(terms, found.interrupted, found=found)

    def _searched_in_fold(self, samples: Samples, running: Running) -> Searched:
        # a process of its own knows nothing of the limit set for the fit
        with one_blas_thread():
            return self._searched(samples, running)

    def _keep(self, searched: Searched, samples: Samples, target: Target) -> None:
        assert isinstance(searched, _SissoSearched)
        assert searched.found is not None
        found, size = searched.found, searched.found.size
        self.models_ = ranked_models(found, in_logarithms(samples), samples, target)
        self.cut_ = found.cut
        self.size_ = {
            "descriptors": len(samples.descriptors),
            "candidate_features": found.work.nominal or size.candidates,
            "evaluated_features": found.work.evaluated,
            "stored_features": len(found.features),
            "models": size.models,
            "megabytes": round(size.n_bytes / 1e6),
        }

    def _find(self, samples: Samples, running: Running) -> Found:
        space, budget = self.space or SearchSpace(), self.budget or Budget()
        threads = threads_for(self.n_jobs)
        return search(
            self._screened(samples),
            space,
            budget,
            max_terms=self.max_terms,
            n_residuals=self.n_residuals,
            solve=self._solver(samples, threads),
            stepwise=self.method != "exhaustive",
            beam=self.beam,
            threads=threads,
            running=running,
            checkpoint=self._checkpoint(samples, space, budget, running),
        )

    def _solver(self, samples: Samples, threads: int) -> Solver:
        keep = max(self.n_residuals, self.beam)
        if self._task == "classification":
            return classification_solver(
                samples, keep, criterion=self.criterion, threads=threads
            )
        return regression_solver(samples, keep, method=self.method, threads=threads)

    def _screened(self, samples: Samples) -> Samples:
        """Return the samples with the targets that the first screening looks at."""
        return samples

    def _checkpoint(
        self, samples: Samples, space: SearchSpace, budget: Budget, running: Running
    ) -> Checkpoint | None:
        if running.checkpoint is None:
            return None
        from hecsr.search.sisso.checkpoint import Checkpoint, fingerprint

        found = fingerprint(samples, space, budget, self._told(samples))
        return Checkpoint(running.checkpoint, found)

    def _told(self, samples: Samples) -> dict[str, Any]:
        """Return the options that the result of a search depends on."""
        del samples
        names = ("max_terms", "n_residuals", "beam", "method", "criterion")
        return {name: getattr(self, name) for name in names}


class SissoNumbers(SissoEstimator):
    """Options of the searches for numbers."""

    fit_intercept: bool
    method: str
    beam: int

    def __init__(
        self,
        *,
        space: SearchSpace | None = None,
        budget: Budget | None = None,
        max_terms: int = 3,
        n_residuals: int = 1,
        beam: int = 0,
        method: str = "exhaustive",
        fit_intercept: bool = True,
        inner_folds: int = 5,
        random_state: Any = 0,
        n_jobs: int | None = None,
        descriptors: Sequence[Descriptor] | None = None,
        target: Target | None = None,
    ) -> None:
        self.space = space
        self.budget = budget
        self.max_terms = max_terms
        self.n_residuals = n_residuals
        self.beam = beam
        self.method = method
        self.fit_intercept = fit_intercept
        self.inner_folds = inner_folds
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.descriptors = descriptors
        self.target = target


def running_for(
    callback: Callback | None, checkpoint: str | os.PathLike[str] | None
) -> Running:
    """Return how a fit runs; a folder is the same for all its processes."""
    folder = None if checkpoint is None else Path(checkpoint).resolve()
    return Running(callback, folder)
