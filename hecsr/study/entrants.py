"""Everyone who takes part in a comparison, made from the analysis."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal

from hecsr import baselines
from hecsr.baselines.published import published_estimator
from hecsr.config import Analysis
from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import ConfigError, suggestion
from hecsr.formula.published.literature import literature
from hecsr.formula.published.published import read
from hecsr.result import Competitor
from hecsr.study.engines import Engine
from hecsr.validation.compare import Entrant

Rule = Callable[[], Any]

CLASS_RULES: Final[Mapping[str, Rule]] = {
    "chromium with Zr or Hf": baselines.CrWithZrHf,
    "chromium product": baselines.ChromiumProduct,
    "chromium fraction": baselines.ChromiumFraction,
    "vec": lambda: baselines.ThresholdRule("vec"),
    "efa": lambda: baselines.ThresholdRule("efa", direction="above"),
    "efa predicted": lambda: baselines.ThresholdRule(
        "efa_predicted", direction="above"
    ),
    "entropy": lambda: baselines.ThresholdRule("entropy"),
    "enthalpy": lambda: baselines.ThresholdRule("enthalpy"),
    "omega and delta": lambda: baselines.PairRule("omega_inverse", "delta"),
    "one rule": baselines.OneRule,
    "shallow tree": baselines.ShallowTree,
}
# They choose among what the other models may see.
CHOOSING: Final = frozenset({"one rule", "shallow tree"})
VALUE_RULES: Final[Mapping[str, Rule]] = {
    "power law of load": lambda: baselines.PowerLaw("load"),
}


def entrants(
    analysis: Analysis,
    engines: Sequence[Engine],
    descriptors: Sequence[Descriptor] = (),
) -> list[Entrant]:
    """Return engines, black boxes, rules and the baseline, in that order.

    `descriptors` say what the columns are that given formulas are written in.
    """
    found = []
    for engine in engines:
        competitor = Competitor(
            name=engine.name,
            label=f"{engine.label} formula",
            kind="formula",
            description=engine.description,
            engine=engine.name,
            limit_by=engine.limit_by,
        )
        found.append(Entrant(competitor, engine.estimator))
    for key in analysis.black_boxes:
        kind = baselines.BLACK_BOXES[key]
        text = baselines.black_box_description(key, analysis.task, pca=analysis.pca)
        competitor = Competitor(kind.name, kind.label, "black box", text)
        model = baselines.black_box(key, analysis.task, analysis.seed, pca=analysis.pca)
        found.append(Entrant(competitor, model))
    for name in analysis.rules:
        rule = _rule(analysis, name, descriptors)
        competitor = Competitor(name, rule.label, "rule", rule.description)
        sees: Literal["filtered", "all"] = "filtered" if name in CHOOSING else "all"
        found.append(Entrant(competitor, rule, columns=sees))
    for given in analysis.formulas:
        formula = published_estimator(
            analysis.task,
            replace(read(given.text, given.start), label=given.name),
            refit=given.refit,
            columns=given.columns,
            given=given.set,
            start=given.start,
            descriptors=descriptors,
        )
        competitor = Competitor(given.name, given.name, "rule", formula.description)
        found.append(Entrant(competitor, formula, columns="all"))
    classes = analysis.task == "classification"
    base = baselines.MajorityClass() if classes else baselines.MeanPredictor()
    competitor = Competitor("baseline", base.label, "baseline", base.description)
    found.append(Entrant(competitor, base))
    return found


def _rule(analysis: Analysis, name: str, descriptors: Sequence[Descriptor]) -> Any:
    stated, _, how = name.partition(", ")
    if stated in literature() and how in {"", "refitted"}:
        return published_estimator(
            analysis.task, stated, refit=bool(how), descriptors=descriptors
        )
    known = CLASS_RULES if analysis.task == "classification" else VALUE_RULES
    if name not in known:
        hint = suggestion(name, [*known, *literature()])
        raise ConfigError(f"'rules' names '{name}', which is no rule; {hint}")
    return known[name]()
