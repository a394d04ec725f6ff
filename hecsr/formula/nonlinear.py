"""Fits of constants that stand anywhere in an expression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hecsr.descriptors.descriptor import Descriptor, plain
from hecsr.errors import SearchError
from hecsr.formula.expression import (
    Array,
    Call,
    Constant,
    Expression,
    constants,
    evaluate,
    logistic,
    variables,
)
from hecsr.formula.formula import Coefficient, Formula, Target, Task
from hecsr.formula.gradient import gradient

_DEPENDENT = 1e-10
"""A constant whose effect is this far explained by others cannot be told from them."""


@dataclass(frozen=True)
class Form:
    """An expression with constants anywhere, and the values their fit starts from.

    For classes the expression is what stands inside the logistic link.
    """

    expression: Expression
    start: Mapping[str, float]

    def __post_init__(self) -> None:
        for name in constants(self.expression):
            if name not in self.start:
                raise SearchError(f"the constant '{name}' has no value to start from")


def fit_form(
    form: Form,
    columns: Mapping[str, Array],
    y: Array,
    *,
    task: Task,
    target: Target,
    descriptors: Mapping[str, Descriptor],
    weights: Array | None = None,
) -> Formula:
    """Fit the constants of a form: least squares, for classes Firth's likelihood.

    Regression by Levenberg and Marquardt's method with exact derivatives (MINPACK);
    classes by maximum of ``log L + log det(I) / 2`` (Firth, Biometrika 80, 27
    (1993)). A constant that the samples cannot tell from the others keeps its start
    value and has no standard error.

    Parameters
    ----------
    columns
        Descriptor values by name, each of length n.
    y
        Target values; 0 and 1 for classification.

    Raises
    ------
    SearchError
        If the form with its start values is undefined on a sample.
    """
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    fit = _Fit(form, columns, y, w, task)
    names = constants(form.expression)
    values = dict(form.start) | fit.best()
    covariance, free = fit.covariance(values)
    described = tuple(
        descriptors.get(n) or plain(n) for n in variables(form.expression)
    )
    errors = dict(zip(free, np.sqrt(np.diag(covariance)), strict=True))
    spread = _spread_over(names, free, covariance)
    expression = form.expression
    metrics: dict[str, float] = {}
    if task == "classification":
        expression = Call("logistic", expression)
    elif (freedom := len(y) - len(free)) > 0:
        residual = y - fit.value(values)
        metrics = {"residual_sd": float(np.sqrt(w @ residual**2 / freedom))}
    finite = np.isfinite(spread).all()
    return Formula(
        expression=expression,
        variables=described,
        coefficients=tuple(
            Coefficient(
                n,
                values[n],
                float(errors[n]) if n in errors and finite else None,
            )
            for n in names
        ),
        target=target,
        task=task,
        covariance=tuple(tuple(map(float, row)) for row in spread) if finite else None,
        ranges={
            d.name: (float(columns[d.name].min()), float(columns[d.name].max()))
            for d in described
        },
        n_samples=len(y),
        metrics=metrics,
    )


def _spread_over(
    names: tuple[str, ...], free: tuple[str, ...], covariance: Array
) -> Array:
    """Put the covariance of the free constants among zeros for those held."""
    place = [names.index(n) for n in free]
    full = np.zeros((len(names), len(names)))
    full[np.ix_(place, place)] = covariance
    return full


class _Fit:
    """The samples and the form, and what is minimised over them."""

    def __init__(
        self,
        form: Form,
        columns: Mapping[str, Array],
        y: Array,
        weights: Array,
        task: Task,
    ) -> None:
        self.expression = form.expression
        names = set(variables(form.expression))
        self.columns = {n: c for n, c in columns.items() if n in names}
        self.y, self.weights, self.task = y, weights, task
        self.start = dict(form.start)
        value = self.value(self.start)
        if np.isnan(value).any():
            raise SearchError("the form is undefined on a sample")
        self.free = self._told_apart(self.start)

    def value(self, values: Mapping[str, float]) -> Array:
        value = evaluate(self.expression, self.columns, values)
        return np.broadcast_to(value, self.y.shape)

    def slopes(self, values: Mapping[str, float], names: tuple[str, ...]) -> Array:
        found = gradient(
            self.expression, [Constant(n) for n in names], self.columns, values
        )[1]
        return np.broadcast_to(found, (len(self.y), len(names)))

    def _told_apart(self, values: Mapping[str, float]) -> tuple[str, ...]:
        """Return the constants whose effects on the samples are independent."""
        from scipy.linalg import qr

        names = constants(self.expression)
        slopes = self.slopes(values, names) * np.sqrt(self.weights)[:, None]
        size = np.sqrt((slopes**2).sum(axis=0))
        good = np.flatnonzero(np.isfinite(size) & (size > 0))
        if not good.size:
            return ()
        _, r, order = qr(slopes[:, good] / size[good], mode="economic", pivoting=True)
        rank = int((np.abs(np.diag(r)) > _DEPENDENT).sum())
        kept = {names[good[i]] for i in order[:rank]}
        return tuple(n for n in names if n in kept)

    def best(self) -> dict[str, float]:
        if not self.free:
            return {}
        start = np.array([self.start[n] for n in self.free])
        regression = self.task == "regression"
        found = self._least_squares(start) if regression else self._likeliest(start)
        values = self.start | dict(zip(self.free, found.tolist(), strict=True))
        # a fit that went astray is no reason to lose what the search found
        if not np.isfinite(found).all() or self.loss(values) > self.loss(self.start):
            found = start
        return dict(zip(self.free, found.tolist(), strict=True))

    def loss(self, values: Mapping[str, float]) -> float:
        """Return what is minimised, infinite where the form is undefined."""
        value = self.value(values)
        if np.isnan(value).any():
            return np.inf
        if self.task == "regression":
            with np.errstate(over="ignore"):
                return float(self.weights @ (self.y - value) ** 2)
        likelihood = self.weights @ (self.y * value - np.logaddexp(0, value))
        return -float(likelihood + 0.5 * self._log_information(values, value))

    def _log_information(self, values: Mapping[str, float], value: Array) -> float:
        slopes = self.slopes(values, self.free)
        if np.isnan(slopes).any():
            return -np.inf
        p = logistic(value)
        root = np.sqrt(self.weights * p * (1 - p))[:, None]
        sign, size = np.linalg.slogdet((slopes * root).T @ (slopes * root))
        return float(size) if sign > 0 else -np.inf

    def _least_squares(self, start: Array) -> Array:
        from scipy.optimize import least_squares

        root = np.sqrt(self.weights)
        if len(self.y) < len(start):
            return start
        # a step out of the domain is worse than any other, so that it is taken back
        far = 1e3 * (np.abs(self.y - self.value(self.start)).max() + 1e-300)

        def values_of(x: Array) -> dict[str, float]:
            return self.start | dict(zip(self.free, x.tolist(), strict=True))

        def residual(x: Array) -> Array:
            return root * np.nan_to_num(self.value(values_of(x)) - self.y, nan=far)

        def slopes(x: Array) -> Array:
            found = self.slopes(values_of(x), self.free)
            return np.nan_to_num(root[:, None] * found, nan=0.0)

        found = least_squares(
            residual, start, jac=slopes, method="lm", x_scale="jac",
            ftol=1e-13, xtol=1e-13, gtol=1e-13, max_nfev=60 * len(start),
        )  # fmt: skip
        return np.asarray(found.x)

    def _likeliest(self, start: Array) -> Array:
        from scipy.optimize import minimize

        size = np.where(start == 0, 1.0, np.abs(start))

        def loss(x: Array) -> float:
            x = x * size
            values = self.start | dict(zip(self.free, x.tolist(), strict=True))
            loss = self.loss(values)
            return loss if np.isfinite(loss) else 1e10

        found = minimize(loss, start / size, method="BFGS", options={"gtol": 1e-7})
        polished = minimize(
            loss, found.x, method="Nelder-Mead",
            options={"xatol": 1e-8, "fatol": 1e-12, "maxiter": 400 * len(start)},
        )  # fmt: skip
        return np.asarray(polished.x * size)

    def covariance(self, values: Mapping[str, float]) -> tuple[Array, tuple[str, ...]]:
        """Covariance of the constants that can be told apart at the solution."""
        free = tuple(n for n in self._told_apart(values) if n in self.free)
        slopes = self.slopes(values, free)
        value = self.value(values)
        w = self.weights
        scale = 1.0
        if self.task == "classification":
            p = logistic(value)
            w = w * p * (1 - p)
        else:
            freedom = len(self.y) - len(free)
            if freedom <= 0:
                return np.full((len(free), len(free)), np.nan), free
            scale = float(w @ (self.y - value) ** 2) / freedom
        size = np.sqrt(np.maximum((slopes**2 * w[:, None]).sum(axis=0), 1e-300))
        root = np.linalg.qr(slopes / size * np.sqrt(w)[:, None], mode="r")
        half = np.linalg.pinv(root) / size[:, None]
        return scale * half @ half.T, free
