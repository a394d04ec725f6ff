"""The field's black boxes at their best, as rivals of the formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hecsr.baselines.tuned import Tuned
from hecsr.errors import HecsrError, suggestion

if TYPE_CHECKING:
    from hecsr.formula.formula import Task

Grid = Mapping[str, Sequence[Any]]

_TREES: Final = (100, 200)
_NETS: Final = (1, 5)


@dataclass(frozen=True)
class Recipe:
    """What is fitted, over what it is tuned, and what the last fit changes.

    `scaled` says whether the descriptors are standardised first. `path` leads to the
    parameters of the grid, `during` and `words` are for the report.
    """

    model: Any
    grid: Grid
    words: str
    scaled: bool = True
    path: str = ""
    final: Mapping[str, Any] = field(default_factory=dict)
    during: str = ""
    scaled_target: bool = False


@dataclass(frozen=True)
class BlackBox:
    """A kind of model: its names, and its recipe for a task and a seed."""

    name: str
    label: str
    recipe: Callable[[bool, int], Recipe]
    classes_only: bool = False


def black_box(name: str, task: Task, seed: int = 0, *, pca: float | None = None) -> Any:
    """Return an unfitted model of a kind that tunes itself by inner folds.

    Parameters
    ----------
    name
        One of :data:`BLACK_BOXES`.
    task
        'regression' or 'classification'.
    pca
        Share of the variance that principal components must keep, between 0 and 1:
        then the inner folds choose between them and the descriptors themselves. None
        for the descriptors alone.

    Raises
    ------
    HecsrError
        If there is no such kind, or not for this task.
    """
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    recipe = _recipe(name, task, seed)
    plain = StandardScaler() if recipe.scaled else "passthrough"
    model = Pipeline([("descriptors", plain), ("model", recipe.model)])
    path = ""
    if recipe.scaled_target:
        model = TransformedTargetRegressor(model, transformer=StandardScaler())
        path = "regressor__"
    inside = f"{path}model__"
    grid: dict[str, Sequence[Any]] = {
        f"{inside}{recipe.path}{name}": tried for name, tried in recipe.grid.items()
    }
    if pca is not None:
        grid[f"{path}descriptors"] = (plain, _components(pca))
    return Tuned(
        model,
        grid,
        task=task,
        final={f"{inside}{name}": value for name, value in recipe.final.items()},
        random_state=seed,
    )


def black_box_description(name: str, task: Task, *, pca: float | None = None) -> str:
    """Say what a kind of model is and over what it is tuned, for the report."""
    recipe = _recipe(name, task, 0)
    criterion = "mean absolute error" if task == "regression" else "Brier score"
    on = " on standardised descriptors" if recipe.scaled else ""
    if pca is not None:
        on += f" or on their principal components ({pca:.0%} of the variance)"
    values = "; ".join(
        f"{key} in {', '.join(map(str, tried))}" for key, tried in recipe.grid.items()
    )
    choice = "" if pca is None else "; descriptors or components"
    during = f"{recipe.during} while tuning, " if recipe.during else ""
    return (
        f"{recipe.words}{on}; tuned in each training fold by 3-fold {criterion} "
        f"({during}groups kept whole) over {values}{choice}"
    )


def _recipe(name: str, task: Task, seed: int) -> Recipe:
    if name not in BLACK_BOXES:
        raise HecsrError(f"no black box '{name}'; {suggestion(name, BLACK_BOXES)}")
    kind = BLACK_BOXES[name]
    if kind.classes_only and task == "regression":
        raise HecsrError(f"the black box '{name}' is for classes, not for numbers")
    return kind.recipe(task == "regression", seed)


def _forest(regression: bool, seed: int) -> Recipe:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestRegressor if regression else RandomForestClassifier
    search, final = _TREES
    # the square root is scikit-learn's own default for classes
    numbers = {"max_features": (0.33, 0.5, 1.0), "min_samples_leaf": (1, 3)}
    classes = {"max_features": ("sqrt", 0.33, 0.66), "min_samples_leaf": (1, 2, 4)}
    return Recipe(
        kind(n_estimators=search, random_state=seed),
        numbers if regression else classes,
        f"random forest of {final} trees",
        scaled=False,
        final={"n_estimators": final},
        during=f"{search} trees",
    )


def _network(regression: bool, seed: int) -> Recipe:
    from sklearn.ensemble import BaggingClassifier, BaggingRegressor
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    # lbfgs: a few hundred rows fit in one batch, and no learning rate needs tuning
    net = (MLPRegressor if regression else MLPClassifier)(solver="lbfgs", max_iter=300)
    # without bootstrap a bagging estimator is the mean over starting weights
    ensemble = (BaggingRegressor if regression else BaggingClassifier)(
        net, n_estimators=_NETS[0], bootstrap=False, random_state=seed
    )
    return Recipe(
        ensemble,
        {
            "hidden_layer_sizes": ((32,), (32, 16)),
            "activation": ("relu", "tanh"),
            "alpha": (0.3, 1.0, 3.0),
        },
        f"mean of {_NETS[1]} neural networks (L-BFGS, at most 300 iterations)",
        path="estimator__",
        final={"n_estimators": _NETS[1]},
        during="one network",
        scaled_target=regression,
    )


def _support_vectors(regression: bool, seed: int) -> Recipe:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.svm import SVC, SVR

    grid = {"C": (0.3, 1.0, 3.0, 10.0, 30.0), "gamma": (0.003, 0.01, 0.03, 0.1)}
    words = "support vector machine with a Gaussian kernel"
    if regression:
        grid["epsilon"] = (0.02, 0.1)
        return Recipe(SVR(), grid, words, scaled_target=True)
    # distances to the boundary become probabilities by Platt's logistic curve
    machine = CalibratedClassifierCV(SVC(random_state=seed), ensemble=False, cv=3)
    return Recipe(machine, grid, f"{words}, calibrated", path="estimator__")


def _neighbours(regression: bool, seed: int) -> Recipe:  # noqa: ARG001
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

    return Recipe(
        KNeighborsRegressor() if regression else KNeighborsClassifier(),
        {
            "n_neighbors": (1, 3, 5, 7, 10),
            "weights": ("uniform", "distance"),
            "p": (1, 2),
        },
        "nearest neighbours",
    )


def _linear(regression: bool, seed: int) -> Recipe:  # noqa: ARG001
    from sklearn.linear_model import LogisticRegression, Ridge

    sizes = (0.01, 0.1, 1.0, 10.0, 100.0)
    if regression:
        strengths = (*sizes, 1000.0)
        return Recipe(Ridge(), {"alpha": strengths}, "ridge regression")
    model = LogisticRegression(max_iter=5000)
    return Recipe(model, {"C": sizes}, "logistic regression with a quadratic penalty")


def _bayes(regression: bool, seed: int) -> Recipe:  # noqa: ARG001
    from sklearn.naive_bayes import GaussianNB

    grid = {"var_smoothing": (1e-9, 1e-3, 1e-2, 0.1, 1.0)}
    return Recipe(GaussianNB(), grid, "Gaussian naive Bayes")


def _boosting(regression: bool, seed: int) -> Recipe:
    from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

    kind = GradientBoostingRegressor if regression else GradientBoostingClassifier
    # few rows of two classes are learnt by heart sooner
    rates = (0.03, 0.1) if regression else (0.01, 0.03, 0.1)
    return Recipe(
        kind(n_estimators=300, random_state=seed, subsample=0.7, max_features=0.4),
        {"learning_rate": rates, "max_depth": (2, 3, 5)},
        "300 gradient-boosted trees, each on 70 % of the rows, each split on 40 % of "
        "the descriptors",
        scaled=False,
    )


def _process(regression: bool, seed: int) -> Recipe:  # noqa: ARG001
    from hecsr.baselines.gaussian_process import GaussianProcess, GaussianProcessClasses

    return Recipe(
        GaussianProcess() if regression else GaussianProcessClasses(),
        {"kernel": ("rbf", "matern32"), "ard": (False, True)},
        "Gaussian process on standardised descriptors, length scales, one for all or "
        "one each (ard), by marginal likelihood",
        # it does so itself: scaled here, the columns would have no names
        scaled=False,
    )


def _tree(regression: bool, seed: int) -> Recipe:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    kind = DecisionTreeRegressor if regression else DecisionTreeClassifier
    return Recipe(
        kind(random_state=seed),
        {"max_depth": (2, 3, 4, 6, None), "min_samples_leaf": (1, 3, 5, 8)},
        "one decision tree",
        scaled=False,
    )


BLACK_BOXES: Final[Mapping[str, BlackBox]] = {
    "random_forest": BlackBox("rf", "Random forest", _forest),
    "mlp": BlackBox("mlp", "Neural network", _network),
    "svm": BlackBox("svm", "Support vector machine", _support_vectors),
    "knn": BlackBox("knn", "Nearest neighbours", _neighbours),
    "linear": BlackBox("linear", "Penalised linear model", _linear),
    "naive_bayes": BlackBox(
        "naive_bayes", "Gaussian naive Bayes", _bayes, classes_only=True
    ),
    "gradient_boosting": BlackBox("boosting", "Gradient boosting", _boosting),
    "decision_tree": BlackBox("tree", "Decision tree", _tree),
    "gaussian_process": BlackBox("gp", "Gaussian process", _process),
}
"""By the names that an analysis uses; the models of the field's papers."""


def _components(pca: float) -> Any:
    from sklearn.decomposition import PCA
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    components = PCA(pca, svd_solver="full")
    return Pipeline([("scale", StandardScaler()), ("components", components)])
