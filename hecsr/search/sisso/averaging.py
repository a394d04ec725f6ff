"""What model averaging needs: likelihoods, information criteria, and weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecsr.formula.expression import Array
    from hecsr.search.sisso.building.weighting import Weighting
    from hecsr.search.sisso.sparsifying.sparsify import Model


@dataclass(frozen=True)
class Criteria:
    """How a least-squares model weighs fit against size.

    Burnham, Anderson, Model Selection and Multimodel Inference, 2nd ed., Springer
    (2002), sections 2.2 to 2.4; AICc: Hurvich, Tsai, Biometrika 76, 297 (1989),
    10.1093/biomet/76.2.297. They compare models of the same samples; a list that a
    search picked from many is more alike than its weights say.

    Attributes
    ----------
    n
        Samples of weight above 0.
    parameters
        Coefficients and intercepts of all tasks, and the variance of the errors.
    residual_sum
        Weighted sum of squared residuals; weights have mean 1.
    log_likelihood
        At its maximum, for independent Gaussian errors of which the variances are in
        inverse proportion to the weights; infinite for a model without residual.
    aicc
        Akaike's criterion for small samples; infinite where `n` does not exceed
        `parameters` by more than 1.
    bic
        Schwarz's criterion.
    """

    n: int
    parameters: int
    residual_sum: float
    log_likelihood: float
    aicc: float
    bic: float


def criteria(model: Model, weighting: Weighting) -> Criteria:
    """Return the criteria of a model; only differences between models mean anything."""
    used = weighting.share > 0
    n = int(used.sum())
    weights = weighting.share[used] * n
    residual = model.residual[used]
    # the sum of tiny squares underflows; a residual scaled by a power of two does not
    top = float(np.abs(residual).max(initial=0.0))
    exponent = int(np.frexp(top)[1])
    mean = float(weights @ np.square(np.ldexp(residual, -exponent))) / n
    k = len(weighting.tasks) * (len(model.members) + int(weighting.centred)) + 1
    with np.errstate(divide="ignore"):
        log_variance = float(np.log(mean)) + 2 * exponent * float(np.log(2))
    log_likelihood = 0.5 * float(np.log(weights).sum()) - 0.5 * n * (
        float(np.log(2 * np.pi)) + log_variance + 1
    )
    spare = n - k - 1
    aicc = 2 * k - 2 * log_likelihood + 2 * k * (k + 1) / spare if spare > 0 else np.inf
    bic = k * float(np.log(n)) - 2 * log_likelihood
    with np.errstate(over="ignore"):
        total = float(np.ldexp(mean * n, 2 * exponent))
    return Criteria(n, k, total, log_likelihood, aicc, bic)


def akaike_weights(values: Sequence[float]) -> Array:
    """Return weights in proportion to exp(-value / 2), which sum to one.

    Infinite and undefined values have weight 0; minus infinity, of models without
    residual, leaves none to others. Where no value is finite all weights are 0.
    """
    x = np.asarray(values, dtype=np.float64)
    x = np.where(np.isnan(x), np.inf, x)
    least = x.min(initial=np.inf)
    if least == np.inf:
        return np.zeros(len(x))
    if least == -np.inf:
        weights = (x == -np.inf).astype(np.float64)
    else:
        weights = np.exp((least - x) / 2)
    return np.asarray(weights / weights.sum())
