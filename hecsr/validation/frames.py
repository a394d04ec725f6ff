"""Outcomes of a comparison put into tidy frames."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.result import limited
from hecsr.validation.leave_out import ROW_BY_ROW
from hecsr.validation.metrics import scores
from hecsr.validation.predicting import filled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.formula import Task
    from hecsr.result import Competitor
    from hecsr.validation.compare import Entrant, FoldRecord, Outcome
    from hecsr.validation.problem import Problem

    Array = NDArray[np.float64]

RUN = ["scheme", "competitor", "repeat", "fold"]
CHOICE = ["limit", "variables", "formula", "constants"]


@dataclass(frozen=True, eq=False)
class Frames:
    """The frames of a `Comparison`; their columns are described there."""

    competitors: tuple[Competitor, ...]
    scores: pd.DataFrame
    predictions: pd.DataFrame
    undefined: pd.DataFrame
    choices: pd.DataFrame
    timings: pd.DataFrame
    hard: frozenset[str]


def build_frames(
    entrants: Sequence[Entrant],
    records: Sequence[FoldRecord],
    outcomes: Sequence[Outcome],
    problem: Problem,
) -> Frames:
    """Collect outcomes, sorted by entrant and fold, into frames."""
    import pandas as pd

    competitors: list[Competitor] = []
    held: list[dict[str, Any]] = []
    choices: list[dict[str, Any]] = []
    timings: list[dict[str, Any]] = []
    hard: set[str] = set()
    for e, entrant in enumerate(entrants):
        own = [o for o in outcomes if o.entrant == e]
        line = entrant.competitor
        competitors.append(line)
        if any(o.hard for o in own):
            hard.add(line.name)
        for o in own:
            record = records[o.record]
            held.append(_held_out(line, record, o.values, problem, hard=o.hard))
            run = _run_of(line, record)
            timings.append({**run, "seconds": o.seconds})
            if o.limit is not None:
                choices.append(
                    {
                        **run,
                        "limit": o.limit,
                        "variables": o.variables,
                        "formula": o.formula,
                        "constants": o.constants,
                    }
                )
        for point, runs in _front_points(line, own):
            competitors.append(point)
            held += [
                _held_out(point, records[o.record], values, problem, hard=False)
                for o, values in runs
            ]
    predictions = pd.concat([pd.DataFrame(h) for h in held], ignore_index=True)
    labels = {(r.scheme, r.split.repeat, r.split.fold): r.split.label for r in records}
    return Frames(
        competitors=tuple(competitors),
        scores=score_frame(predictions, problem.task, hard, labels),
        undefined=_undefined(predictions),
        predictions=predictions.drop(columns="missing"),
        choices=pd.DataFrame(choices, columns=[*RUN, *CHOICE]),
        timings=pd.DataFrame(timings, columns=[*RUN, "seconds"]),
        hard=frozenset(hard),
    )


def score_frame(
    predictions: pd.DataFrame,
    task: Task,
    hard: set[str] | frozenset[str],
    labels: Mapping[tuple[Any, ...], str],
) -> pd.DataFrame:
    """Score every fold, and as fold -1 all folds of a repeat together.

    `labels` names each (scheme, repeat, fold).
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for keys, part in predictions.groupby(RUN[:3], sort=False):
        scheme, competitor, repeat = keys
        # a single row has no balance and no spread: such folds are scored together
        whole = scheme == ROW_BY_ROW
        single = [(0, part)] if whole else list(part.groupby("fold", sort=False))
        folds = [*single, (-1, part)]
        for fold, of_fold in folds:
            observed = of_fold["observed"].to_numpy()
            guess = of_fold["predicted"].to_numpy()
            found = scores(
                task,
                observed,
                guess,
                hard=competitor in hard,
                threshold=of_fold["threshold"].to_numpy(),
            )
            label = labels.get((scheme, repeat, fold), "all")
            n = int((~np.isnan(guess)).sum())
            rows += [
                {
                    "scheme": scheme,
                    "competitor": competitor,
                    "repeat": repeat,
                    "fold": fold,
                    "fold_label": label,
                    "metric": metric,
                    "value": value,
                    "n": n,
                }
                for metric, value in found.items()
            ]
    return pd.DataFrame(rows)


def fold_mean(scores: pd.DataFrame, scheme: str, competitor: str, metric: str) -> float:
    """Return the mean of a metric over the folds of a scheme; NaN if it has none."""
    own = scores[
        (scores["scheme"] == scheme)
        & (scores["competitor"] == competitor)
        & (scores["metric"] == metric)
        & (scores["fold"] >= 0)
    ]["value"]
    return float(own.mean())


def sub_scores(
    predictions: pd.DataFrame,
    masks: Mapping[str, NDArray[np.bool_]],
    task: Task,
    *,
    hard: set[str] | frozenset[str] = frozenset(),
    scheme: str | None = None,
) -> pd.DataFrame:
    """Score parts of the rows: part, competitor, metric, value, sd, n.

    Each part's held-out rows are scored together, repeat by repeat; `value` is the
    mean over the repeats, `sd` their standard deviation (NaN for one repeat), `n`
    the number of rows.

    Parameters
    ----------
    predictions
        As in `Comparison.predictions`.
    masks
        For each part, which samples belong to it, by position.
    scheme
        The scheme to take; the first by default.
    """
    import pandas as pd

    chosen = predictions["scheme"].iloc[0] if scheme is None else scheme
    of_scheme = predictions[predictions["scheme"] == chosen]
    rows: list[dict[str, Any]] = []
    for part, mask in masks.items():
        inside = of_scheme[np.asarray(mask, dtype=bool)[of_scheme["sample"]]]
        for competitor, own in inside.groupby("competitor", sort=False):
            found = [
                scores(
                    task,
                    of_repeat["observed"].to_numpy(),
                    of_repeat["predicted"].to_numpy(),
                    hard=competitor in hard,
                    threshold=of_repeat["threshold"].to_numpy(),
                )
                for _, of_repeat in own.groupby("repeat", sort=False)
            ]
            first = own[own["repeat"] == own["repeat"].iloc[0]]
            for metric in found[0]:
                values = np.array([f[metric] for f in found])
                rows.append(
                    {
                        "part": part,
                        "competitor": competitor,
                        "metric": metric,
                        "value": float(values.mean()),
                        "sd": float(values.std(ddof=1)) if len(values) > 1 else np.nan,
                        "n": int(first["predicted"].notna().sum()),
                    }
                )
    columns = ["part", "competitor", "metric", "value", "sd", "n"]
    return pd.DataFrame(rows, columns=columns)


def _front_points(
    line: Competitor, own: Sequence[Outcome]
) -> Iterator[tuple[Competitor, list[tuple[Outcome, Array]]]]:
    """Yield the engine's whole search limited to each number of terms or operators.

    Where a fold's front ends before a limit, the search under that limit found
    nothing better than the last point, which then stands for it.
    """
    limits = sorted({limit for o in own for limit in o.front})
    for limit in limits:
        point = replace(
            line,
            name=f"{line.engine or line.name}:{limit}",
            label=f"{line.label}, {_up_to(limit, line)}",
            kind="front",
            limit=limit,
        )
        runs = []
        for o in own:
            reached = max((x for x in o.front if x <= limit), default=min(o.front))
            runs.append((o, o.front[reached]))
        yield point, runs


def _up_to(limit: int, line: Competitor) -> str:
    if limit == 0:
        return "mean alone"
    words = limited(limit, line.limit_by)
    return words if limit == 1 else f"up to {words}"


def _run_of(line: Competitor, record: FoldRecord) -> dict[str, Any]:
    return {
        "scheme": record.scheme,
        "competitor": line.name,
        "repeat": record.split.repeat,
        "fold": record.split.fold,
    }


def _held_out(
    line: Competitor,
    record: FoldRecord,
    values: Array,
    problem: Problem,
    *,
    hard: bool,
) -> dict[str, Any]:
    """Columns of the held-out rows; a model's gaps are filled, a rule's are not."""
    rows = record.split.test
    missing = np.isnan(values)
    fills = line.kind != "rule"
    return {
        **_run_of(line, record),
        "sample": rows,
        "composition": [problem.samples[i] for i in rows],
        "observed": problem.y[rows],
        "predicted": filled(values, record.fill) if fills else values,
        # a class needs no threshold but the middle
        "threshold": 0.5 if hard else record.threshold,
        "replaced": missing & fills,
        "missing": missing,
    }


def _undefined(predictions: pd.DataFrame) -> pd.DataFrame:
    counted = predictions.groupby(RUN[:2], sort=False, as_index=False).agg(
        rows=("missing", "sum"), of=("missing", "size")
    )
    return counted[counted["rows"] > 0].reset_index(drop=True)
