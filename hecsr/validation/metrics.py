"""Scores of predictions against what was observed."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.stats import rankdata

from hecsr.errors import HecsrError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from hecsr.formula.formula import Task

    Array = NDArray[np.float64]

METRICS: Final = MappingProxyType(
    {
        "regression": ("mae", "rmse", "r2"),
        "classification": (
            "accuracy",
            "balanced_accuracy",
            "mcc",
            "auc",
            "brier",
            "log_loss",
        ),
    }
)
LOWER_IS_BETTER: Final = frozenset({"mae", "rmse", "brier", "log_loss"})

# What the importance of a descriptor is the rise of.
LOSS: Final = MappingProxyType({"regression": "mae", "classification": "brier"})

# The log-loss of a certain and wrong probability is infinite; clipping here, and
# nowhere else, keeps a mean over folds readable. One such row costs 27.6.
CLIP: Final = 1e-12


def scores(
    task: Task,
    observed: ArrayLike,
    predicted: ArrayLike,
    *,
    hard: bool = False,
    threshold: ArrayLike = 0.5,
) -> dict[str, float]:
    """Return every metric of the task over the rows that have a prediction.

    Parameters
    ----------
    observed
        Target values, or classes 0 and 1.
    predicted
        Predicted values, or probabilities of class 1. Rows where it is NaN are left
        out; without any row all metrics are NaN.
    hard
        The predictions are classes, not probabilities: Brier score and log-loss
        are then NaN.
    threshold
        Probability from which on a row is called class 1; one, or one per row.
    """
    y = np.asarray(observed, dtype=np.float64)
    p = np.asarray(predicted, dtype=np.float64)
    if y.shape != p.shape:
        raise HecsrError(f"{len(p)} predictions for {len(y)} observations")
    there = ~np.isnan(p)
    least = np.broadcast_to(np.asarray(threshold, dtype=np.float64), y.shape)[there]
    y, p = y[there], p[there]
    if len(y) == 0:
        return dict.fromkeys(METRICS[task], float("nan"))
    if task == "regression":
        return _regression(y, p)
    return _classification(y, p, least, hard=hard)


def loss(task: Task, observed: Array, predicted: Array) -> float:
    """Mean absolute error, or for classes the Brier score."""
    difference = predicted - observed
    if task == "regression":
        return float(np.mean(np.abs(difference)))
    return float(np.mean(difference**2))


def _regression(y: Array, p: Array) -> dict[str, float]:
    error = p - y
    total = float(np.sum((y - y.mean()) ** 2))
    left = float(np.sum(error**2))
    return {
        "mae": float(np.mean(np.abs(error))),
        "rmse": float(np.sqrt(np.mean(error**2))),
        # one row, or equal ones, leave nothing to explain
        "r2": 1.0 - left / total if total > 0 else float("nan"),
    }


def _classification(
    y: Array, p: Array, least: Array, *, hard: bool
) -> dict[str, float]:
    positive, called = y == 1, p >= least
    tp = float(np.sum(positive & called))
    tn = float(np.sum(~positive & ~called))
    fp = float(np.sum(~positive & called))
    fn = float(np.sum(positive & ~called))
    both = bool(positive.any() and not positive.all())
    nan = float("nan")
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return {
        "accuracy": (tp + tn) / len(y),
        # with one class among the rows there is no balance, correlation or order
        "balanced_accuracy": (tp / (tp + fn) + tn / (tn + fp)) / 2 if both else nan,
        "mcc": _mcc(tp * tn - fp * fn, product) if both else nan,
        "auc": _auc(positive, p) if both else nan,
        "brier": nan if hard else float(np.mean((p - y) ** 2)),
        "log_loss": nan if hard else _log_loss(positive, p),
    }


def _mcc(numerator: float, product: float) -> float:
    # a prediction of one class only is by convention uncorrelated with the truth
    return numerator / float(np.sqrt(product)) if product > 0 else 0.0


def _auc(positive: NDArray[np.bool_], p: Array) -> float:
    """Area under the ROC curve as a rank sum; ties count one half."""
    ranks = rankdata(p)
    n1, n0 = int(positive.sum()), int((~positive).sum())
    return float((ranks[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def _log_loss(positive: NDArray[np.bool_], p: Array) -> float:
    clipped = np.clip(p, CLIP, 1.0 - CLIP)
    return float(-np.mean(np.log(np.where(positive, clipped, 1.0 - clipped))))
