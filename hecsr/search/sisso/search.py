"""The search: screen against the residuals, choose the best tuples, and again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import comb
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.formula.expression import Array, Expression
from hecsr.formula.printers.text import to_text
from hecsr.search.running import Running, SearchProgress
from hecsr.search.sisso.building.features import Features, Recipes
from hecsr.search.sisso.building.generate import stored_features
from hecsr.search.sisso.building.units import UnitTable
from hecsr.search.sisso.building.weighting import Weighting
from hecsr.search.sisso.cost import SpaceSize
from hecsr.search.sisso.journal import Journal
from hecsr.search.sisso.refine import MOST_TERMS, Refinement
from hecsr.search.sisso.screening.goals import Goal
from hecsr.search.sisso.screening.ranking import Evaluator, distinct
from hecsr.search.sisso.screening.screening import Screening
from hecsr.search.sisso.screening.work import Work
from hecsr.search.sisso.size import fit_to_budget
from hecsr.search.sisso.sparsifying.sparsify import Model, Pool, Solver

if TYPE_CHECKING:
    from hecsr.search.samples import Samples
    from hecsr.search.sisso.checkpoint import Checkpoint
    from hecsr.search.sisso.space import Budget, SearchSpace

_MET: Final = 1e-24
"""A model that leaves less of the variance has met the target exactly."""
_ROUNDING: Final = 4 * np.finfo(np.float64).eps
"""Error of a value, relative to the largest one, that rounding alone explains."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """The pool that the screenings kept and the best models of each dimension.

    Attributes
    ----------
    features
        The stored features, without their values.
    models
        By number of terms, best first.
    size, cut
        What the search was expected to cost, and how it was cut to the budget
        (empty if it was not).
    interrupted
        Whether the last dimensions are missing because of an interrupt.
    """

    features: Features
    pool: Recipes
    models: dict[int, tuple[Model, ...]]
    size: SpaceSize
    cut: str
    work: Work
    interrupted: bool = False

    def terms(self, model: Model, samples: Samples) -> tuple[Expression, ...]:
        """Write out the terms of a model."""
        return written(self.features, self.pool, model, samples)


def written(
    features: Features, pool: Recipes, model: Model, samples: Samples
) -> tuple[Expression, ...]:
    """Write out the terms of a model on a pool."""
    return tuple(
        features.expression(
            int(pool.operator[m]),
            int(pool.left[m]),
            int(pool.right[m]),
            samples.descriptors,
        )
        for m in model.members
    )


def weighting_of(samples: Samples) -> Weighting:
    """Return how the samples count."""
    return Weighting(samples.share, samples.intercept, samples.edges)


def search(
    samples: Samples,
    space: SearchSpace,
    budget: Budget,
    *,
    max_terms: int,
    n_residuals: int,
    solve: Solver,
    stepwise: bool = False,
    beam: int = 0,
    threads: int = 1,
    running: Running | None = None,
    checkpoint: Checkpoint | None = None,
) -> Found:
    """Return the best models of 1, 2, ... terms over the whole space.

    Each dimension keeps the features that correlate most with the residuals of the
    `n_residuals` best models of the dimension before, beside those kept earlier,
    and then takes the best tuples of all kept. An interrupt leaves the dimensions
    that are finished; if there are none it is passed on.

    Parameters
    ----------
    solve
        Finds the best models of a pool.
    stepwise
        Whether it adds one term at a time, and does not fit every tuple.
    beam
        Models of each dimension that are refined.
    threads
        Threads that share the work.

    Raises
    ------
    SearchError
        If the space is above the budget.
    """
    running = running or Running()
    values, described = samples.values, samples.descriptors
    weighting = weighting_of(samples)
    space, budget, size, cut = fit_to_budget(
        space,
        described,
        values,
        budget,
        max_terms=max_terms,
        n_residuals=n_residuals,
        method="stepwise" if stepwise else "exhaustive",
        weighting=weighting,
    )
    cost = f"{cut}; {size}" if cut else str(size)
    _log.info("%s", cost)
    running.tell(SearchProgress("size", 0, size.candidates, text=cost))
    units = UnitTable()
    features = stored_features(values, described, weighting, space, units)
    if not len(features):
        return Found(features, Recipes.join([]), {}, size, cut, Work())
    evaluator = Evaluator(features, weighting, space)
    screening = Screening(
        evaluator,
        space,
        units,
        cache_bytes=budget.cache_bytes,
        precision=budget.precision,
        threads=threads,
    )
    journal = Journal(features, len(samples.y), running, checkpoint)
    required = (1 << len(space.required)) - 1
    pool, rows = Recipes.join([]), np.empty((0, len(samples.y)))
    residuals = [samples.y]
    models: dict[int, tuple[Model, ...]] = {}
    interrupted = False
    try:
        for dimension in range(1, max_terms + 1):
            new = journal.pool(dimension)
            if new is None:
                goals = goals_of(residuals, required)
                lists = screening.best(
                    goals,
                    budget.sis,
                    rows,
                    watch=journal.watch(dimension),
                    resume=journal.resume(len(goals)),
                )
                new = distinct(lists, evaluator)
                journal.screened(new)
            pool = Recipes.join([pool, new])
            rows = np.vstack([rows, evaluator.standardised(new)])
            refined = beam and 2 <= dimension <= MOST_TERMS
            if dimension == max_terms and not refined:
                screening.release()
            found = journal.models(dimension)
            if found is None:
                many = len(pool)
                tuples = many * dimension if stepwise else comb(many, dimension)
                running.tell(SearchProgress("sparsifying", 0, tuples, dimension))
                bits = evaluator.bits(pool)
                found = tuple(solve(Pool(rows, weighting, bits, required), dimension))
                more = Recipes.join([])
                if refined:
                    refinement = Refinement(
                        samples.y,
                        evaluator,
                        screening,
                        dimension,
                        beam,
                        required,
                        threads,
                        journal.watch(dimension, "refining"),
                    )
                    smaller = models.get(dimension - 1, ())
                    found, more = refinement.improve(found, smaller, pool, solve)
                    pool = Recipes.join([pool, more])
                    rows = np.vstack([rows, evaluator.standardised(more)])
                journal.solved(found, [more])
            if found:
                models[dimension] = found
                running.tell(
                    SearchProgress(
                        "found",
                        dimension,
                        max_terms,
                        dimension,
                        len(found),
                        _described(written(features, pool, found[0], samples)),
                    )
                )
            # required descriptors may need more terms, or features not yet kept
            elif not required or not len(new):
                break
            if found and samples.task == "regression" and _met(found[0], samples):
                break
            residuals = [m.residual for m in found[:n_residuals]] or residuals
    except KeyboardInterrupt:
        journal.keep()
        if not models:
            raise
        interrupted = True
    few = replace(features, values=np.empty((len(features), 0)))
    return Found(few, pool, models, size, cut, screening.work, interrupted)


def goals_of(residuals: Sequence[Array], required: int) -> list[Goal]:
    """Return what one screening looks for.

    Beside the features that correlate most with each residual, those that contain
    required descriptors, one or all: few of them may be among the former.
    """
    bits = [1 << k for k in range(required.bit_length())]
    masks = [0, *bits, *([required] if len(bits) > 1 else [])]
    return [Goal(r, containing=mask) for r in residuals for mask in masks]


def _met(model: Model, samples: Samples) -> bool:
    """Whether a model leaves no more than rounding of the target."""
    y = samples.y / np.abs(samples.y).max()
    spread = float(np.sum(weighting_of(samples).standardised(y)[1] ** 2))
    return model.loss <= max(_MET, _ROUNDING**2 / spread)


def _described(terms: tuple[Expression, ...]) -> str:
    return "; ".join(to_text(term, digits=4) for term in terms)
