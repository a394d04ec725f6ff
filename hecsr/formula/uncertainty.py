"""How sure a formula is: standard errors, leverage and prediction intervals.

Every standard error here is *given this form*: it says how far the coefficients of
this one form would scatter with other samples of equal noise. After a search among
millions of forms it is not the error of the procedure, and an interval made of it
covers less than it says (Leeb and Poetscher, Econom. Theory 21, 21 (2005),
10.1017/S0266466605050036). The held-out errors of the whole procedure have no such
gap; intervals of kind 'conformal' are made from these.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

from hecsr.errors import FormulaError, suggestion
from hecsr.formula.expression import Array, Constant, evaluate, logistic
from hecsr.formula.gradient import gradient

if TYPE_CHECKING:
    from hecsr.formula.formula import Formula

Kind = Literal["conformal", "analytic"]
GIVEN_THIS_FORM: Final = (
    "standard errors given this form; after a search they are not coverage"
)
LEVEL: Final = 0.9


@dataclass(frozen=True)
class Bounds:
    """Lower and upper bounds of predictions, and what they rest on.

    Attributes
    ----------
    lower, upper
        On the scale of the target; NaN where unknown.
    level
        Share of new values that the bounds are made for. It may be above the level
        that was asked for: conformal bounds are kept for some levels alone.
    kind
        'conformal' or 'analytic'.
    basis
        In words, for a heading: where the bounds come from.
    """

    lower: Array
    upper: Array
    level: float
    kind: Kind
    basis: str


def intervals(
    formula: Formula,
    columns: Mapping[str, Array],
    kind: Kind | None = None,
    level: float = LEVEL,
) -> Bounds:
    """Return prediction intervals for rows of descriptors.

    Parameters
    ----------
    kind
        'conformal': the value plus and minus the half width that held `level` of
        the procedure's errors on unseen groups. 'analytic': Student's t times the
        root of residual variance plus variance of the value, from the coefficients'
        covariance *given this form*; of a class, bounds of its probability, normal
        on the linear predictor and through the link. None takes the conformal ones
        where the formula carries them, else the analytic ones.
    level
        Between 0 and 1.

    Raises
    ------
    FormulaError
        If conformal bounds are asked for and the formula carries none for `level`.
    """
    if not 0 < level < 1:
        raise FormulaError(f"the level of an interval is {level}; give one in (0, 1)")
    if kind is not None and kind not in get_args(Kind):
        hint = suggestion(str(kind), get_args(Kind))
        raise FormulaError(f"the kind of an interval is '{kind}'; {hint}")
    if kind == "conformal" or (kind is None and formula.interval is not None):
        return _conformal(formula, columns, level)
    return _analytic(formula, columns, level)


def _conformal(formula: Formula, columns: Mapping[str, Array], level: float) -> Bounds:
    if formula.task == "classification":
        msg = "a probability has no held-out errors to take bounds from; ask for "
        raise FormulaError(f"{msg}'analytic' ones")
    if formula.interval is None:
        msg = "the formula carries no held-out errors of its procedure; ask for "
        raise FormulaError(f"{msg}'analytic' bounds, which hold given this form only")
    kept, half = formula.interval.at(level)
    value = formula.evaluate(columns)
    basis = f"conformal, {formula.interval.source}"
    return Bounds(value - half, value + half, kept, "conformal", basis)


def _analytic(formula: Formula, columns: Mapping[str, Array], level: float) -> Bounds:
    from scipy import stats

    value = formula.evaluate(columns)
    unknown = np.full_like(value, np.nan)
    spread = standard_error(formula, columns, len(value))
    basis = f"analytic, {GIVEN_THIS_FORM}"
    if spread is None:
        return Bounds(unknown, unknown, level, "analytic", "no covariance is known")
    if formula.task == "classification":
        score = evaluate(formula.linear_predictor, columns, formula.constants)
        reach = float(stats.norm.ppf((1 + level) / 2)) * spread
        lower, upper = logistic(score - reach), logistic(score + reach)
        return Bounds(lower, upper, level, "analytic", basis)
    residual = formula.metrics.get("residual_sd", math.nan)
    freedom = formula.n_samples - _fitted(formula)
    t = float(stats.t.ppf((1 + level) / 2, freedom)) if freedom > 0 else math.nan
    reach = t * np.hypot(spread, residual)
    return Bounds(value - reach, value + reach, level, "analytic", basis)


def _fitted(formula: Formula) -> int:
    """Count the coefficients that the samples determined; others were held."""
    return sum(c.standard_error is not None for c in formula.coefficients)


def standard_error(
    formula: Formula, columns: Mapping[str, Array], n_rows: int
) -> Array | None:
    """Return the standard error of the linear predictor, given this form.

    The root of ``g' C g`` with g the derivatives by the coefficients and C their
    covariance. NaN where a derivative is undefined; None without a covariance.
    """
    if formula.covariance is None:
        return None
    by = [Constant(c.name) for c in formula.coefficients]
    used = {n: columns[n] for n in formula.names}
    found = gradient(formula.linear_predictor, by, used, formula.constants)[1]
    slopes = np.broadcast_to(found, (n_rows, len(by)))
    return np.sqrt(quadratic(slopes, np.array(formula.covariance)))


def quadratic(slopes: Array, covariance: Array) -> Array:
    """Return ``g' C g`` for each row g; coefficients held (C zero) add nothing."""
    held = ~covariance.any(axis=0)
    slopes = np.where(held, 0.0, slopes)
    if not covariance.size:
        return np.zeros(len(slopes))
    # rounding may leave a variance of zero a little below it
    found = np.einsum("ij,jk,ik->i", slopes, covariance, slopes)
    return np.asarray(np.maximum(found, 0.0))


def leverage(
    formula: Formula, columns: Mapping[str, Array], n_rows: int
) -> Array | None:
    """Return ``g' C g / s^2`` of each row; None where it cannot be known.

    For a linear form and equal weights this is the diagonal of the hat matrix. For
    classes s is 1, and it is the variance of the linear predictor.
    """
    spread = standard_error(formula, columns, n_rows)
    if spread is None:
        return None
    return relative(spread**2, formula.task, formula.metrics.get("residual_sd"))


def relative(variance: Array, task: str, residual_sd: float | None) -> Array | None:
    """Divide variances of the linear predictor by that of a sample's error."""
    if task == "classification":
        return variance
    # an exact fit tells nothing of the relative weight of its samples
    return (np.sqrt(variance) / residual_sd) ** 2 if residual_sd else None
