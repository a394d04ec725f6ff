"""The engines of an analysis: made, named, and left out where they cannot run."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hecsr.errors import ConfigError, SearchError, SearchWarning
from hecsr.result import LimitBy
from hecsr.search.operon.available import available as operon_available

if TYPE_CHECKING:
    from hecsr.config import Analysis, Lasso, Operon, PySR, Sisso
    from hecsr.study.samples import Samples


@dataclass(frozen=True)
class Engine:
    """An unfitted engine, how it is named and described, and what limits it.

    `refits` says whether it is cheap enough to be refitted without each descriptor.
    `light` is the same with a smaller budget, for work that repeats the search
    hundreds of times, and `light_words` state that budget; None where the engine is
    fast enough as it is.
    """

    name: str
    label: str
    estimator: Any
    description: str
    limit_by: LimitBy = "terms"
    refits: bool = True
    light: Any = None
    light_words: str = "the budget of the comparison"

    @property
    def repeated(self) -> Any:
        """The unfitted engine that scrambled targets and bootstraps repeat."""
        return self.estimator if self.light is None else self.light

    @property
    def repeated_share(self) -> float:
        """What a fit of `repeated` takes, as a share of one of `estimator`.

        By the budgets: the work of a search, times the inner folds and the fit to all
        rows. 1 where there is no smaller budget.
        """
        if self.light is None:
            return 1.0
        return _work(self.light) / _work(self.estimator)


def _work(estimator: Any) -> float:
    return float(estimator.budget.work * (estimator.inner_folds + 1))


def engines(
    analysis: Analysis, samples: Samples
) -> tuple[tuple[Engine, ...], dict[str, str]]:
    """Return the engines that the analysis asks for, and why some cannot run here.

    Raises
    ------
    ConfigError
        If none of them can run.
    """
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
    skipped = {}
    if asked.operon is not None:
        operon = _operon(asked.operon, shared, classes=classes)
        if (reason := operon_available()) is None:
            found.append(operon)
        else:
            skipped[operon.label] = reason
    if asked.pysr is not None:
        pysr = _pysr(asked.pysr, shared, classes=classes)
        if (reason := _pysr_missing()) is None:
            found.append(pysr)
        else:
            skipped[pysr.label] = reason
    if not found:
        reasons = "; ".join(f"{name}: {why}" for name, why in skipped.items())
        raise ConfigError(f"no engine of the analysis can run here: {reasons}")
    return tuple(found), skipped


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


def _operon(asked: Operon, shared: dict[str, Any], *, classes: bool) -> Engine:
    from hecsr.search.operon.estimator import OperonFormula, OperonFormulaClassifier
    from hecsr.search.operon.space import OperonBudget, OperonSpace

    make = OperonFormulaClassifier if classes else OperonFormula
    space = OperonSpace(operators=tuple(asked.operators), max_length=asked.length)
    light = OperonBudget(
        restarts=1,
        population=min(asked.population, 200),
        generations=min(asked.generations, 10),
    )
    folds = min(asked.inner_folds, 2)
    return Engine(
        "operon",
        "Operon",
        make(
            space=space,
            budget=OperonBudget(
                restarts=asked.restarts,
                population=asked.population,
                generations=asked.generations,
            ),
            inner_folds=asked.inner_folds,
            **shared,
        ),
        f"genetic programming: trees of up to {asked.length} nodes of "
        f"{' '.join(asked.operators)}; {_restarts(asked.restarts)} of "
        f"{asked.population} formulas over {asked.generations} generations, constants "
        f"refitted; number of operators {_chosen(asked.inner_folds)}",
        limit_by="complexity",
        refits=False,
        light=make(space=space, budget=light, inner_folds=folds, **shared),
        light_words=f"one restart of {light.population} formulas over "
        f"{light.generations} generations, {folds} inner folds",
    )


def _pysr(asked: PySR, shared: dict[str, Any], *, classes: bool) -> Engine:
    from hecsr.search.pysr.estimator import PySRFormula, PySRFormulaClassifier
    from hecsr.search.pysr.options import PySRBudget, PySRSpace

    make = PySRFormulaClassifier if classes else PySRFormula
    space = PySRSpace(operators=tuple(asked.operators), max_complexity=asked.complexity)
    light = PySRBudget(
        iterations=min(asked.iterations, 5),
        populations=min(asked.populations, 8),
        population_size=asked.population,
        parsimony=asked.parsimony,
    )
    folds = min(asked.inner_folds, 2)
    return Engine(
        "pysr",
        "PySR",
        make(
            space=space,
            budget=PySRBudget(
                iterations=asked.iterations,
                populations=asked.populations,
                population_size=asked.population,
                parsimony=asked.parsimony,
            ),
            inner_folds=asked.inner_folds,
            **shared,
        ),
        f"genetic programming: formulas of up to {asked.complexity} parts of "
        f"{' '.join(asked.operators)}; {asked.iterations} iterations of "
        f"{asked.populations} populations, units respected, constants refitted; number "
        f"of operators {_chosen(asked.inner_folds)}",
        limit_by="complexity",
        refits=False,
        light=make(space=space, budget=light, inner_folds=folds, **shared),
        light_words=f"{light.iterations} iterations of {light.populations} "
        f"populations, {folds} inner folds",
    )


def _pysr_missing() -> str | None:
    """Return why PySR cannot run; a Julia without its packages shows only at work."""
    import numpy as np

    from hecsr.search.pysr.estimator import PySRFormula
    from hecsr.search.pysr.julia import available
    from hecsr.search.pysr.options import PySRBudget

    if (reason := available()) is not None:
        return reason
    x = np.linspace(1.0, 2.0, 12)[:, None]
    least = PySRBudget(iterations=1, populations=2)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SearchWarning)
            PySRFormula(budget=least, inner_folds=0).fit(x, x[:, 0] ** 2)
    except SearchError as error:
        return str(error)
    return None


def _restarts(number: int) -> str:
    return "one restart" if number == 1 else f"{number} restarts"


def _chosen(inner_folds: int) -> str:
    return (
        f"chosen by {inner_folds} inner folds, one-standard-error rule, in each "
        "training fold"
    )
