"""Least-squares and logistic fits of the coefficients of a given form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hecsr.descriptors.descriptor import Descriptor, plain
from hecsr.errors import SearchError
from hecsr.formula.domain import Domain
from hecsr.formula.expression import (
    Array,
    Call,
    Expression,
    Number,
    evaluate,
    logistic,
    variables,
)
from hecsr.formula.formula import (
    Coefficient,
    Formula,
    Target,
    Task,
    linear_combination,
)
from hecsr.formula.level import level
from hecsr.formula.physics import unit_of
from hecsr.formula.uncertainty import quadratic, relative
from hecsr.units import NUMBER


@dataclass(frozen=True)
class LinearFit:
    """Coefficients (intercept first, if any), their covariance, the fitted values.

    The covariance is None where no degree of freedom is left, or where it does not
    fit into double precision.
    """

    coefficients: Array
    covariance: Array | None
    fitted: Array


def least_squares(
    columns: Array,
    y: Array,
    weights: Array | None = None,
    *,
    intercept: bool = True,
) -> LinearFit:
    """Weighted least squares by QR of scaled (with intercept: centred) columns.

    The covariance is that of independent errors of equal variance given the form.
    """
    n, k = columns.shape
    w = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    # so that squares neither over- nor underflow
    top, unit = _powers_of_two(columns), _powers_of_two(y)
    columns, y = columns / top, y / unit
    centre = w @ columns / w.sum() if intercept else np.zeros(k)
    scale = np.sqrt(w @ (columns - centre) ** 2 / w.sum())
    _refuse_constant(centre, scale)
    design = np.hstack([np.ones((n, int(intercept))), (columns - centre) / scale])
    root = np.sqrt(w)[:, None]
    q, r = np.linalg.qr(design * root)
    _refuse_dependent(r)
    inverse = np.linalg.solve(r, np.eye(len(r)))
    scaled = inverse @ (q.T @ (y * root[:, 0]))
    fitted = design @ scaled
    freedom = n - len(r)
    covariance = None
    with np.errstate(over="ignore", invalid="ignore"):
        back = _unscale(centre, scale, intercept=intercept) * unit
        back[back.shape[0] - k :] /= top[:, None]
        if freedom > 0:
            variance = float(w @ (y - fitted) ** 2) / freedom
            half = back @ inverse * np.sqrt(variance)
            covariance = half @ half.T
            if not np.isfinite(covariance).all():
                covariance = None
        coefficients = back @ scaled
    if not np.isfinite(coefficients).all():
        raise SearchError("a coefficient does not fit into double precision")
    return LinearFit(coefficients, covariance, fitted * unit)


def firth_logistic(columns: Array, y: Array, weights: Array | None = None) -> LinearFit:
    """Logistic regression with Firth's penalty; finite for separable classes.

    Maximises ``log L + log det(I) / 2`` (Firth, Biometrika 80, 27 (1993);
    Heinze and Schemper, Stat. Med. 21, 2409 (2002), 10.1002/sim.1047). `y` is 0 or
    1; `fitted` holds probabilities.
    """
    n, k = columns.shape
    w = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    centre = columns.mean(axis=0)
    scale = columns.std(axis=0)
    _refuse_constant(centre, scale)
    design = np.column_stack([np.ones(n), (columns - centre) / scale])
    _refuse_dependent(np.linalg.qr(design)[1])
    beta = np.zeros(k + 1)
    current = _penalised_likelihood(design, y, w, beta)
    for _ in range(200):
        p = logistic(design @ beta)
        information = design.T @ (design * (w * p * (1 - p))[:, None])
        inverse = np.linalg.pinv(information)
        hat = w * p * (1 - p) * np.einsum("ij,jk,ik->i", design, inverse, design)
        score = design.T @ (w * (y - p) + hat * (0.5 - p))
        step = inverse @ score
        # halve the step until the penalised likelihood does not fall
        length = min(1.0, 5.0 / max(np.max(np.abs(step)), 1e-300))
        while length > 1e-8:
            trial = _penalised_likelihood(design, y, w, beta + length * step)
            if trial >= current - 1e-12:
                break
            length /= 2
        beta = beta + length * step
        current = max(trial, current)
        if np.max(np.abs(length * step)) < 1e-9:
            break
    p = logistic(design @ beta)
    back = _unscale(centre, scale)
    return LinearFit(back @ beta, _logistic_covariance(design, w, p, back), p)


def logistic_fit(columns: Array, y: Array, weights: Array | None = None) -> LinearFit:
    """Logistic regression: Firth's slopes, and the intercept of greatest likelihood.

    Firth's penalty pulls every probability towards one half, so that rows of which
    73 % are of class 1 are given 72.7 % on average. With the slopes kept, the
    likelihood alone chooses the intercept, and the mean probability is the share of
    class 1 (FLIC: Puhr et al., Stat. Med. 36, 2302 (2017), 10.1002/sim.7273). The
    standard errors are those of the information there. Rows of one class keep
    Firth's intercept: the likelihood's is infinite.
    """
    fit = firth_logistic(columns, y, weights)
    n = len(y)
    w = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        odds = fit.coefficients[0] + columns @ fit.coefficients[1:]
    shift = level(odds, y, w)
    if shift == 0:
        return fit
    coefficients = fit.coefficients.copy()
    coefficients[0] += shift
    p = logistic(odds + shift)
    centre, scale = columns.mean(axis=0), columns.std(axis=0)
    design = np.column_stack([np.ones(n), (columns - centre) / scale])
    covariance = _logistic_covariance(design, w, p, _unscale(centre, scale))
    return LinearFit(coefficients, covariance, p)


def _logistic_covariance(design: Array, weights: Array, p: Array, back: Array) -> Array:
    """Return the inverse information at probabilities, brought back by `back`."""
    information = design.T @ (design * (weights * p * (1 - p))[:, None])
    covariance = back @ np.linalg.pinv(information) @ back.T
    return np.asarray((covariance + covariance.T) / 2)


def fit_formula(
    terms: Sequence[Expression],
    columns: Mapping[str, Array],
    y: Array,
    *,
    task: Task,
    target: Target,
    descriptors: Mapping[str, Descriptor],
    weights: Array | None = None,
    intercept: bool = True,
) -> Formula:
    """Fit ``c0 + c1 t1 + ...`` (inside a logistic link for classes) to samples.

    Parameters
    ----------
    terms
        The forms whose coefficients are fitted; empty for the mean alone.
    columns
        Descriptor values by name, each of length n.
    y
        Target values; 0 and 1 for classification.
    intercept
        Whether there is a c0, which classes always have. Without one and without
        terms the formula is 0.

    Raises
    ------
    SearchError
        If a term is undefined or constant on a sample, or terms are dependent.
    """
    if task == "classification" and not intercept:
        raise SearchError("the probability of a class is fitted with an intercept")
    names = tuple(dict.fromkeys(name for t in terms for name in variables(t)))
    design = np.empty((len(y), len(terms)))
    for j, term in enumerate(terms):
        design[:, j] = evaluate(term, columns)
        if np.isnan(design[:, j]).any():
            raise SearchError(f"a term is undefined on a sample: {term!r}")
    if task == "regression":
        fit = least_squares(design, y, weights, intercept=intercept)
    else:
        fit = logistic_fit(design, y, weights)
    described = tuple(descriptors.get(name) or plain(name) for name in names)
    expression: Expression = Number(0.0)
    if terms or intercept:
        expression = linear_combination(terms, intercept=intercept)
    if task == "classification":
        expression = Call("logistic", expression)
    of_target = target.unit if task == "regression" else NUMBER
    units = {d.name: d.unit for d in described}
    scales = {d.name: d.scale for d in described if d.scale is not None}
    errors = None if fit.covariance is None else np.sqrt(np.diag(fit.covariance))
    first = 0 if intercept else 1
    term_units = [unit_of(term, units, scales) for term in terms]
    coefficients = tuple(
        Coefficient(
            f"c{i}",
            float(value),
            None if errors is None else float(errors[i - first]),
            of_target if i == 0 else of_target / term_units[i - 1],
        )
        for i, value in enumerate(fit.coefficients, start=first)
    )
    metrics = _in_sample(fit, y, weights) if task == "regression" else {}
    covariance, leverage = None, None
    if fit.covariance is not None:
        covariance = tuple(tuple(float(v) for v in row) for row in fit.covariance)
        slopes = np.hstack([np.ones((len(y), int(intercept))), design])
        spread = quadratic(slopes, fit.covariance)
        leverage = relative(spread, task, metrics.get("residual_sd"))
    return Formula(
        expression=expression,
        variables=described,
        coefficients=coefficients,
        target=target,
        task=task,
        covariance=covariance,
        domain=Domain.of(names, columns, leverage),
        n_samples=len(y),
        metrics=metrics,
    )


def _in_sample(fit: LinearFit, y: Array, weights: Array | None) -> dict[str, float]:
    """Residual standard deviation with the degrees of freedom that are left."""
    freedom = len(y) - len(fit.coefficients)
    if freedom <= 0:
        return {}
    w = np.ones(len(y)) if weights is None else weights
    return {"residual_sd": float(np.sqrt(w @ (y - fit.fitted) ** 2 / freedom))}


def _refuse_constant(centre: Array, scale: Array) -> None:
    if np.any(scale <= 1e-12 * np.abs(centre)):
        raise SearchError("a term of the formula is constant on these samples")


def _refuse_dependent(r: Array) -> None:
    size = np.abs(np.diag(r))
    if size.size and np.min(size) < 1e-10 * np.max(size):
        raise SearchError("the terms of the formula are linearly dependent")


def _powers_of_two(columns: Array) -> Array:
    """Return powers of two near the columns' largest values: they change no digit."""
    top = np.abs(columns).max(axis=0)
    return np.asarray(np.ldexp(1.0, np.clip(np.frexp(top)[1], -1000, 1000)))


def _unscale(centre: Array, scale: Array, *, intercept: bool = True) -> Array:
    """Matrix from coefficients of standardised columns to those of raw ones."""
    k = len(scale)
    if not intercept:
        return np.diag(1 / scale)
    back = np.zeros((k + 1, k + 1))
    back[0, 0] = 1.0
    back[0, 1:] = -centre / scale
    back[1:, 1:] = np.diag(1 / scale)
    return back


def _penalised_likelihood(design: Array, y: Array, w: Array, beta: Array) -> float:
    z = design @ beta
    p = logistic(z)
    likelihood = float(w @ (y * z - np.logaddexp(0, z)))
    information = design.T @ (design * (w * p * (1 - p))[:, None])
    sign, log_det = np.linalg.slogdet(information)
    return likelihood + 0.5 * log_det if sign > 0 else -np.inf
