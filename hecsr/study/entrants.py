"""Everyone who takes part in a comparison, made from the analysis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from hecsr import baselines
from hecsr.config import Analysis
from hecsr.errors import ConfigError, suggestion
from hecsr.result import Competitor
from hecsr.study.samples import Samples
from hecsr.validation.compare import Entrant

Rule = Callable[[], Any]

CLASS_RULES: Final[Mapping[str, Rule]] = {
    "chromium with Zr or Hf": baselines.CrWithZrHf,
    "chromium product": baselines.ChromiumProduct,
    "chromium fraction": baselines.ChromiumFraction,
    "efa above 45": lambda: baselines.ThresholdRule(
        "efa", threshold=45.0, direction="above"
    ),
    "delta": lambda: baselines.ThresholdRule("delta"),
    "vec": lambda: baselines.ThresholdRule("vec"),
}
VALUE_RULES: Final[Mapping[str, Rule]] = {
    "power law of load": lambda: baselines.PowerLaw("load"),
}
BLACK_BOXES: Final = {
    "random_forest": ("rf", "Random forest", baselines.random_forest),
    "mlp": ("mlp", "Neural network", baselines.mlp),
}


def engines(analysis: Analysis, samples: Samples) -> dict[str, Any]:
    """Return the unfitted engines by name."""
    from hecsr.search.lasso import LassoFormula, LassoFormulaClassifier
    from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor
    from hecsr.search.sisso.space import Budget, SearchSpace

    classes = analysis.task == "classification"
    shared: dict[str, Any] = {
        "descriptors": samples.table.descriptors,
        "target": samples.target,
        "random_state": analysis.seed,
    }
    found: dict[str, Any] = {}
    sisso = analysis.engines.sisso
    if sisso is not None:
        space = SearchSpace(
            operators=tuple(sisso.operators),
            rungs=sisso.rungs,
            max_complexity=sisso.complexity,
        )
        budget = Budget(sis=sisso.screened, max_candidates=sisso.max_candidates)
        found["sisso"] = (SissoClassifier if classes else SissoRegressor)(
            space=space,
            budget=budget,
            max_terms=sisso.terms,
            n_residuals=sisso.residuals,
            beam=sisso.beam,
            inner_folds=sisso.inner_folds,
            **shared,
        )
    lasso = analysis.engines.lasso
    if lasso is not None:
        found["lasso"] = (LassoFormulaClassifier if classes else LassoFormula)(
            max_terms=lasso.terms, inner_folds=lasso.inner_folds, **shared
        )
    return found


def entrants(analysis: Analysis, samples: Samples) -> list[Entrant]:
    """Return engines, black boxes, rules and the baseline, in that order."""
    found = []
    labels = {"sisso": "SISSO", "lasso": "LASSO"}
    for name, engine in engines(analysis, samples).items():
        competitor = Competitor(
            name=name,
            label=f"{labels[name]} formula",
            kind="formula",
            description=_describe_engine(analysis, name),
            engine=name,
        )
        found.append(Entrant(competitor, engine))
    for key in analysis.black_boxes:
        name, label, make = BLACK_BOXES[key]
        text = baselines.black_box_description(name, analysis.task, pca=analysis.pca)
        competitor = Competitor(name, label, "black box", text)
        found.append(
            Entrant(competitor, make(analysis.task, analysis.seed, pca=analysis.pca))
        )
    for name in analysis.rules:
        rule = _rule(analysis, name)
        competitor = Competitor(name, rule.label, "rule", rule.description)
        found.append(Entrant(competitor, rule, columns="all"))
    classes = analysis.task == "classification"
    base = baselines.MajorityClass() if classes else baselines.MeanPredictor()
    competitor = Competitor("baseline", base.label, "baseline", base.description)
    found.append(Entrant(competitor, base))
    return found


def _rule(analysis: Analysis, name: str) -> Any:
    known = CLASS_RULES if analysis.task == "classification" else VALUE_RULES
    if name not in known:
        hint = suggestion(name, known)
        raise ConfigError(f"'rules' names '{name}', which is no rule; {hint}")
    return known[name]()


def _describe_engine(analysis: Analysis, name: str) -> str:
    if name == "sisso" and analysis.engines.sisso is not None:
        s = analysis.engines.sisso
        return (
            f"features of up to {s.complexity} operations on {s.rungs} rungs of "
            f"{' '.join(s.operators)}; {s.screened} kept per screening, every set of "
            f"up to {s.terms} fitted; number of terms chosen by {s.inner_folds} inner "
            "folds, one-standard-error rule, in each training fold"
        )
    lasso = analysis.engines.lasso
    assert lasso is not None  # the analysis names at least one engine
    return (
        "LASSO on descriptors, their powers and products, supports refitted; up to "
        f"{lasso.terms} terms, chosen by {lasso.inner_folds} inner folds, "
        "one-standard-error rule, in each training fold"
    )
