"""What a screening looks for, and how much rounding it must allow for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from hecsr.search.sisso.building.values import DEPENDENT

if TYPE_CHECKING:
    from hecsr.formula.expression import Array
    from hecsr.search.sisso.building.weighting import Weighting

Precision = Literal["float64", "float32"]


@dataclass(frozen=True)
class Goal:
    """Features that correlate with a residual.

    Attributes
    ----------
    residual
        One value per sample, in any scale.
    basis
        Standardised features of a model (one per row). With them a feature counts by
        what is left of it outside their span: its score squared is the share of the
        residual's variance that it takes away beside them (partial correlation).
        The residual must be one of a least-squares fit of that model.
    containing
        Bits of required descriptors that a feature must contain.
    """

    residual: Array
    basis: Array | None = None
    containing: int = 0


@dataclass(frozen=True)
class Aim:
    """A goal as the scans take it: rows of unit norm with the root weights in."""

    residual: Array
    basis: Array
    containing: int

    @staticmethod
    def of(goal: Goal, weighting: Weighting) -> Aim:
        """Standardise the residual and make the basis orthonormal."""
        n = len(weighting.share)
        basis = np.empty((0, n))
        for feature in () if goal.basis is None else goal.basis:
            rest = feature
            # twice is enough for orthogonality to rounding
            for _ in range(2):
                rest = rest - (rest @ basis.T) @ basis
            size = float(rest @ rest)
            # one that depends on those before spans nothing new
            if size > DEPENDENT * float(feature @ feature):
                basis = np.vstack([basis, rest / np.sqrt(size)])
        row = weighting.standardised(goal.residual)[0]
        if len(basis):
            row = row - (row @ basis.T) @ basis
            size = float(np.sqrt(row @ row))
            row = row / size if size > 0 else row
        return Aim(row, basis, goal.containing)


@dataclass(frozen=True)
class Rounding:
    """Bounds of the rounding errors of a scan over `n` samples.

    Attributes
    ----------
    kind
        Type of the tiles.
    slack
        Share of a mean square that its variance may be wrong by, and that stands for
        the error of the covariance too.
    relative
        Share that the squared threshold is lowered by in exchange.
    floor
        Squared thresholds below this are taken as 0: every pair is then looked at.
    """

    kind: type[np.float64 | np.float32]
    slack: float
    relative: float
    floor: float

    @staticmethod
    def of(precision: Precision, n: int) -> Rounding:
        """Return the bounds of a precision."""
        kind = np.float32 if precision == "float32" else np.float64
        relative, floor = (1e-2, 1e-4) if kind is np.float32 else (1e-6, 1e-8)
        # one sum of products with rounded factors; 24 covers a mean, its square and
        # up to nine directions of a basis
        error = (n + 8) * float(np.finfo(kind).eps) / 2
        slack = 24 * error + error**2 * (1 + 1 / relative) / floor
        return Rounding(kind, slack, relative, floor)

    def least(self, threshold: float) -> float:
        """Return the squared score that a scan must not miss."""
        # scores within 2e-9 of the threshold tie with it
        least = max(threshold - 2e-9, 0.0) ** 2 * (1 - self.relative)
        return least if least > self.floor else 0.0
