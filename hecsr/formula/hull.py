"""The convex hull of points: its corners, and whether other points lie in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hecsr.errors import FormulaError
from hecsr.formula.expression import Array

MOST_FOR_FACETS: Final = 6
"""Beyond so many dimensions facets are too many; weights of corners are sought."""
_NEAR: Final = 1e-9
"""A point is in the hull if it is this near, in units of the hull's widths."""
_NEAR_PROGRAM: Final = 1e-7
"""The same where weights are sought: the tolerance of the linear program."""
_BLOCK: Final = 2_000_000
"""Products of rows and facets at once."""


@dataclass(frozen=True, eq=False)
class Hull:
    """Convex hull of the rows of `points`, flat or not; compared by its corners.

    Every column is scaled by its width, so that units do not matter. A hull that is
    flat (as of fractions that sum to one) holds the points of its plane alone.

    Attributes
    ----------
    points
        Shape (n, k), finite; their order and repetitions do not matter.
    reduced
        Whether `points` are known to be the corners, as read from a file.
    """

    points: Array
    reduced: bool = False

    def __post_init__(self) -> None:
        points = np.asarray(self.points, dtype=np.float64)
        if points.ndim != 2 or not len(points) or not np.isfinite(points).all():
            raise FormulaError("a hull needs rows of finite numbers")
        object.__setattr__(self, "points", points)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hull) and np.array_equal(self.corners, other.corners)

    def __hash__(self) -> int:
        return hash(self.corners.tobytes())

    @cached_property
    def corners(self) -> Array:
        """The points that span the hull, sorted; all distinct ones if many-sided.

        Corners are sought in up to six dimensions (Qhull). Facets are then made from
        the corners alone, so that a hull that was saved is the same hull.
        """
        if self.reduced:
            return self.points
        distinct = np.unique(self.points, axis=0)
        flat = _Plane(distinct).project(distinct)[0]
        if flat.shape[1] == 0:
            return distinct[:1]
        if flat.shape[1] == 1:
            ends = sorted({int(np.argmin(flat)), int(np.argmax(flat))})
            return distinct[ends]
        facets = _facets(flat)
        return distinct if facets is None else distinct[np.sort(facets[0])]

    @cached_property
    def _plane(self) -> _Plane:
        return _Plane(self.corners)

    @cached_property
    def _flat(self) -> Array:
        return self._plane.project(self.corners)[0]

    @cached_property
    def _sides(self) -> Array | None:
        found = _facets(self._flat)
        return None if found is None else found[1]

    def holds(self, rows: Array) -> NDArray[np.bool_]:
        """Say of each row, of k finite values, whether it lies in the hull."""
        if not len(rows):
            return np.zeros(0, np.bool_)
        rows, which = np.unique(rows, axis=0, return_inverse=True)
        flat, off = self._plane.project(rows)
        inside = off <= _NEAR
        corners = self._flat
        if corners.shape[1] == 1:
            low, high = corners.min() - _NEAR, corners.max() + _NEAR
            inside &= (flat[:, 0] >= low) & (flat[:, 0] <= high)
        elif corners.shape[1] and (sides := self._sides) is not None:
            step = max(1, _BLOCK // len(sides))
            for at in range(0, len(rows), step):
                beyond = flat[at : at + step] @ sides[:, :-1].T + sides[:, -1]
                inside[at : at + step] &= (beyond <= _NEAR).all(axis=1)
        elif corners.shape[1]:
            # what leaves the box needs no search for weights
            box = (flat >= corners.min(axis=0) - _NEAR).all(axis=1)
            box &= (flat <= corners.max(axis=0) + _NEAR).all(axis=1)
            inside &= box
            for i in np.flatnonzero(inside):
                inside[i] = _mixes(corners, flat[i])
        return np.asarray(inside[which.ravel()])


class _Plane:
    """Coordinates, scaled, in the smallest plane that holds some points."""

    def __init__(self, points: Array) -> None:
        low, high = points.min(axis=0), points.max(axis=0)
        self.centre = low + (high - low) / 2
        width = high - low
        # a column that never changes: any other value is off the plane
        still = np.where(self.centre == 0, 1.0, np.abs(self.centre))
        self.width = np.where(width > 0, width, still)
        scaled = (points - self.centre) / self.width
        # of the smallest plane through all points; fewer points than columns too
        middle = scaled.mean(axis=0)
        _, size, axes = np.linalg.svd(scaled - middle, full_matrices=False)
        rank = int((size > _NEAR * np.sqrt(len(points))).sum())
        self.middle, self.axes = middle, axes[:rank]

    def project(self, rows: Array) -> tuple[Array, Array]:
        """Return coordinates in the plane, and the distance from it."""
        scaled = (rows - self.centre) / self.width - self.middle
        flat = scaled @ self.axes.T
        off = scaled - flat @ self.axes
        return flat, np.asarray(np.sqrt((off**2).sum(axis=1)))


def _facets(flat: Array) -> tuple[NDArray[np.intp], Array] | None:
    """Return corners and half-spaces, or None where these are not to be had."""
    from scipy.spatial import ConvexHull, QhullError

    if flat.shape[1] < 2 or flat.shape[1] > MOST_FOR_FACETS:
        return None
    try:
        hull = ConvexHull(flat)
    except QhullError:
        # all but flat: too thin for Qhull to find a first simplex
        return None
    return hull.vertices.astype(np.intp), np.unique(hull.equations, axis=0)


def _mixes(corners: Array, point: Array) -> bool:
    """Whether a point is a weighted mean of the corners.

    Non-negative least squares mostly gives a proof: the weights, or by its residual a
    plane that parts the point from the corners. Else a linear program decides, which
    is slower: the largest deviation is made least.
    """
    from scipy.optimize import linprog, nnls

    n, k = corners.shape
    system = np.vstack([corners.T, np.ones(n)])
    wanted = np.r_[point, 1.0]
    try:
        weights, off = nnls(system, wanted)
    except RuntimeError:
        # its limit of steps is met
        weights, off = np.zeros(n), np.float64(np.inf)
    if off <= _NEAR:
        return True
    normal = wanted - system @ weights
    gap = float(normal @ wanted - (normal @ system).max())
    if gap > _NEAR_PROGRAM * float(np.sqrt(normal[:-1] @ normal[:-1])):
        return False
    ones = np.ones((k, 1))
    found = linprog(
        np.r_[np.zeros(n), 1.0],
        A_ub=np.block([[corners.T, -ones], [-corners.T, -ones]]),
        b_ub=np.r_[point, -point],
        A_eq=np.r_[np.ones(n), 0.0][None, :],
        b_eq=[1.0],
        method="highs",
    )
    return found.fun is not None and bool(found.fun <= _NEAR_PROGRAM)
