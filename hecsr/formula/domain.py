"""Where a formula was fitted, and how far from there a sample lies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from hecsr.formula.expression import Array
from hecsr.formula.hull import MOST_FOR_FACETS, Hull

if TYPE_CHECKING:
    from hecsr.composition import Composition

Place = Literal["inside", "edge", "unknown", "outside"]
PLACES: Final[tuple[Place, ...]] = ("inside", "edge", "unknown", "outside")
"""From the fitted samples outwards; what is unknown may still be known as outside."""
EDGE: Final = 0.1
"""Share of a range by which a value may lie beyond it and still be at the edge."""
_SLACK: Final = 1e-9
_MOST_NUMBERS: Final = 20_000
_LEVERAGE_SLACK: Final = 1e-6
_CHEMISTRY: Final = ("elements", "families")
_SHOWN: Final = 3
NOT_KNOWN: Final = "not known of the fit"
"""Begins the note of a row whose place could not be judged by everything."""


@dataclass(frozen=True)
class Judgement:
    """The place of each row, and in words what takes it from the inside."""

    places: list[Place]
    notes: list[list[str]]

    def lower(self, row: int, place: Place, note: str) -> None:
        """Put a row no nearer than `place`, and say why."""
        worst = max(PLACES.index(self.places[row]), PLACES.index(place))
        self.places[row] = PLACES[worst]
        self.notes[row].append(note)


@dataclass(frozen=True, repr=False)
class Domain:
    """What the samples covered that a formula was fitted to.

    A sample is

    inside
        if every variable is within its range, the point of all variables is in the
        convex hull of the fitted ones, the leverage is no higher than the highest
        of the fit, and the fit held its elements and its family;
    outside
        if a variable is beyond its range by more than a tenth of the range's width,
        or no fitted sample was of its family;
    unknown
        if it is not outside, and no range is known of some variable;
    edge
        if it is none of these.

    What else is not known (None) cannot be asked for; the note then says so. The
    leverage is ``h = g' C g / s^2`` with g the derivatives of the linear predictor by
    the coefficients, C their covariance and s the residual standard deviation (1 for
    classes). Points whose leverage is no higher than the highest of the fit are the
    smallest ellipsoid around the fitted samples (Cook, Technometrics 19, 15 (1977);
    Brooks, Carroll and Verdini, Am. Stat. 42, 187 (1988)), so that all of these are
    inside, as they are not under the rule ``h <= 3 p / n``.

    Attributes
    ----------
    ranges
        Smallest and largest fitted value of each variable, by name.
    hull
        Of the fitted points, one column per variable in the order of `ranges`. None
        of more than six variables on thousands of samples: its corners would be all
        samples.
    leverage
        Highest leverage among the fitted samples.
    elements
        Metals that some fitted sample held.
    families
        Families of the fitted samples, as carbide.
    """

    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    hull: Hull | None = None
    leverage: float | None = None
    elements: tuple[str, ...] | None = None
    families: tuple[str, ...] | None = None

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        columns: Mapping[str, Array],
        leverage: Array | None = None,
    ) -> Self:
        """Return the domain of fitted samples, given by column.

        Parameters
        ----------
        names
            The variables of the formula.
        leverage
            Of each sample; NaN where it is undefined.
        """
        ranges = {n: (float(columns[n].min()), float(columns[n].max())) for n in names}
        highest = None
        if leverage is not None and np.isfinite(leverage).any():
            highest = float(np.nanmax(leverage))
        hull = None
        if names:
            points = np.column_stack([columns[n] for n in names])
            many_sided = len(names) > MOST_FOR_FACETS and points.size > _MOST_NUMBERS
            if np.isfinite(points).all() and not many_sided:
                hull = Hull(points)
        return cls(ranges, hull, highest)

    def with_chemistry(self, compositions: Iterable[Composition]) -> Self:
        """Return the domain with the elements and families of the fitted samples."""
        found = list(compositions)
        return replace(
            self,
            elements=tuple(sorted({e for c in found for e in c.fractions})),
            families=tuple(sorted({c.family for c in found})),
        )

    def judge(
        self,
        columns: Mapping[str, Array],
        n_rows: int,
        leverage: Array | None = None,
        compositions: Sequence[Composition] | None = None,
    ) -> Judgement:
        """Say where rows lie, why where that is not inside, and what is not known.

        A value that is missing is not judged: the formula is undefined there.

        Parameters
        ----------
        columns
            Values by variable, each of length `n_rows`.
        leverage
            Of each row; NaN where it is undefined.
        compositions
            Of the rows, where they are known.
        """
        known = bool(self.ranges) if columns else self != Domain()
        ranged = known and all(n in self.ranges for n in columns)
        start: Place = "inside" if ranged else "unknown"
        found = Judgement([start] * n_rows, [[] for _ in range(n_rows)])
        within = np.ones(n_rows, np.bool_)
        for name, (low, high) in self.ranges.items():
            if name not in columns:
                continue  # a shorter form of the formula no longer needs it
            value = columns[name]
            gap = _beyond(value, low, high)
            for row in np.flatnonzero(gap > 0).tolist():
                note = f"{name} = {value[row]:.4g}, fitted from {low:.4g} to {high:.4g}"
                found.lower(row, "edge" if gap[row] <= EDGE else "outside", note)
            within &= gap == 0
        if self.hull is not None and all(n in columns for n in self.ranges):
            self._judge_hull(found, columns, within)
        if self.leverage is not None and leverage is not None:
            high = self.leverage * (1 + _LEVERAGE_SLACK)
            for row in np.flatnonzero(leverage > high).tolist():
                note = f"leverage {leverage[row]:.3g}, at most {self.leverage:.3g}"
                found.lower(row, "edge", f"{note} in the fit")
        for row, composition in enumerate(compositions or ()):
            self._judge_chemistry(found, row, composition)
        by_points = self.hull is not None or self.leverage is not None
        missing = [
            what
            for what in self.not_known(columns)
            # one of them stands for the other; a table has no chemistry to judge
            if not (by_points and what in ("hull", "leverage"))
            and not (by_points and compositions is None and what in _CHEMISTRY)
        ]
        if missing:
            for notes in found.notes:
                notes.append(f"{NOT_KNOWN}: {', '.join(missing)}")
        return found

    def not_known(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return what is not known of the fit of a formula of these variables."""
        names = list(names)
        bare = [n for n in names if n not in self.ranges]
        asked = {
            f"range of {', '.join(bare)}": None if bare else self.ranges,
            "hull": self.hull if names else self,
            "leverage": self.leverage if names else self,
            "elements": self.elements,
            "families": self.families,
        }
        return tuple(what for what, known in asked.items() if known is None)

    def __repr__(self) -> str:
        """Return the ranges and what else is known, in a line."""
        parts = [
            f"{n} {low:.4g} to {high:.4g}"
            for n, (low, high) in list(self.ranges.items())[:_SHOWN]
        ]
        if len(self.ranges) > _SHOWN:
            parts.append(f"{len(self.ranges) - _SHOWN} more ranges")
        if self.hull is not None:
            parts.append(f"hull of {len(self.hull.corners)} corners")
        if self.leverage is not None:
            parts.append(f"leverage {self.leverage:.3g}")
        if self.elements is not None:
            parts.append(f"{len(self.elements)} elements")
        if self.families is not None:
            parts.append(f"families {' '.join(self.families)}")
        return f"Domain({', '.join(parts) or 'unknown'})"

    def _judge_hull(
        self, found: Judgement, columns: Mapping[str, Array], within: NDArray[np.bool_]
    ) -> None:
        """Ask for the hull only what lies within all ranges: the rest is said."""
        rows = np.flatnonzero(within)
        points = np.column_stack([columns[n][rows] for n in self.ranges])
        if self.hull is not None and len(rows):
            for row in rows[~self.hull.holds(points)].tolist():
                found.lower(
                    row, "edge", "outside the convex hull of the fitted samples"
                )

    def _judge_chemistry(
        self, found: Judgement, row: int, composition: Composition
    ) -> None:
        if self.families is not None and composition.family not in self.families:
            note = f"no sample of the fit was of the family {composition.family}"
            found.lower(row, "outside", note)
        if self.elements is not None:
            new = [e for e in composition.fractions if e not in self.elements]
            if new:
                found.lower(row, "edge", f"no sample of the fit held {', '.join(new)}")


def _beyond(value: Array, low: float, high: float) -> Array:
    """How far beyond a range, in widths of it; 0 within it, NaN where missing."""
    width = (high - low) or max(abs(high), 1.0)
    # a value that went through a file's last digit is not outside
    slack = _SLACK * max(abs(low), abs(high))
    gap = np.maximum(np.maximum(low - value, value - high) - slack, 0)
    return np.asarray(gap / width)
