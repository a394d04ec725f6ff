"""Importance in the final formula, on the rows it was fitted to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.importance.explain import ShapBudget, explain
from hecsr.importance.permutation import permutation_rises
from hecsr.importance.rows import frame_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.formula import Formula
    from hecsr.validation.problem import Problem


class _Fitted:
    """A formula with the interface of a fitted estimator."""

    def __init__(self, formula: Formula) -> None:
        self.formula_ = formula
        self.classes_ = np.array([0, 1])

    def predict(self, X: pd.DataFrame) -> NDArray[np.float64]:
        return self.formula_.evaluate(X)

    def predict_proba(self, X: pd.DataFrame) -> NDArray[np.float64]:
        share = self.formula_.evaluate(X)
        return np.column_stack([1.0 - share, share])


def in_sample_importance(
    formula: Formula,
    problem: Problem,
    competitor: str,
    *,
    n_repeats: int = 20,
    budget: ShapBudget | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Permutation and SHAP of one formula on all rows of the problem.

    It says how this formula uses its variables, not what they are worth on new
    samples.

    Returns
    -------
    DataFrame
        competitor, method 'permutation' or 'shap', name, repeat 0, fold -1, value;
        the formula's own variables only.
    """
    names = list(formula.names)
    X, model, task = problem.frame[names], _Fitted(formula), problem.task
    fill = float(problem.y.mean())
    rises = permutation_rises(
        model, X, problem.y, task, fill=fill, n_repeats=n_repeats, seed=(seed,)
    )
    found = explain(model, X, X, task, fill=fill, budget=budget, seed=seed)
    size = np.abs(found.values).mean(axis=0)
    lines: list[dict[str, Any]] = [
        {
            "competitor": competitor,
            "method": method,
            "name": name,
            "repeat": 0,
            "fold": -1,
            "value": float(value),
        }
        for method, values in (
            ("permutation", {name: rises[name,] for name in names}),
            ("shap", dict(zip(names, size, strict=True))),
        )
        for name, value in values.items()
    ]
    return frame_of(lines)
