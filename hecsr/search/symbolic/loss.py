"""What candidates are compared by before they are properly fitted, and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.formula.expression import (
    Array,
    Constant,
    Expression,
    constants,
    evaluate,
    logistic,
)
from hecsr.formula.gradient import gradient
from hecsr.formula.nonlinear import Form

if TYPE_CHECKING:
    from hecsr.search.samples import Samples

_STEPS: Final = 10
_DAMPING: Final = 1e-4
_CERTAIN: Final = 4.0
"""Size of a logit beyond which a probability is next to 0 or 1."""


def training_loss(
    expression: Expression, values: Mapping[str, float], samples: Samples
) -> float:
    """Return the mean squared error; for classes the mean of minus log likelihood.

    `expression` is what stands inside the logistic link. Infinite where it is
    undefined on a sample.
    """
    value = np.broadcast_to(
        evaluate(expression, samples.columns, values), samples.y.shape
    )
    return _loss(value, samples)


def bayes_criterion(loss: float, free: int, samples: Samples) -> float:
    """Return Schwarz's criterion (Ann. Stat. 6, 461 (1978), 10.1214/aos/1176344136).

    Parameters
    ----------
    loss
        Of :func:`training_loss`.
    free
        Number of fitted constants.
    """
    n = len(samples.y)
    if samples.task == "classification":
        return 2 * n * loss + free * float(np.log(n))
    # rounding must not decide between two exact formulas
    return n * float(np.log(max(loss, rounding(samples)))) + free * float(np.log(n))


def rounding(samples: Samples) -> float:
    """Return the squared error below which a formula for numbers is exact."""
    mean = float(samples.share @ samples.y)
    spread = float(samples.share @ (samples.y - mean) ** 2)
    # digits of the mean are lost in the differences too
    return 1e-24 * spread + 1e-30 * mean**2 + 1e-300


def roughly_fitted(form: Form, samples: Samples) -> Form:
    """Improve start values by some steps of Levenberg and Marquardt's method.

    For classes the steps are those of Fisher scoring, and end where every probability
    is next to 0 or 1: the likelihood of classes that a formula parts has no maximum,
    and Firth's could not start from there. Enough to tell good candidates from bad
    ones; the fit proper takes far longer.
    """
    names = constants(form.expression)
    values = dict(form.start)
    loss = training_loss(form.expression, values, samples)
    damping = _DAMPING
    slope = _slope(form.expression, names, values, samples)
    for _ in range(_STEPS):
        if slope is None or not names:
            break
        curved, score = slope
        damped = curved + damping * np.diag(np.diag(curved) + 1e-300)
        step = np.linalg.lstsq(damped, score, rcond=None)[0].tolist()
        moved = {n: values[n] + s for n, s in zip(names, step, strict=True)}
        found = training_loss(form.expression, moved, samples)
        if not found < loss or _saturated(form.expression, moved, samples):
            damping *= 30
            continue
        flat = found > loss * (1 - 1e-4)
        values, loss, damping = moved, found, damping / 10
        if flat:
            break
        slope = _slope(form.expression, names, values, samples)
    return Form(form.expression, values)


def _saturated(
    expression: Expression, values: Mapping[str, float], samples: Samples
) -> bool:
    if samples.task == "regression":
        return False
    value = evaluate(expression, samples.columns, values)
    return bool(np.abs(value).min() > _CERTAIN)


def _slope(
    expression: Expression,
    names: tuple[str, ...],
    values: Mapping[str, float],
    samples: Samples,
) -> tuple[Any, Any] | None:
    """Return the expected curvature of the loss, and the direction it falls in."""
    by = [Constant(n) for n in names]
    value, slopes = gradient(expression, by, samples.columns, values)
    if not np.isfinite(slopes).all():
        return None
    weight, mean = samples.share, value
    if samples.task == "classification":
        mean = logistic(value)
        weight = weight * mean * (1 - mean)
    with np.errstate(over="ignore", invalid="ignore"):
        curved = (slopes * weight[:, None]).T @ slopes
        score = slopes.T @ (samples.share * (samples.y - mean))
    good = np.isfinite(curved).all() and np.isfinite(score).all()
    return (curved, score) if good else None


def _loss(value: Array, samples: Samples) -> float:
    if np.isnan(value).any():
        return float("inf")
    with np.errstate(over="ignore"):
        if samples.task == "classification":
            return float(samples.share @ (np.logaddexp(0, value) - samples.y * value))
        return float(samples.share @ (samples.y - value) ** 2)
