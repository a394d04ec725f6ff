"""SHAP values of one fitted model: trees, formulas, and anything else."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.validation.predicting import filled, predicted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.formula import Task

    Array = NDArray[np.float64]
    Function = Callable[[Array], Array]

# Exact Shapley values ask for 2^k evaluations per row and background row.
MOST_EXACT: Final = 10

_GENERATOR = Lock()


@dataclass(frozen=True)
class ShapBudget:
    """How SHAP values are estimated; printed in the report.

    Attributes
    ----------
    background
        Training rows drawn as background, for formulas and networks.
    permutations
        Permutations of the descriptors, each gone through forwards and backwards,
        where neither the tree nor the exact method applies.
    rows
        Most rows of a fold that the permutation method explains, evenly spaced: some
        models predict slowly.
    """

    background: int = 40
    permutations: int = 2
    rows: int = 50

    def max_evals(self, n_columns: int) -> int:
        """Model evaluations per row of the permutation method."""
        return self.permutations * (2 * n_columns + 1)


@dataclass(frozen=True, eq=False)
class Explained:
    """SHAP values, one column per column of X, and what they start from.

    ``base + values.sum(axis=1)`` is the prediction. `rows` are the positions of the
    rows of X that were explained.
    """

    values: Array
    base: Array
    method: str
    rows: NDArray[np.intp]


def explain(
    model: Any,
    X: pd.DataFrame,
    training: pd.DataFrame,
    task: Task,
    *,
    fill: float,
    budget: ShapBudget | None = None,
    seed: int = 0,
) -> Explained:
    """Explain the prediction, for classes the probability of class 1, on rows of X.

    Trees by TreeExplainer (its path-dependent expectation needs no background);
    boosted trees for classes, which add up log-odds, by its interventional one
    against the background, which explains their probability. A formula by the exact
    sum over subsets of its own variables, all else by the permutation method. Where
    a formula is undefined on a mixture of rows, `fill` is taken, as it is for its
    predictions.
    """
    budget = budget or ShapBudget()
    rng = np.random.default_rng(seed)
    size = min(budget.background, len(training))
    background = training.iloc[np.sort(rng.permutation(len(training))[:size])]
    every = np.arange(len(X))
    trees = _tree_model(model)
    if trees is not None:
        # the probability of boosted trees is no sum over trees
        against = background if _adds_log_odds(trees) else None
        values, base = _trees(trees, X, task, against)
        how = "tree" if against is None else "tree with background"
        return Explained(values, base, how, every)
    formula = getattr(model, "formula_", None)
    names = list(X.columns) if formula is None else list(formula.names)
    values = np.zeros(X.shape)
    if not names:
        shown = filled(predicted(model, X, task), fill)
        return Explained(values, shown, "exact", every)
    exact = formula is not None and len(names) <= MOST_EXACT
    if not exact and len(X) > budget.rows:
        every = np.linspace(0, len(X) - 1, budget.rows).round().astype(np.intp)
        values = values[every]
    function = _function(model, X, names, task, fill)
    found, base = _model_agnostic(
        function,
        X[names].iloc[every].to_numpy(np.float64),
        background[names].to_numpy(np.float64),
        max_evals=None if exact else budget.max_evals(len(names)),
        seed=seed,
    )
    place = {column: i for i, column in enumerate(X.columns)}
    values[:, [place[n] for n in names]] = found
    return Explained(values, base, "exact" if exact else "permutation", every)


def encoded(found: Explained) -> dict[str, Any]:
    """Return SHAP values as plain data."""
    return {
        "values": found.values.tolist(),
        "shape": list(found.values.shape),
        "base": found.base.tolist(),
        "method": found.method,
        "rows": found.rows.tolist(),
    }


def decoded(plain: Mapping[str, Any]) -> Explained:
    """Read what :func:`encoded` wrote."""
    values = np.array(plain["values"], dtype=np.float64).reshape(plain["shape"])
    return Explained(
        values,
        np.array(plain["base"], dtype=np.float64),
        plain["method"],
        np.array(plain["rows"], dtype=np.intp),
    )


def _tree_model(model: Any) -> Any:
    """Return the trees inside a tuned or piped model that changes no column."""
    from sklearn.ensemble import (
        GradientBoostingClassifier,
        GradientBoostingRegressor,
        RandomForestClassifier,
        RandomForestRegressor,
    )
    from sklearn.pipeline import Pipeline
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    core = getattr(model, "best_estimator_", model)
    if isinstance(core, Pipeline):
        before = [step for _, step in core.steps[:-1]]
        core = core[-1] if all(s in (None, "passthrough") for s in before) else core
    kinds = (
        RandomForestRegressor,
        RandomForestClassifier,
        GradientBoostingRegressor,
        GradientBoostingClassifier,
        DecisionTreeRegressor,
        DecisionTreeClassifier,
    )
    return core if isinstance(core, kinds) else None


def _adds_log_odds(trees: Any) -> bool:
    from sklearn.ensemble import GradientBoostingClassifier

    return isinstance(trees, GradientBoostingClassifier)


def _trees(
    trees: Any, X: pd.DataFrame, task: Task, against: pd.DataFrame | None
) -> tuple[Array, Array]:
    shap = _shap()
    rows = X.to_numpy(np.float64)
    if against is None:
        explanation = shap.TreeExplainer(trees)(rows)
    else:
        masker = shap.maskers.Independent(
            against.to_numpy(np.float64), max_samples=len(against)
        )
        explanation = shap.TreeExplainer(
            trees,
            masker,
            model_output="probability",
            feature_perturbation="interventional",
        )(rows)
    values = np.asarray(explanation.values, dtype=np.float64)
    base = np.asarray(explanation.base_values, dtype=np.float64)
    if task == "classification" and values.ndim == 3:
        which = int(np.flatnonzero(trees.classes_ == 1)[0])
        values, base = values[..., which], base[..., which]
    return values, np.broadcast_to(base.reshape(-1), (len(X),)).copy()


def _function(
    model: Any, X: pd.DataFrame, names: list[str], task: Task, fill: float
) -> Function:
    """Predict from an array of the named columns; the others have no say."""
    import pandas as pd

    columns = list(X.columns)
    rest = {c: 0.0 for c in columns if c not in names}

    def function(values: Array) -> Array:
        table = pd.DataFrame(values, columns=names).assign(**rest)[columns]
        return filled(predicted(model, table, task), fill)

    return function


def _model_agnostic(
    function: Function,
    rows: Array,
    background: Array,
    *,
    max_evals: int | None,
    seed: int,
) -> tuple[Array, Array]:
    shap = _shap()
    masker = shap.maskers.Independent(background, max_samples=len(background))
    with _restored_random_state():
        if max_evals is None:
            explainer = shap.ExactExplainer(function, masker)
            found = explainer(rows, max_evals=2 ** rows.shape[1], silent=True)
        else:
            explainer = shap.PermutationExplainer(function, masker, seed=seed)
            found = explainer(rows, max_evals=max_evals, silent=True)
    base = np.asarray(found.base_values, dtype=np.float64).reshape(-1)
    values = np.asarray(found.values, dtype=np.float64)
    return values, np.broadcast_to(base, (len(rows),)).copy()


def _shap() -> Any:
    with warnings.catch_warnings():
        # shap colours its figures on import, in a way that matplotlib will give up
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        import shap
    return shap


@contextmanager
def _restored_random_state() -> Iterator[None]:
    """Undo the seeding of NumPy's global generator, which shap does.

    One thread at a time: another would draw from the generator in between.
    """
    with _GENERATOR:
        state = np.random.get_state()  # noqa: NPY002
        try:
            yield
        finally:
            np.random.set_state(state)  # noqa: NPY002
