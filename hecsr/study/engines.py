"""The engines of an analysis: made, named, and left out where they cannot run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hecsr.result import LimitBy

if TYPE_CHECKING:
    from hecsr.config import Analysis, Lasso, Sisso
    from hecsr.study.samples import Samples


@dataclass(frozen=True)
class Engine:
    """An unfitted engine, how it is named and described, and what limits it.

    `refits` says whether it is cheap enough to be refitted without each descriptor.
    """

    name: str
    label: str
    estimator: Any
    description: str
    limit_by: LimitBy = "terms"
    refits: bool = True


def engines(analysis: Analysis, samples: Samples) -> tuple[Engine, ...]:
    """Return the engines that the analysis asks for and that can run here."""
    asked = analysis.engines
    shared: dict[str, Any] = {
        "descriptors": samples.table.descriptors,
        "target": samples.target,
        "random_state": analysis.seed,
    }
    classes = analysis.task == "classification"
    found = []
    if asked.sisso is not None:
        found.append(_sisso(asked.sisso, shared, classes=classes))
    if asked.lasso is not None:
        found.append(_lasso(asked.lasso, shared, classes=classes))
    return tuple(found)


def _sisso(asked: Sisso, shared: dict[str, Any], *, classes: bool) -> Engine:
    from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor
    from hecsr.search.sisso.space import Budget, SearchSpace

    space = SearchSpace(
        operators=tuple(asked.operators),
        rungs=asked.rungs,
        max_complexity=asked.complexity,
    )
    make = SissoClassifier if classes else SissoRegressor
    return Engine(
        "sisso",
        "SISSO",
        make(
            space=space,
            budget=Budget(sis=asked.screened, max_candidates=asked.max_candidates),
            max_terms=asked.terms,
            n_residuals=asked.residuals,
            beam=asked.beam,
            inner_folds=asked.inner_folds,
            **shared,
        ),
        f"features of up to {asked.complexity} operations on {asked.rungs} rungs of "
        f"{' '.join(asked.operators)}; {asked.screened} kept per screening, every set "
        f"of up to {asked.terms} fitted; number of terms {_chosen(asked.inner_folds)}",
    )


def _lasso(asked: Lasso, shared: dict[str, Any], *, classes: bool) -> Engine:
    from hecsr.search.lasso import LassoFormula, LassoFormulaClassifier

    make = LassoFormulaClassifier if classes else LassoFormula
    return Engine(
        "lasso",
        "LASSO",
        make(max_terms=asked.terms, inner_folds=asked.inner_folds, **shared),
        "LASSO on descriptors, their powers and products, supports refitted; up to "
        f"{asked.terms} terms, {_chosen(asked.inner_folds)}",
    )


def _chosen(inner_folds: int) -> str:
    return (
        f"chosen by {inner_folds} inner folds, one-standard-error rule, in each "
        "training fold"
    )
