"""Covariance functions of Gaussian processes, with gradients by matrix products."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Kernel = Literal["rbf", "matern32"]

# On the diagonal, so that rows that repeat each other leave the matrix regular.
NUGGET: Final = 1e-8
# Standard deviation of ln(length scale) around the common one.
_SPREAD: Final = 1.0
_SIGNAL: Final = (np.log(1e-3), np.log(1e3))
_NOISE: Final = (np.log(1e-5), np.log(10.0))
_SCALE: Final = (np.log(1e-1), np.log(1e3))


@dataclass(frozen=True, eq=False)
class Covariance:
    """signal k(r) + noise, over the rows it was made for.

    `theta` are the logarithms of signal, noise (where there is any) and of the length
    scales, one or one a column; r is the distance of rows whose columns are divided
    by them.
    """

    kernel: Kernel
    rows: Array
    theta: Array
    noise: bool

    @classmethod
    def start(cls, kernel: Kernel, rows: Array, *, ard: bool, noise: bool) -> Self:
        """Return one to begin with: rows correlate over their usual distance."""
        columns = rows.shape[1]
        variances = [0.0, *([-2.0] if noise else [])]
        scales = [0.5 * np.log(columns)] * (columns if ard else 1)
        return cls(kernel, rows, np.array(variances + scales), noise)

    def at(self, theta: Array) -> Self:
        """Return the same with other hyperparameters."""
        return replace(self, theta=np.asarray(theta, dtype=np.float64))

    def like(self, other: Covariance) -> Self:
        """Return the same with the variances of another, and its one length scale."""
        theta = self.theta.copy()
        theta[: self._first] = other.theta[: other._first]
        theta[self._first :] = other.theta[other._first :].mean()
        return self.at(theta)

    def holding(self, held: Mapping[str, Any], names: tuple[str, ...]) -> Self:
        """Return the same with hyperparameters that were named by :meth:`named`."""
        known: Mapping[str, float] = held["scales"]
        usual = float(np.exp(np.mean(np.log(list(known.values())))))
        variances = [held["signal"]]
        variances += [held["noise"]] if self.noise else []
        scales = [known.get(name, usual) for name in names]
        return self.at(np.log([*variances, *scales]))

    def named(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Return the hyperparameters, length scales by name."""
        values = np.exp(self.theta)
        found: dict[str, Any] = {"signal": float(values[0])}
        if self.noise:
            found["noise"] = float(values[1])
        scales = np.broadcast_to(values[self._first :], len(names))
        return found | {"scales": dict(zip(names, scales.tolist(), strict=True))}

    def bounds(self) -> list[tuple[float, float]]:
        """Return limits of the logarithms."""
        variances = [_SIGNAL, *([_NOISE] if self.noise else [])]
        return variances + [_SCALE] * (len(self.theta) - self._first)

    def prior(self) -> tuple[float, Array]:
        """Return the log density of the length scales around their mean, and slope."""
        scales = self.theta[self._first :]
        off = scales - scales.mean()
        slope = np.zeros_like(self.theta)
        slope[self._first :] = -off / _SPREAD**2
        return float(-0.5 * (off @ off) / _SPREAD**2), slope

    def matrix(self) -> Array:
        """Return the covariance of the rows with each other, noise included."""
        found = self.between(self.rows)
        noise = self._variance(1) if self.noise else 0.0
        found[np.diag_indices_from(found)] += noise + NUGGET
        return found

    def between(self, other: Array) -> Array:
        """Return the covariance of other rows with these, without noise."""
        value, _ = self._shape(self._squares(other))
        found: Array = self._variance(0) * value
        return found

    @property
    def variance(self) -> float:
        """Variance of any row, without noise."""
        return self._variance(0)

    def gradient(self, weights: Array) -> Array:
        """Return the sum of symmetric weights times the matrix's derivative by theta.

        For a length scale l the derivative by ln l is -2 k'(r^2) (x - x')^2 / l^2,
        and sums of W (x - x')^2 over all pairs are 2 (w x^2 - x W x) with w the row
        sums: the cost is that of a matrix product, not of one matrix a column.
        """
        signal = self._variance(0)
        value, slope = self._shape(self._squares(self.rows))
        found = np.empty_like(self.theta)
        found[0] = signal * np.sum(weights * value)
        if self.noise:
            found[1] = self._variance(1) * np.trace(weights)
        scaled = self.rows / self._scales
        pull = signal * weights * slope
        pairs = pull.sum(axis=1) @ scaled**2 - np.sum((pull @ scaled) * scaled, axis=0)
        each = -4.0 * pairs
        shared = len(self.theta) - self._first == 1
        found[self._first :] = each.sum() if shared else each
        return found

    @property
    def _first(self) -> int:
        """Place of the first length scale."""
        return 2 if self.noise else 1

    @property
    def _scales(self) -> Array:
        return np.exp(self.theta[self._first :])

    def _variance(self, place: int) -> float:
        return float(np.exp(self.theta[place]))

    def _squares(self, other: Array) -> Array:
        """Squared distances of scaled rows."""
        a, b = other / self._scales, self.rows / self._scales
        found = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * (a @ b.T)
        return np.asarray(np.maximum(found, 0.0))

    def _shape(self, squares: Array) -> tuple[Array, Array]:
        """Return k, 1 at distance 0, and its derivative by the squared distance.

        Rasmussen and Williams 2006, equations 4.9 and 4.17.
        """
        if self.kernel == "rbf":
            value = np.exp(-0.5 * squares)
            return value, -0.5 * value
        r = np.sqrt(3 * squares)
        falling = np.exp(-r)
        return (1 + r) * falling, -1.5 * falling
