"""The engines of an analysis: made, named, and left out where they cannot run."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from hecsr.errors import ConfigError, SearchError, SearchWarning
from hecsr.result import LimitBy
from hecsr.search.operon.available import available as operon_available
from hecsr.validation.chance import SAME_BUDGET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hecsr.config import Analysis
    from hecsr.config_engines import Lasso, Operon, PySR, Sisso
    from hecsr.study.samples import Samples


_RANKED: Final = {
    "likelihood": "their likelihood",
    "overlap": "the overlap of the classes' domains, then their likelihood",
}
_PYSR_SPACE: Final = {
    "depth": "max_depth",
    "dimensionless_constants": "dimensionless_constants_only",
} | {
    name: name
    for name in (
        "constraints", "nested_constraints", "complexity_of_operators",
        "complexity_of_constants", "complexity_of_variables", "units", "poles", "snap",
    )
}  # fmt: skip
_PYSR_BUDGET: Final = {
    name: name
    for name in ("cycles", "batching", "batch_size", "max_evaluations", "early_stop")
}
"""Options by the names that their groups have for them."""


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
    light_words: str = SAME_BUDGET

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
    make: Any = SissoClassifier if classes else SissoRegressor
    more = _weighing(asked, classes=classes)
    ranked = ""
    if classes and asked.criterion is not None:
        more["criterion"] = asked.criterion
        ranked = f"; sets ranked by {_RANKED[asked.criterion]}"
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
            **more,
            **shared,
        ),
        f"features of up to {asked.complexity} operations on {asked.rungs} rungs of "
        f"{' '.join(asked.operators)}; {asked.screened} kept per screening, every set "
        f"of up to {asked.terms} fitted{ranked}; number of terms "
        f"{_chosen(asked.inner_folds)}{_weighed(more)}",
    )


def _lasso(asked: Lasso, shared: dict[str, Any], *, classes: bool) -> Engine:
    from hecsr.search.lasso import LassoFormula, LassoFormulaClassifier

    make: Any = LassoFormulaClassifier if classes else LassoFormula
    more = _weighing(asked, classes=classes)
    return Engine(
        "lasso",
        "LASSO",
        make(max_terms=asked.terms, inner_folds=asked.inner_folds, **more, **shared),
        "LASSO on descriptors, their powers and products, supports refitted; up to "
        f"{asked.terms} terms, {_chosen(asked.inner_folds)}{_weighed(more)}",
    )


def _operon(asked: Operon, shared: dict[str, Any], *, classes: bool) -> Engine:
    from hecsr.search.operon.estimator import OperonFormula, OperonFormulaClassifier
    from hecsr.search.operon.space import OperonBudget, OperonSpace

    make: Any = OperonFormulaClassifier if classes else OperonFormula
    shared = shared | (more := _weighing(asked, classes=classes))
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
        f"refitted; number of operators {_chosen(asked.inner_folds)}{_weighed(more)}",
        limit_by="complexity",
        refits=False,
        light=make(space=space, budget=light, inner_folds=folds, **shared),
        light_words=f"one restart of {light.population} formulas over "
        f"{light.generations} generations, {folds} inner folds",
    )


def _pysr(asked: PySR, shared: dict[str, Any], *, classes: bool) -> Engine:
    from hecsr.search.pysr.estimator import PySRFormula, PySRFormulaClassifier
    from hecsr.search.pysr.options import PySRBudget, PySRSpace

    make: Any = PySRFormulaClassifier if classes else PySRFormula
    shared = shared | (more := _weighing(asked, classes=classes))
    try:
        space = PySRSpace(
            operators=tuple(asked.operators),
            max_complexity=asked.complexity,
            **_given(asked, _PYSR_SPACE),
        )
        budget = PySRBudget(
            iterations=asked.iterations,
            populations=asked.populations,
            population_size=asked.population,
            parsimony=asked.parsimony,
            **_given(asked, _PYSR_BUDGET),
        )
    except SearchError as error:
        raise ConfigError(f"'engines.pysr': {error}") from None
    light = replace(
        budget,
        iterations=min(asked.iterations, 5),
        populations=min(asked.populations, 8),
    )
    folds = min(asked.inner_folds, 2)
    return Engine(
        "pysr",
        "PySR",
        make(
            space=space,
            budget=budget,
            inner_folds=asked.inner_folds,
            **shared,
        ),
        f"genetic programming: formulas of up to {asked.complexity} parts of "
        f"{' '.join(asked.operators)}; {asked.iterations} iterations of "
        f"{asked.populations} populations, units respected, constants refitted; number "
        f"of operators {_chosen(asked.inner_folds)}{_optioned(asked)}{_weighed(more)}",
        limit_by="complexity",
        refits=False,
        light=make(space=space, budget=light, inner_folds=folds, **shared),
        light_words=f"{light.iterations} iterations of {light.populations} "
        f"populations, {folds} inner folds",
    )


def _given(asked: PySR, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the options that are given, by the names of PySR's two groups of them."""
    found = {own: getattr(asked, name) for name, own in names.items()}
    return {own: value for own, value in found.items() if value is not None}


def _optioned(asked: PySR) -> str:
    """Say which of PySR's options are given."""
    given = {n: getattr(asked, n) for n in (*_PYSR_SPACE, *_PYSR_BUDGET)}
    said = {n.replace("_", " "): v for n, v in given.items() if v is not None}
    return "".join(f"; {name} {_spelled(value)}" for name, value in said.items())


def _spelled(value: Any) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case dict():
            return ", ".join(
                f"'{k}' ({_spelled(v)})" if isinstance(v, dict) else f"'{k}' {v}"
                for k, v in value.items()
            )
    return str(value)


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


def _weighing(asked: Sisso | Lasso | Operon | PySR, *, classes: bool) -> dict[str, Any]:
    """Return what an engine of two classes is told of their weights, if anything."""
    given = asked.class_weight
    if not classes or given is None:
        return {}
    if isinstance(given, str):
        return {"class_weight": given}
    return {"class_weight": {0: given.get("0", 1.0), 1: given.get("1", 1.0)}}


def _weighed(more: Mapping[str, Any]) -> str:
    """Say what classes weigh; their weights are part of what is compared."""
    given = more.get("class_weight")
    if given is None:
        return ""
    if isinstance(given, str):
        return f"; class weights {given}"
    listed = " and ".join(f"{w:g} of class {c}" for c, w in sorted(given.items()))
    return f"; class weights {listed}"


def _restarts(number: int) -> str:
    return "one restart" if number == 1 else f"{number} restarts"


def _chosen(inner_folds: int) -> str:
    return (
        f"chosen by {inner_folds} inner folds, one-standard-error rule, in each "
        "training fold"
    )
