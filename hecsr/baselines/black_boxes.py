"""Random forest and neural network at their best, as rivals of the formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hecsr.baselines.tuned import Tuned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hecsr.formula.formula import Task

FOREST_GRID: Final[Mapping[str, Sequence[Any]]] = {
    "model__max_features": (0.33, 0.5, 1.0),
    "model__min_samples_leaf": (1, 3),
}
# The square root is scikit-learn's own default for classes.
FOREST_GRID_CLASSES: Final[Mapping[str, Sequence[Any]]] = {
    "model__max_features": ("sqrt", 0.33, 0.66),
    "model__min_samples_leaf": (1, 2, 4),
}
NETWORK_GRID: Final[Mapping[str, Sequence[Any]]] = {
    "hidden_layer_sizes": ((32,), (32, 16)),
    "activation": ("relu", "tanh"),
    "alpha": (0.3, 1.0, 3.0),
}
TREES: Final = (100, 200)
NETS: Final = (1, 5)


def random_forest(task: Task, seed: int = 0, *, pca: float | None = None) -> Tuned:
    """Random forest, its leaves and features per split tuned by inner folds.

    Parameters
    ----------
    task
        'regression' or 'classification'.
    pca
        Share of the variance that principal components must keep, between 0 and 1;
        None for the descriptors themselves.
    """
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
    from sklearn.pipeline import Pipeline

    search, final = TREES
    kind = RandomForestRegressor if task == "regression" else RandomForestClassifier
    model = kind(n_estimators=search, random_state=seed)
    grid = FOREST_GRID if task == "regression" else FOREST_GRID_CLASSES
    return Tuned(
        Pipeline([*_components(pca), ("model", model)]),
        grid,
        task=task,
        final={"model__n_estimators": final},
        random_state=seed,
    )


def mlp(task: Task, seed: int = 0, *, pca: float | None = None) -> Tuned:
    """Mean of small neural networks, tuned by inner folds.

    Descriptors, and the target of a regression, are standardised on the training
    rows. The networks of the mean differ in their starting weights.

    Parameters
    ----------
    task
        'regression' or 'classification'.
    pca
        Share of the variance that principal components must keep, between 0 and 1;
        None for the descriptors themselves.
    """
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.ensemble import BaggingClassifier, BaggingRegressor
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    regression = task == "regression"
    # lbfgs: a few hundred rows fit in one batch, and no learning rate needs tuning
    net = (MLPRegressor if regression else MLPClassifier)(solver="lbfgs", max_iter=300)
    # without bootstrap a bagging estimator is the mean over starting weights
    ensemble = (BaggingRegressor if regression else BaggingClassifier)(
        net, n_estimators=NETS[0], bootstrap=False, random_state=seed
    )
    scale = _components(pca) or [("scale", StandardScaler())]
    model = Pipeline([*scale, ("model", ensemble)])
    path = "model__"
    if regression:
        model = TransformedTargetRegressor(model, transformer=StandardScaler())
        path = "regressor__model__"
    return Tuned(
        model,
        {f"{path}estimator__{name}": values for name, values in NETWORK_GRID.items()},
        task=task,
        final={f"{path}n_estimators": NETS[1]},
        random_state=seed,
    )


def black_box_description(name: str, task: Task, *, pca: float | None = None) -> str:
    """Say what 'rf' or 'mlp' is and over what it is tuned, for the report."""
    criterion = "mean absolute error" if task == "regression" else "Brier score"
    reduced = "" if pca is None else f" on principal components ({pca:.0%} of variance)"
    if name == "rf":
        grid = FOREST_GRID if task == "regression" else FOREST_GRID_CLASSES
        what = f"random forest of {TREES[1]} trees{reduced}"
        during = f"{TREES[0]} trees"
    else:
        grid = NETWORK_GRID
        what = (
            f"mean of {NETS[1]} neural networks (L-BFGS, at most 300 iterations)"
            f"{reduced or ' on standardised descriptors'}"
        )
        during = "one network"
    values = "; ".join(
        f"{key.removeprefix('model__')} in {', '.join(map(str, tried))}"
        for key, tried in grid.items()
    )
    return (
        f"{what}; tuned in each training fold by 3-fold {criterion} ({during} while"
        f" tuning, groups kept whole) over {values}"
    )


def _components(pca: float | None) -> list[tuple[str, Any]]:
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    if pca is None:
        return []
    return [("scale", StandardScaler()), ("pca", PCA(pca, svd_solver="full"))]
