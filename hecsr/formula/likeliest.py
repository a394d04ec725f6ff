"""The constants of a class's probability: the greatest penalised likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from hecsr.formula.expression import Array, logistic
from hecsr.formula.level import level

if TYPE_CHECKING:
    from hecsr.formula.optimum import Problem

_STEPS: Final = 30
_ROUNDS: Final = 2
_NEAR: Final = 1e-8
"""Steps this small, in standard errors, end the ascent."""
_FLAT: Final = 1e-7
"""So is a slope, per standard error."""
_LONGEST: Final = 5.0
"""A step changes no sample's log odds by more."""
_FAR: Final = 1e10
"""Stands for minus the penalised likelihood where it is undefined."""
_DIFFERENCE: Final = float(np.finfo(float).eps) ** (1 / 3)


def likeliest(
    problem: Problem, values: Mapping[str, float], free: tuple[str, ...]
) -> Array:
    """Return the constants `free` of greatest penalised likelihood near `values`.

    The penalty is Firth's, ``log det(I) / 2``, of the constants that enter linearly,
    with their columns of derivatives standardised: for given other constants this is
    Firth's fit (Biometrika 80, 27 (1993), 10.1093/biomet/80.1.27), and the others are
    chosen as the searches choose among features. Were they in the determinant too,
    it could grow without end where the likelihood falls. Where no constant enters
    linearly all are in it.

    Fisher's scoring, each step halved until the penalised likelihood does not fall.
    Where that is slow, on the ridges of curved forms, quasi-Newton steps (BFGS) go on
    from there, in coordinates in which the expected information is the unit matrix.

    At the end a constant that is added to the log odds takes its value of greatest
    likelihood without the penalty, the others given: see
    :func:`hecsr.formula.fit.logistic_fit`.
    """
    beta = _penalised(problem, values, free)
    ascent = _Ascent(problem, values, free, np.ones(len(free), np.bool_))
    odds, slopes = ascent.odds(beta)
    added = np.flatnonzero((slopes == 1).all(axis=0))
    # a start from which there is no step is left as it is, for who asks if it arrived
    if added.size and ascent.slope(beta) is not None:
        beta = beta.copy()
        beta[added[0]] += level(odds, problem.y, problem.weights)
    return beta


def _penalised(
    problem: Problem, values: Mapping[str, float], free: tuple[str, ...]
) -> Array:
    """Return the constants of greatest penalised likelihood."""
    beta = np.array([values[n] for n in free])
    ascent = _ascent(problem, values, free)
    current = ascent.height(beta)
    for _ in range(_STEPS):
        found = ascent.slope(beta)
        if not np.isfinite(current) or found is None:
            return beta
        size, inverse, score, slopes = found
        step = inverse @ score / size
        reach = max(float(np.abs(slopes @ step).max()), 1e-300)
        length = min(1.0, _LONGEST / reach)
        while length > 1e-8:
            trial = ascent.height(beta + length * step)
            if trial >= current - 1e-12:
                break
            length /= 2
        else:
            break
        beta, current = beta + length * step, max(trial, current)
        if np.abs(length * step * size).max() < _NEAR:
            return beta
    for _ in range(_ROUNDS):
        beta = ascent.ridge(beta)
    return beta


def gain_left(
    problem: Problem, values: Mapping[str, float], free: tuple[str, ...]
) -> float:
    """Return what one more step would gain, infinite where no step can be made."""
    beta = np.array([values[n] for n in free])
    ascent = _ascent(problem, values, free)
    found = ascent.slope(beta)
    if found is None or not np.isfinite(ascent.height(beta)):
        return np.inf
    _, inverse, score, _ = found
    gain = float(score @ inverse @ score) / 2
    return gain if np.isfinite(gain) else np.inf


@dataclass(frozen=True)
class _Ascent:
    """The penalised likelihood of some constants, and its derivatives."""

    problem: Problem
    values: Mapping[str, float]
    free: tuple[str, ...]
    chosen: NDArray[np.bool_]
    slopes: Array | None = None

    def named(self, beta: Array) -> dict[str, float]:
        return dict(self.values) | dict(zip(self.free, beta.tolist(), strict=True))

    def height(self, beta: Array) -> float:
        """Return the penalised log-likelihood, minus infinity where undefined."""
        value, slopes = self.odds(beta)
        part = slopes[:, self.chosen]
        if np.isnan(value).any() or np.isnan(part).any():
            return -np.inf
        p, w = logistic(value), self.problem.weights
        likelihood = w @ (self.problem.y * value - np.logaddexp(0, value))
        return float(likelihood) + _log_determinant(part, w * p * (1 - p))

    def odds(self, beta: Array) -> tuple[Array, Array]:
        """Return the log odds and their derivatives, which linear constants share."""
        if self.slopes is not None:
            return self.problem.value(self.named(beta)), self.slopes
        return self.problem.both(self.named(beta), self.free)

    def slope(self, beta: Array) -> tuple[Array, Array, Array, Array] | None:
        """Return sizes of the constants, inverse information, score, and derivatives.

        Information and score are those of the constants times their sizes, which are
        the roots of their information were the others known; the derivatives are
        those of the log odds.
        """
        problem, chosen = self.problem, self.chosen
        value, slopes = self.odds(beta)
        p = logistic(value)
        v = problem.weights * p * (1 - p)
        with np.errstate(over="ignore", invalid="ignore"):
            # infinite where the odds are too steep: there is no step from there
            size: Array = np.sqrt(v @ slopes**2)
        if not np.isfinite(size).all() or not (size > 0).all():
            return None
        scaled = slopes / size
        inverse = np.asarray(np.linalg.pinv((scaled * v[:, None]).T @ scaled), float)
        hat = v * _leverage(scaled[:, chosen], v)
        score = scaled.T @ (problem.weights * (problem.y - p) + hat * (0.5 - p))
        if self.slopes is None:
            score += self._pull(beta, v, size) / size
        return size, inverse, score, slopes

    def _pull(self, beta: Array, v: Array, size: Array) -> Array:
        """How the determinant changes with the derivatives, by central differences."""
        pull = np.zeros(len(beta))
        # those that enter linearly change no derivative by one that does
        moving = np.ones(len(beta), np.bool_) if self.chosen.all() else ~self.chosen
        for r in np.flatnonzero(moving):
            width = _DIFFERENCE * max(abs(beta[r]), 1 / size[r])
            ends = []
            for sign in (1, -1):
                moved = beta.copy()
                moved[r] += sign * width
                part = self.problem.slopes(self.named(moved), self.free)
                ends.append(_log_determinant(part[:, self.chosen], v))
            if np.isfinite(ends).all():
                pull[r] = (ends[0] - ends[1]) / (2 * width)
        return pull

    def ridge(self, beta: Array) -> Array:
        """Climb by quasi-Newton steps; return the start where that gains nothing."""
        from scipy.optimize import minimize

        found = self.slope(beta)
        if found is None:
            return beta
        size, inverse, _, _ = found
        spread, axes = np.linalg.eigh(inverse)
        turn = axes * np.sqrt(np.maximum(spread, 0.0)) / size[:, None]

        def down(u: Array) -> tuple[float, Array]:
            at = beta + turn @ u
            height, found = self.height(at), self.slope(at)
            if not np.isfinite(height) or found is None:
                return _FAR, np.zeros_like(u)
            return -height, -(turn.T @ (found[2] * found[0]))

        start = np.zeros(len(beta))
        # a step may lead to infinite constants, where the likelihood is undefined
        with np.errstate(over="ignore", invalid="ignore"):
            climbed = minimize(
                down,
                start,
                jac=True,
                method="BFGS",
                options={"gtol": _FLAT, "maxiter": 100},
            )
            better = beta + turn @ climbed.x
        return better if self.height(better) >= self.height(beta) else beta


def _ascent(
    problem: Problem, values: Mapping[str, float], free: tuple[str, ...]
) -> _Ascent:
    """Return the ascent whose penalty is of the constants that enter linearly."""
    slopes, linear = _linear(problem, values, free)
    chosen = linear if linear.any() else ~linear
    return _Ascent(problem, values, free, chosen, slopes if linear.all() else None)


def _linear(
    problem: Problem, values: Mapping[str, float], free: tuple[str, ...]
) -> tuple[Array, NDArray[np.bool_]]:
    """Return the derivatives, and which constants enter linearly, together.

    One does if no derivative by a constant of this kind changes with it.
    """
    before = problem.slopes(values, free)
    depends = np.zeros((len(free), len(free)), np.bool_)
    for r, name in enumerate(free):
        for share in (0.25, -0.125):
            moved = values[name] + share * (abs(values[name]) or 1.0)
            after = problem.slopes({**values, name: moved}, free)
            same = np.isclose(after, before, rtol=1e-12, atol=0) | np.isnan(after)
            depends[r] |= ~same.all(axis=0)
    chosen = np.zeros(len(free), np.bool_)
    for r in range(len(free)):
        if not depends[r, r] and not depends[r, chosen].any():
            chosen[r] = True
    return before, chosen


def _log_determinant(part: Array, v: Array) -> float:
    """Return half the log-determinant of the information of standardised columns.

    Minus infinity where a column is zero or infinite, or too large to be squared.
    """
    with np.errstate(all="ignore"):
        spread, mean_square = part.std(axis=0), np.sqrt((part**2).mean(axis=0))
        # a column that does not vary is the intercept, or stands for it
        still = spread <= 1e-12 * mean_square
        scaled = part / np.where(still, mean_square, spread)
        sign, size = np.linalg.slogdet((scaled * v[:, None]).T @ scaled)
    return 0.5 * float(size) if sign > 0 and np.isfinite(size) else -np.inf


def _leverage(part: Array, v: Array) -> Array:
    inverse = np.linalg.pinv((part * v[:, None]).T @ part)
    return np.asarray(np.einsum("ij,jk,ik->i", part, inverse, part))
