"""What a comparison says of a given formula: errors, predictions, sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.formula.formula import Formula, Task
from hecsr.scoring.inputs import Inputs
from hecsr.units import Unit

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.validation.compare import Comparison
    from hecsr.validation.folds import Splits

METRICS: Final[Mapping[Task, tuple[str, ...]]] = {
    "regression": ("mae", "rmse", "r2"),
    "classification": ("balanced_accuracy", "mcc", "auc", "brier"),
}


@dataclass(frozen=True)
class Folding:
    """How rows are held out.

    Rows of one composition, and of one value in each column of `groups`, stay
    together.
    """

    folds: int = 5
    repeats: int = 1
    seed: int = 0
    groups: tuple[str, ...] = ()


def scheme_of(splits: Splits, inputs: Inputs, folding: Folding) -> str:
    """Say how the rows were held out."""
    keys = [*(["composition"] if inputs.compositions else []), *folding.groups]
    if not keys:
        return (
            f"{splits.scheme.description}; the table names no composition, so that "
            "one material may stand on both sides"
        )
    return f"{splits.scheme.description} (same {' or '.join(keys)})"


def table_of(comparison: Comparison, task: Task) -> pd.DataFrame:
    """Return a row per competitor, front points left out; see `Score.table`."""
    import pandas as pd

    scores = comparison.scores
    lines = []
    for c in comparison.competitors:
        if c.kind == "front":
            continue
        own = scores[scores["competitor"] == c.name]
        pooled, folds = own[own["fold"] < 0], own[own["fold"] >= 0]
        line: dict[str, Any] = {"competitor": c.name, "label": c.label}
        line["rows"] = int(pooled["n"].max())
        for metric in METRICS[task]:
            if metric == "auc" and c.name in comparison.hard:
                line[metric] = float("nan")
                continue
            # an AUC compares rows with one another: those of one fold, one model
            of = folds if metric == "auc" else pooled
            line[metric] = float(of[of["metric"] == metric]["value"].mean())
        lines.append(line)
    return pd.DataFrame(lines)


def verdicts_on(comparison: Comparison, task: Task, unit: Unit) -> tuple[str, ...]:
    """Compare the formula with each other competitor by paired differences."""
    from hecsr.study.verdict import paired_difference

    metric, sign = ("mae", -1) if task == "regression" else ("balanced_accuracy", 1)
    what = "mean absolute error" if metric == "mae" else "balanced accuracy"
    tail = f" {unit.text}" if metric == "mae" and unit.text != "1" else ""
    found = []
    lines = [c for c in comparison.competitors if c.kind != "front"]
    for ours in (c for c in lines if c.kind == "rule"):
        for other in (c for c in lines if c.kind != "rule"):
            gap, error = paired_difference(comparison, ours.name, other.name, metric)
            if not np.isfinite(gap) or not error > 0:
                continue
            said = "better" if sign * gap > 0 else "worse"
            found.append(
                f"{ours.label}: {said} than {other.label} by {abs(gap):.3g}{tail} in "
                f"{what}, {abs(gap) / error:.1f} standard errors "
                "over the folds"
            )
    return tuple(found)


def predictions_of(
    comparison: Comparison, inputs: Inputs, why: Sequence[str]
) -> pd.DataFrame:
    """Return the held-out predictions; see `Score.predictions`."""
    found = comparison.predictions
    front = [c.name for c in comparison.competitors if c.kind == "front"]
    found = found[~found["competitor"].isin(front)].reset_index(drop=True)
    rows = found["sample"].to_numpy()
    found.insert(3, "position", inputs.positions[rows])
    missing = found["predicted"].isna().to_numpy()
    found["note"] = [
        (why[row] or "undefined") if gone else ""
        for row, gone in zip(rows, missing, strict=True)
    ]
    return found[
        ["competitor", "repeat", "fold", "position", "observed", "predicted", "note"]
    ]


def outside_of(comparison: Comparison) -> tuple[int, int]:
    """Count the held-out rows of the first repeat that lie outside the domain."""
    outside = of = 0
    for kept in comparison.models:
        split = kept.record.split
        if kept.entrant.competitor.name != "refitted" or split.repeat:
            continue
        formula: Formula = kept.model.formula_
        held = comparison.problem.frame.iloc[split.test]
        columns = {n: held[n].to_numpy() for n in formula.names}
        places = formula.domain.judge(columns, len(held)).places
        outside += places.count("outside")
        of += len(places)
    return outside, of
