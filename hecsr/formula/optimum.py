"""The constants at which an expression is nearest to samples, or likeliest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from hecsr.errors import SearchError
from hecsr.formula.expression import (
    Array,
    Constant,
    Expression,
    constants,
    evaluate,
    logistic,
)
from hecsr.formula.gradient import gradient
from hecsr.formula.likeliest import likeliest

if TYPE_CHECKING:
    from hecsr.formula.formula import Task

_DEPENDENT: Final = 1e-10
"""A constant whose effect is this far explained by others cannot be told from them."""
_ROUNDS: Final = 3


@dataclass(frozen=True)
class Optimum:
    """Values of all constants, which of them the samples determine, their covariance.

    The covariance is None where no degree of freedom is left, or where it does not
    fit into double precision.
    """

    values: Mapping[str, float]
    free: tuple[str, ...]
    covariance: Array | None


@dataclass(frozen=True)
class Problem:
    """An expression and samples; for classes it stands inside the logistic link.

    Attributes
    ----------
    columns
        Values of the variables, each of length n.
    y
        Target values; 0 and 1 for classification.
    weights
        Weight of each sample.
    """

    expression: Expression
    columns: Mapping[str, Array]
    y: Array
    weights: Array
    task: Task

    def value(self, values: Mapping[str, float]) -> Array:
        """Return the expression's value on the samples, NaN where undefined."""
        value = evaluate(self.expression, self.columns, values)
        return np.broadcast_to(value, self.y.shape)

    def slopes(self, values: Mapping[str, float], names: tuple[str, ...]) -> Array:
        """Return the exact derivatives by some constants, of shape (n, k)."""
        return self.both(values, names)[1]

    def both(
        self, values: Mapping[str, float], names: tuple[str, ...]
    ) -> tuple[Array, Array]:
        """Return value and derivatives, for about the price of the latter."""
        by = [Constant(n) for n in names]
        value, slopes = gradient(self.expression, by, self.columns, values)
        n = len(self.y)
        return np.broadcast_to(value, (n,)), np.broadcast_to(slopes, (n, len(names)))

    def optimum(self, start: Mapping[str, float]) -> Optimum:
        """Return the best constants near `start`.

        A constant without effect at the start, as the exponent of a term whose factor
        is 0, may have one at the optimum: the search is then gone on with.

        Raises
        ------
        SearchError
            If the expression with the start values is undefined on a sample.
        """
        values = {n: float(start[n]) for n in constants(self.expression)}
        if np.isnan(self.value(values)).any():
            raise SearchError("the form is undefined on a sample")
        fitted: tuple[str, ...] = ()
        for _ in range(_ROUNDS):
            free = self._told_apart(values, fitted)
            if not set(free) - set(fitted):
                break
            values |= self._best(values, free)
            fitted = tuple(n for n in values if n in {*fitted, *free})
        return Optimum(values, *self._spread(values, fitted))

    def loss(self, values: Mapping[str, float]) -> float:
        """Return the weighted sum of squares; for classes minus log-likelihood.

        Infinite where the expression is undefined.
        """
        value = self.value(values)
        if np.isnan(value).any():
            return np.inf
        if self.task == "regression":
            with np.errstate(over="ignore"):
                return float(self.weights @ (self.y - value) ** 2)
        return -float(self.weights @ (self.y * value - np.logaddexp(0, value)))

    def _told_apart(
        self, values: Mapping[str, float], prefer: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        """Return the constants whose effects on the samples are independent.

        Where not all are, those of `prefer` come first: others are taken only if
        they are independent of these.
        """
        names = constants(self.expression)
        # one sample without a slope, as at a kink, is no reason to drop a constant
        slopes = np.nan_to_num(
            self.slopes(values, names), posinf=np.inf, neginf=-np.inf
        )
        slopes = slopes * np.sqrt(self.weights)[:, None]
        with np.errstate(over="ignore"):
            size = np.sqrt((slopes**2).sum(axis=0))
        good = np.flatnonzero(np.isfinite(size) & (size > 0))
        if not good.size:
            return ()
        columns = slopes[:, good] / size[good]
        found, _ = _independent(columns)
        first = np.array([names[i] in prefer for i in good])
        if len(found) < len(good) and first.any():
            found, basis = _independent(columns[:, first])
            rest = columns[:, ~first]
            more, _ = _independent(rest - basis @ (basis.T @ rest))
            both = np.flatnonzero(first)[found], np.flatnonzero(~first)[more]
            found = np.concatenate(both)
        kept = {names[good[i]] for i in found}
        return tuple(n for n in names if n in kept)

    def _best(
        self, values: Mapping[str, float], free: tuple[str, ...]
    ) -> dict[str, float]:
        start = np.array([values[n] for n in free])
        if self.task == "classification":
            found = likeliest(self, values, free)
        elif len(self.y) < len(free):
            found = start
        else:
            found = self._least_squares(values, free)
            trial = dict(values) | dict(zip(free, found.tolist(), strict=True))
            # a fit that went astray is no reason to lose what the search found
            if not self.loss(trial) <= self.loss(values):
                found = start
        return dict(zip(free, found.tolist(), strict=True))

    def _least_squares(
        self, values: Mapping[str, float], free: tuple[str, ...]
    ) -> Array:
        from scipy.optimize import leastsq

        root = np.sqrt(self.weights)
        # a step out of the domain is worse than any other, so that it is taken back
        far = 1e3 * (np.abs(self.y - self.value(values)).max() + 1e-300)

        def named(x: Array) -> dict[str, float]:
            return dict(values) | dict(zip(free, x.tolist(), strict=True))

        def residual(x: Array) -> Array:
            found = self.value(named(x)) - self.y
            return root * np.where(np.isnan(found), far, found)

        def slopes(x: Array) -> Array:
            found = self.slopes(named(x), free)
            return np.where(np.isnan(found), 0.0, root[:, None] * found)

        start = np.array([values[n] for n in free])
        found = leastsq(
            residual, start, Dfun=slopes, full_output=True,
            ftol=1e-14, xtol=1e-12, gtol=0.0, maxfev=60 * len(start),
        )  # fmt: skip
        return np.asarray(found[0])

    def _spread(
        self, values: Mapping[str, float], fitted: tuple[str, ...]
    ) -> tuple[tuple[str, ...], Array | None]:
        """Return the fitted constants that can be told apart, and their covariance."""
        told = self._told_apart(values, fitted)
        free = tuple(n for n in told if n in fitted)
        slopes = np.nan_to_num(self.slopes(values, free))
        w, scale = self.weights, 1.0
        if self.task == "classification":
            p = logistic(self.value(values))
            w = w * p * (1 - p)
        else:
            freedom = len(self.y) - len(free)
            if freedom <= 0:
                return free, None
            scale = self.loss(values) / freedom
        size = np.sqrt(w @ slopes**2)
        if not (size > 0).all():
            return free, None
        root = np.linalg.qr(slopes / size * np.sqrt(w)[:, None], mode="r")
        half = np.linalg.pinv(root) / size[:, None]
        with np.errstate(over="ignore", invalid="ignore"):
            covariance = scale * (half @ half.T)
        return free, covariance if np.isfinite(covariance).all() else None


def _independent(columns: Array) -> tuple[NDArray[np.intp], Array]:
    """Return which columns of about unit length span the others, and a basis."""
    from scipy.linalg import qr

    if not columns.size:
        return np.empty(0, np.intp), np.empty((len(columns), 0))
    q, r, order = qr(columns, mode="economic", pivoting=True)
    rank = int((np.abs(np.diag(r)) > _DEPENDENT).sum())
    return np.asarray(order[:rank], np.intp), np.asarray(q[:, :rank])
