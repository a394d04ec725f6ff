"""Formulas over all mixtures of three metals, or of three groups of metals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from hecsr.composition import Composition
from hecsr.formula.predict import computed, predict
from hecsr.tables.periodic import ATOMIC_NUMBER

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.formula.formula import Formula
    from hecsr.study.samples import Samples

Array = NDArray[np.float64]
Corners = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]

_STEPS: Final = 30
_COARSE: Final = 8
# Metals whose trios are looked through, and sections compared by their domain.
_METALS: Final = 12
_TRIED: Final = 8
# Shares of a group's metals that differ by no more are equal.
_EQUAL: Final = 0.01
# A sample of another ratio of anions to metals than the map by more is not drawn.
_RATIO: Final = 0.1
_NOBLE: Final = (2, 10, 18, 36, 54, 86)


@dataclass(frozen=True, eq=False)
class Ternary:
    """Formulas over the mixtures of three corners, on a triangular grid.

    Attributes
    ----------
    corners
        Metals of each corner, in equal shares.
    family, anions
        What the compositions are, and anions per metal atom.
    shares
        Of each corner, shape (n, 3), rows summing to one.
    values, places
        By engine: value on the grid, NaN where undefined, and the place in the
        formula's domain.
    held
        Variables that no composition determines, held at the median of the family.
    points
        Shares of the samples that lie on the section, shape (m, 3).
    others
        What `held` names, of these samples.
    """

    corners: Corners
    family: str
    anions: tuple[tuple[str, float], ...]
    shares: Array
    values: Mapping[str, Array]
    places: Mapping[str, tuple[str, ...]]
    held: Mapping[str, float]
    points: Array
    observed: Array
    compositions: tuple[str, ...]
    others: pd.DataFrame

    @property
    def of_metals(self) -> bool:
        """Whether every corner is one metal."""
        return all(len(corner) == 1 for corner in self.corners)


def ternaries(formulas: Mapping[str, Formula], samples: Samples) -> tuple[Ternary, ...]:
    """Return a section between three metals and one between groups of metals.

    Of the commonest family; the sections with the most samples on them, and among
    equals the one that lies most within the domains of the formulas. A section that
    no sample lies on, or that lies outside of all domains, is left out.
    """
    formulas = {
        engine: formula
        for engine, formula in formulas.items()
        if set(formula.names) - set(_supplied(formula))
    }
    if not formulas or not samples.compositions:
        return ()
    rows = _family_rows(samples.compositions)
    metals = Counter(e for i in rows for e in samples.compositions[i].fractions)
    found = []
    for corners in (_trios(metals), _split(samples.compositions, rows)):
        best = _best(formulas, samples, rows, corners, metals)
        if best is not None:
            found.append(_section(formulas, samples, rows, best, _STEPS))
    return tuple(found)


def shares_of(composition: Composition, corners: Corners) -> Array | None:
    """Return the shares of the corners in a composition that is their mixture.

    None where it holds another metal, or metals of a corner in unequal shares.
    """
    fractions = composition.fractions
    if not set(fractions) <= {e for corner in corners for e in corner}:
        return None
    found = []
    for corner in corners:
        own = [fractions.get(e, 0.0) for e in corner]
        if max(own) - min(own) > _EQUAL:
            return None
        found.append(sum(own))
    return np.array(found) / sum(found)


def _family_rows(compositions: Sequence[Composition]) -> list[int]:
    """Return the rows of the commonest family and its commonest anions."""
    family = Counter(c.family for c in compositions).most_common(1)[0][0]
    own = [i for i, c in enumerate(compositions) if c.family == family]
    anions = Counter(compositions[i].anions for i in own).most_common(1)[0][0]
    # the first row is of these anions: a section takes its own from there
    same = [i for i in own if compositions[i].anions == anions]
    return same + [
        i
        for i in own
        if compositions[i].anions != anions
        and [e for e, _ in compositions[i].anions] == [e for e, _ in anions]
        and all(
            abs(a - b) <= _RATIO * b
            for (_, a), (_, b) in zip(compositions[i].anions, anions, strict=True)
        )
    ]


def _trios(metals: Counter[str]) -> list[Corners]:
    ranked = sorted(metals, key=lambda e: (-metals[e], e))[:_METALS]
    return [((a,), (b,), (c,)) for a, b, c in combinations(sorted(ranked, key=_at), 3)]


def _split(compositions: Sequence[Composition], rows: Sequence[int]) -> list[Corners]:
    """Split the metals of each sample in three groups, in the periodic table's order.

    Neighbours stand for each other best, so that the corners differ.
    """
    sets = {frozenset(compositions[i].fractions) for i in rows}
    found = []
    for metals in sorted(sorted(s, key=_at) for s in sets if len(s) > 3):
        a, b, c = np.array_split(metals, 3)
        found.append((tuple(map(str, a)), tuple(map(str, b)), tuple(map(str, c))))
    return found


def _at(metal: str) -> tuple[int, int]:
    """Return group and atomic number; lanthanides stand in the third group."""
    number = ATOMIC_NUMBER[metal]
    before = max((n for n in _NOBLE if n < number), default=0)
    place = number - before
    if before < 54:
        # the second and the third period have no transition metals
        return (place + 10 if before < 18 and place > 2 else place), number
    return (place if place <= 3 else max(3, place - 14)), number


def _best(
    formulas: Mapping[str, Formula],
    samples: Samples,
    rows: Sequence[int],
    candidates: Sequence[Corners],
    metals: Counter[str],
) -> Corners | None:
    compositions = [samples.compositions[i] for i in rows]
    counted = []
    for place, corners in enumerate(candidates):
        held = {c.formula for c in compositions if shares_of(c, corners) is not None}
        if held:
            common = sum(metals[e] for corner in corners for e in corner)
            counted.append((-len(held), -common, place))
    counted.sort()
    covered: list[tuple[float, float, int]] = []
    for many, _, place in counted:
        if many > counted[0][0] or len(covered) == _TRIED:
            break
        coarse = _section(formulas, samples, rows, candidates[place], _COARSE)
        undefined = sum(
            float(np.mean(np.isnan(value))) for value in coarse.values.values()
        )
        inside = sum(
            float(np.mean([p == "inside" for p in place]))
            for place in coarse.places.values()
        )
        covered.append((-inside, undefined, place))
    if not covered or min(covered)[0] == 0:
        return None
    return candidates[min(covered)[2]]


def _section(
    formulas: Mapping[str, Formula],
    samples: Samples,
    rows: Sequence[int],
    corners: Corners,
    steps: int,
) -> Ternary:
    first = samples.compositions[rows[0]]
    shares = np.array(
        [
            (i, j, steps - i - j)
            for i in range(steps, -1, -1)
            for j in range(steps - i, -1, -1)
        ]
    )
    shares = shares / steps
    mixtures = [_mixture(corners, own, first) for own in shares]
    frame = samples.table.frame.reset_index(drop=True)
    supplied = {
        n: float(frame[n].iloc[list(rows)].median())
        for formula in formulas.values()
        for n in _supplied(formula)
    }
    values, places = {}, {}
    for engine, formula in formulas.items():
        given = {n: v for n, v in supplied.items() if n in formula.names}
        found = predict(formula, mixtures, given)
        values[engine] = found["value"].to_numpy()
        places[engine] = tuple(str(p) for p in found["domain"])
    on = [(i, shares_of(samples.compositions[i], corners)) for i in rows]
    drawn = _nearest(
        [(i, own) for i, own in on if own is not None], frame, supplied, samples
    )
    return Ternary(
        corners=corners,
        family=first.family,
        anions=first.anions,
        shares=shares,
        values=values,
        places=places,
        held=supplied,
        points=np.array([own for _, own in drawn]).reshape(-1, 3),
        observed=samples.y[[i for i, _ in drawn]],
        compositions=tuple(samples.compositions[i].formula for i, _ in drawn),
        others=frame[list(supplied)].iloc[[i for i, _ in drawn]],
    )


def _supplied(formula: Formula) -> list[str]:
    known = {d.name for d in formula.variables if computed(d)}
    return [n for n in formula.names if n not in known]


def _mixture(corners: Corners, shares: Array, like: Composition) -> Composition:
    metals = {
        e: float(share) / len(corner)
        for corner, share in zip(corners, shares, strict=True)
        for e in corner
        if share > 0
    }
    return Composition(tuple(sorted(metals.items())), like.anions, like.family)


def _nearest(
    found: list[tuple[int, Array]],
    frame: pd.DataFrame,
    held: Mapping[str, float],
    samples: Samples,
) -> list[tuple[int, Array]]:
    """Keep, of samples of one composition, the one measured nearest to what is held."""
    if not held:
        return found

    def apart(i: int) -> tuple[float, int]:
        gaps = [
            abs(frame[n].iloc[i] - v) / (float(frame[n].std()) or 1.0)
            for n, v in held.items()
        ]
        return sum(gaps), i

    nearest: dict[str, tuple[int, Array]] = {}
    for i, own in sorted(found, key=lambda one: apart(one[0])):
        nearest.setdefault(samples.compositions[i].formula, (i, own))
    return sorted(nearest.values(), key=lambda one: one[0])
