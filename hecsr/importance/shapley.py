"""SHAP values of every fold's own model on its own held-out rows."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.importance.explain import (
    Explained,
    ShapBudget,
    decoded,
    encoded,
    explain,
)
from hecsr.importance.rows import (
    explained_models,
    frame_of,
    held_out,
    part_key,
    row,
)
from hecsr.result import ShapValues
from hecsr.validation.compare import fitted_model
from hecsr.validation.parts import Part, Runner

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hecsr.validation.compare import Comparison, KeptModel
    from hecsr.validation.problem import Problem

METHODS = {
    "tree": "exact for trees, path-dependent",
    "tree with background": "exact for trees, interventional",
    "exact": "exact over the formula's variables",
    "permutation": "permutation method",
}


def shap_importance(
    comparison: Comparison,
    competitors: Sequence[str] | None = None,
    *,
    budget: ShapBudget | None = None,
    first_repeat_only: bool = True,
    seed: int = 0,
    runner: Runner | None = None,
) -> tuple[tuple[ShapValues, ...], pd.DataFrame]:
    """Explain held-out predictions descriptor by descriptor.

    Returns
    -------
    tuple of ShapValues
        One per competitor; the rows of `values` and `data` are indexed by repeat,
        fold and sample (position in the table), and have a column for each
        descriptor that entered in any fold.
    DataFrame
        competitor, method 'shap', name, repeat, fold, value: the mean absolute SHAP
        value on the fold's held-out rows.
    """
    from joblib import delayed

    problem, budget = comparison.problem, budget or ShapBudget()
    models = explained_models(
        comparison, competitors, first_repeat_only=first_repeat_only
    )
    parts = [
        Part(
            kept.entrant.competitor.name,
            part_key(kept, *astuple(budget), seed),
            delayed(_one_model)(kept, problem, budget, seed),
        )
        for kept in models
    ]
    results: list[Explained] = (runner or Runner()).run(
        "SHAP", parts, encode=encoded, decode=decoded
    )
    rows: list[dict[str, Any]] = []
    for kept, found in zip(models, results, strict=True):
        size = np.abs(found.values).mean(axis=0)
        rows += [
            row(kept, "shap", name, float(value))
            for name, value in zip(kept.record.columns, size, strict=True)
        ]
    names = list(dict.fromkeys(m.entrant.competitor.name for m in models))
    shown = tuple(
        _collected(
            name,
            [
                (kept, found)
                for kept, found in zip(models, results, strict=True)
                if kept.entrant.competitor.name == name
            ],
            problem,
            budget,
        )
        for name in names
    )
    return shown, frame_of(rows)


def _one_model(
    kept: KeptModel, problem: Problem, budget: ShapBudget, seed: int
) -> Explained:
    from threadpoolctl import threadpool_limits

    split = kept.record.split
    sequence = np.random.SeedSequence([seed, split.repeat, split.fold])
    with threadpool_limits(1):
        return explain(
            fitted_model(kept, problem),
            held_out(kept, problem),
            problem.frame[list(kept.record.columns)].iloc[split.train],
            problem.task,
            fill=kept.record.fill,
            budget=budget,
            seed=int(sequence.generate_state(1)[0]),
        )


def _collected(
    name: str,
    parts: Sequence[tuple[KeptModel, Explained]],
    problem: Problem,
    budget: ShapBudget,
) -> ShapValues:
    """Put the folds under each other, NaN where the filter removed a column."""
    import pandas as pd

    entered = {c for kept, _ in parts for c in kept.record.columns}
    columns = [c for c in problem.frame.columns if c in entered]
    values, data = [], []
    for kept, found in parts:
        split = kept.record.split
        index = pd.MultiIndex.from_tuples(
            [(split.repeat, split.fold, int(i)) for i in split.test[found.rows]],
            names=["repeat", "fold", "sample"],
        )
        own = list(kept.record.columns)
        table = pd.DataFrame(found.values, index=index, columns=own)
        values.append(table.reindex(columns=columns))
        raw = held_out(kept, problem).iloc[found.rows].set_axis(index)
        data.append(raw.reindex(columns=columns))
    what = (
        "predicted value"
        if problem.task == "regression"
        else "predicted probability of class 1"
    )
    methods = sorted({found.method for _, found in parts})
    how = " and ".join(METHODS[m] for m in methods)
    if methods != ["tree"]:
        how += f", {budget.background} training rows as background"
    if "permutation" in methods:
        evals = budget.max_evals(max(len(kept.record.columns) for kept, _ in parts))
        how += f", at most {evals} evaluations a row"
        if any(len(found.rows) < len(kept.record.split.test) for kept, found in parts):
            how += f", {budget.rows} evenly spaced held-out rows a fold"
    return ShapValues(name, pd.concat(values), pd.concat(data), f"{what} ({how})")
