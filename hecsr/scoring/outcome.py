"""What a comparison says of a given formula: errors, predictions, sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.formula.formula import Formula, Task
from hecsr.result import Competitor
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
_ROUNDING: Final = 1e-9


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

    held = comparison.predictions
    lines = [c for c in comparison.competitors if c.kind != "front"]
    found = [_line(comparison, task, c, held) for c in lines]
    there = {
        c.name: held[(held["competitor"] == c.name) & held["predicted"].notna()]
        for c in lines
    }
    keys = ["repeat", "fold", "sample"]
    done: list[pd.DataFrame] = []
    for ours in (c for c in lines if c.kind == "rule"):
        rows = there[ours.name][keys].sort_values(keys, ignore_index=True)
        if len(rows) == (held["competitor"] == ours.name).sum():
            continue
        # as stated and refitted, a formula mostly is undefined on the same rows
        if any(rows.equals(other) for other in done):
            continue
        done.append(rows)
        for other in lines:
            if len(there[other.name]) <= len(rows):
                continue
            line = _line(comparison, task, other, held.merge(rows, on=keys))
            line["competitor"] = f"{other.name} on {ours.name}"
            line["label"] = f"{other.label}, on these {line['rows']} rows"
            found.append(line)
    return pd.DataFrame(found)


def _line(
    comparison: Comparison, task: Task, competitor: Competitor, held: pd.DataFrame
) -> dict[str, Any]:
    """Return the metrics of one competitor on the held-out rows given."""
    hard = competitor.name in comparison.hard
    own = held[held["competitor"] == competitor.name]
    repeats = [part for _, part in own.groupby("repeat", sort=False)]
    folds = [part for _, part in own.groupby(["repeat", "fold"], sort=False)]
    line: dict[str, Any] = {"competitor": competitor.name, "label": competitor.label}
    line["rows"] = max(int(part["predicted"].notna().sum()) for part in repeats)
    pooled, single = (
        [_metrics(task, part, hard=hard) for part in parts]
        for parts in (repeats, folds)
    )
    for metric in METRICS[task]:
        # an AUC compares rows with one another: those of one fold, one model
        of = single if metric == "auc" else pooled
        values = np.array([found[metric] for found in of])
        values = values[~np.isnan(values)]
        none = not values.size or (hard and metric == "auc")
        line[metric] = float("nan") if none else float(values.mean())
    return line


def _metrics(task: Task, held: pd.DataFrame, *, hard: bool) -> dict[str, float]:
    from hecsr.validation.metrics import scores

    return scores(
        task,
        held["observed"].to_numpy(),
        held["predicted"].to_numpy(),
        hard=hard,
        threshold=held["threshold"].to_numpy(),
    )


def verdicts_on(comparison: Comparison, task: Task, unit: Unit) -> tuple[str, ...]:
    """Compare the formula with each other competitor by paired differences."""
    from hecsr.study.verdict import on_which, paired_difference

    metric, sign = ("mae", -1) if task == "regression" else ("balanced_accuracy", 1)
    what = "mean absolute error" if metric == "mae" else "balanced accuracy"
    tail = f" {unit.text}" if metric == "mae" and unit.text != "1" else ""
    found = []
    lines = [c for c in comparison.competitors if c.kind != "front"]
    for ours in (c for c in lines if c.kind == "rule"):
        for other in (c for c in lines if c.kind != "rule"):
            gap, error = paired_difference(comparison, ours.name, other.name, metric)
            rows = on_which(comparison, ours.name, other.name)
            # rounding in the last digit is no difference
            if abs(gap) <= _ROUNDING and not error > _ROUNDING:
                said = f"the same {what} as {other.label} in every fold"
            elif not np.isfinite(gap) or not error > 0:
                said = f"the folds are too few to compare it with {other.label}"
            else:
                better = "better" if sign * gap > 0 else "worse"
                said = (
                    f"{better} than {other.label} by {abs(gap):.3g}{tail} in {what}, "
                    f"{abs(gap) / error:.1f} standard errors over the folds"
                )
            found.append(f"{ours.label}: {said}{rows}")
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
