"""From what the parts found to the frames that a report shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.validation.coverage import (
    CALIBRATION,
    COLUMNS,
    calibration_frame,
    conformal_half_widths,
    coverage_rows,
)
from hecsr.validation.metrics import scores
from hecsr.validation.rashomon import LEVELS, RashomonSet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from hecsr.study.engines import Engine
    from hecsr.validation.problem import Problem

Place = tuple[int, int]


def assembled(
    engine: Engine,
    problem: Problem,
    level: float,
    keep: int,
    found: Mapping[str, Any],
    places: Sequence[Place],
    folds: Sequence[Mapping[str, Any]],
) -> RashomonSet:
    """Put the set on all rows and what the folds found together."""
    import pandas as pd

    held = _held(problem, places, folds)
    classes = problem.task == "classification"
    single = {name: found[name] for name in _SINGLE}
    return RashomonSet(
        engine=engine.name,
        label=engine.label,
        task=problem.task,
        level=level,
        n_rows=len(problem.y),
        n_groups=_groups(problem),
        listed=keep,
        full=tuple(found["full"]),
        members=pd.DataFrame(found["members"]),
        sizes=pd.DataFrame(found["sizes"]),
        descriptors=_with_folds(pd.DataFrame(found["descriptors"]), folds),
        features=pd.DataFrame(found["features"]),
        folds=pd.DataFrame(
            [
                {
                    "repeat": repeat,
                    "fold": fold,
                    "size": one["size"],
                    "full": one["full"],
                    "same_best": one["best_text"] == found["best"],
                    "critical": one["critical"],
                }
                for (repeat, fold), one in zip(places, folds, strict=True)
            ]
        ),
        held=held,
        coverage=pd.DataFrame(
            [] if classes else _coverage(problem, held, folds), columns=list(COLUMNS)
        ),
        scores=_scores(problem, held),
        calibration=calibration_frame(
            held["mean"].to_numpy(), held["observed"].to_numpy(), _repeats(held)
        )
        if classes
        else pd.DataFrame(columns=list(CALIBRATION)),
        **single,
    )


_SINGLE = (
    "size", "same", "critical", "best", "best_error", "simplest", "simplest_error",
    "effective_rows",
)  # fmt: skip


def _held(
    problem: Problem, places: Sequence[Place], folds: Sequence[Mapping[str, Any]]
) -> pd.DataFrame:
    """Return the held-out predictions; the training mean stands in where undefined."""
    import pandas as pd

    parts = []
    for (repeat, fold), one in zip(places, folds, strict=True):
        part = pd.DataFrame(
            {
                "repeat": repeat,
                "fold": fold,
                "sample": one["sample"],
                "observed": problem.y[one["sample"]],
            }
        )
        for name in ("mean", "best"):
            values = np.array(one[name], dtype=np.float64)
            part[name] = np.where(np.isfinite(values), values, one["fill"])
        for name in ("low", "high", "undefined"):
            part[name] = np.array(one[name], dtype=np.float64)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _coverage(
    problem: Problem, held: pd.DataFrame, folds: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    from scipy.special import stdtrit

    y = held["observed"].to_numpy()
    repeat, fold = held["repeat"].to_numpy(), held["fold"].to_numpy()
    groups = None
    if problem.groups is not None:
        groups = problem.groups[held["sample"].to_numpy()]
    error = y - held["mean"].to_numpy()
    freedom = np.concatenate(
        [np.full(len(one["sample"]), one["best_freedom"]) for one in folds]
    )
    spread = np.concatenate([np.asarray(one["best_spread"], float) for one in folds])
    bounds: dict[str, list[Any]] = {"average": [], "best": [], "conformal": []}
    for k, level in enumerate(LEVELS):
        lower, upper = (
            np.concatenate([np.asarray(one["bounds"][k][side], float) for one in folds])
            for side in (1, 2)
        )
        bounds["average"].append((y - lower, upper - y, upper - lower))
        half = spread * stdtrit(freedom, (1 + level) / 2)
        off = np.abs(y - held["best"].to_numpy())
        bounds["best"].append((half - off, half - off, 2 * half))
        half = conformal_half_widths(error, repeat, fold, level, groups)
        bounds["conformal"].append((half - np.abs(error),) * 2 + (2 * half,))
    rows = []
    for kind, of in bounds.items():
        known = np.array([np.isfinite(wide) for _, _, wide in of])
        inside = np.array([(below >= 0) & (above >= 0) for below, above, _ in of])
        held_in = np.where(known, inside, np.nan)
        width = np.array([wide for _, _, wide in of])
        rows += coverage_rows(kind, LEVELS, held_in, width, repeat)
    return rows


def _scores(problem: Problem, held: pd.DataFrame) -> pd.DataFrame:
    """Score average and best formula on all held-out rows of each repeat."""
    import pandas as pd

    rows = [
        {"kind": kind, "metric": metric, "repeat": repeat, "value": value}
        for repeat, part in held.groupby("repeat")
        for kind, name in (("average", "mean"), ("best", "best"))
        for metric, value in scores(
            problem.task, part["observed"].to_numpy(), part[name].to_numpy()
        ).items()
    ]
    table = pd.DataFrame(rows)
    mean = table.groupby(["kind", "metric"], sort=False)["value"].mean()
    return mean.reset_index()


def _with_folds(
    frame: pd.DataFrame, folds: Sequence[Mapping[str, Any]]
) -> pd.DataFrame:
    """Add the mean of each descriptor's probability over the folds.

    A descriptor that stands in no formula of the set on all rows may in a fold's.
    """
    import pandas as pd

    names = list(frame["name"])
    for one in folds:
        names += [name for name in one["descriptors"] if name not in names]
    table = frame.set_index("name").reindex(names).fillna(0.0)
    of = [[one["descriptors"].get(name, 0.0) for one in folds] for name in names]
    table["in_folds"] = np.mean(of, axis=1) if len(folds) else np.nan
    found = table.rename_axis("name").reset_index()
    assert isinstance(found, pd.DataFrame)
    return found


def _groups(problem: Problem) -> int:
    """Count the groups; 0 where each row is one of its own."""
    number = 0 if problem.groups is None else len(np.unique(problem.groups))
    return 0 if number == len(problem.y) else number


def _repeats(held: pd.DataFrame) -> int:
    return int(held["repeat"].nunique())
