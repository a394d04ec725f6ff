"""Whether the fit of constants arrived at an optimum, or only came to a halt."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np

from hecsr.formula.expression import Array, Call, constants, walk
from hecsr.formula.likeliest import gain_left
from hecsr.formula.optimum import Optimum, Problem

_OFFSET: Final = 1e-3
"""Largest relative offset, as Bates and Watts propose."""
_EXACT: Final = 1e-6
"""Residuals this small beside the spread of the target leave nothing to fit."""
_GAIN: Final = 1e-3
"""Log-likelihood that a further step may gain."""
_FALL: Final = 1e-8
"""A loss that falls by a smaller share does not fall."""
_HALVINGS: Final = 20


def settled(problem: Problem, found: Optimum, known: Collection[str]) -> bool:
    """Whether no step from here makes a fit better, and each constant has an effect.

    Values: the residuals are orthogonal to the derivatives but for one part in a
    thousand (the relative offset of Bates and Watts, Technometrics 23, 179 (1981),
    10.2307/1268035), or no step along the tangent lowers the loss, as at the kink of
    an absolute value. Classes: a step of Fisher's scoring gains no likelihood.

    Parameters
    ----------
    found
        Fitted constants.
    known
        Constants that may keep the value they started from.
    """
    names = constants(problem.expression)
    with np.errstate(all="ignore"):
        value, slopes = problem.both(found.values, names)
        if np.isnan(value).any():
            return False
        slopes = np.nan_to_num(slopes, posinf=0, neginf=0)
        idle = {n for i, n in enumerate(names) if not slopes[:, i].any()}
        if idle - set(known):
            return False
        free = tuple(n for n in found.free if n not in idle)
        if not free:
            return idle == set(names)
        if problem.task == "classification":
            return gain_left(problem, found.values, free) <= _GAIN
        return _at_rest(problem, found, free)


def _at_rest(problem: Problem, found: Optimum, free: tuple[str, ...]) -> bool:
    root = np.sqrt(problem.weights)
    residual = root * (problem.y - problem.value(found.values))
    mean = np.average(problem.y, weights=problem.weights)
    left = float(np.linalg.norm(residual))
    if not np.isfinite(left):
        return False
    if left <= _EXACT * float(np.linalg.norm(root * (problem.y - mean))):
        return True
    slopes = np.nan_to_num(problem.slopes(found.values, free), posinf=0, neginf=0)
    columns = root[:, None] * slopes
    size = np.abs(columns).max(axis=0)
    size = size * np.linalg.norm(columns / size, axis=0)
    q, _ = np.linalg.qr(columns / size)
    if np.linalg.norm(q.T @ residual) <= _OFFSET * left:
        return True
    kinked = any(
        isinstance(n, Call) and n.function == "abs" for n in walk(problem.expression)
    )
    step = np.linalg.lstsq(columns / size, residual, rcond=None)[0] / size
    return kinked and not _falls(problem, found, free, step)


def _falls(
    problem: Problem, found: Optimum, free: tuple[str, ...], step: Array
) -> bool:
    """Whether some length of a step lowers the loss."""
    begin = np.array([found.values[n] for n in free])
    least = problem.loss(found.values) * (1 - _FALL)
    for halvings in range(_HALVINGS):
        moved = (begin + step / 2**halvings).tolist()
        if problem.loss({**found.values, **dict(zip(free, moved, strict=True))}) < (
            least
        ):
            return True
    return False
