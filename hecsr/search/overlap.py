"""How far the domains of two classes overlap, as convex hulls of their samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hecsr.formula.hull import Hull

if TYPE_CHECKING:
    from hecsr.formula.expression import Array


@dataclass(frozen=True, order=True)
class Overlap:
    """Overlap of two domains, ordered from none to all.

    Attributes
    ----------
    samples
        Samples of either class in the domain of the other.
    size
        Volume that the domains share over that of the smaller one: 0 to 1. 0 where
        a domain is flat.
    """

    samples: int
    size: float


def overlap(points: Array, second: NDArray[np.bool_]) -> Overlap:
    """Return the overlap of the two classes' domains in some features.

    The domain of a class is the convex hull of its samples. The criterion of Ouyang
    et al., Phys. Rev. Mater. 2, 083802 (2018), 10.1103/PhysRevMaterials.2.083802:
    few samples in the overlap, then a small overlap.

    Parameters
    ----------
    points
        Features of the samples, shape (n, k), k about 1 to 3.
    second
        Whether a sample is of the second class; both classes must occur.
    """
    return Overlap(shared_samples(points, second), shared_size(points, second))


def shared_samples(points: Array, second: NDArray[np.bool_]) -> int:
    """Count the samples of either class in the domain of the other."""
    one, two = points[second], points[~second]
    low, high = _shared_box(one, two)
    if (low > high).any():
        return 0
    held = []
    for own, other in ((one, two), (two, one)):
        near = ((own >= low) & (own <= high)).all(axis=1)
        held.append(int(Hull(other).holds(own[near]).sum()))
    return sum(held)


def shared_size(points: Array, second: NDArray[np.bool_]) -> float:
    """Return the volume the domains share, over that of the smaller one."""
    one, two = points[second], points[~second]
    low, high = _shared_box(one, two)
    if (low > high).any():
        return 0.0
    if points.shape[1] > 1:
        return _shared_volume(one, two)
    width = min(float(np.ptp(one)), float(np.ptp(two)))
    return float(high[0] - low[0]) / width if width > 0 else 0.0


def _shared_box(one: Array, two: Array) -> tuple[Array, Array]:
    low = np.maximum(one.min(axis=0), two.min(axis=0))
    return low, np.minimum(one.max(axis=0), two.max(axis=0))


def _shared_volume(one: Array, two: Array) -> float:
    from scipy.optimize import linprog
    from scipy.spatial import ConvexHull, HalfspaceIntersection, QhullError

    both = np.vstack([one, two])
    low, width = both.min(axis=0), np.ptp(both, axis=0)
    try:
        hulls = [ConvexHull((p - low) / width) for p in (one, two)]
    except (QhullError, ValueError):
        return 0.0
    sides = np.vstack([h.equations for h in hulls])
    # the middle of the largest ball that fits into both
    length = np.linalg.norm(sides[:, :-1], axis=1)
    k = one.shape[1]
    ball = linprog(
        np.r_[np.zeros(k), -1.0],
        A_ub=np.column_stack([sides[:, :-1], length]),
        b_ub=-sides[:, -1],
        bounds=[(None, None)] * k + [(0, None)],
        method="highs",
    )
    if ball.x is None or ball.x[-1] < 1e-9:
        return 0.0
    try:
        corners = HalfspaceIntersection(sides, ball.x[:-1]).intersections
        shared = ConvexHull(corners).volume
    except QhullError:
        return 0.0
    return float(min(1.0, shared / min(h.volume for h in hulls)))
