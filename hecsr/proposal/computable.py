"""Which descriptors the tables can give for these compositions, and what they lack."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hecsr.descriptors.catalogue import catalogue, group, resolve
from hecsr.descriptors.table import DEFAULT
from hecsr.errors import MissingDataError
from hecsr.proposal.inputs import MOST_LOST

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hecsr.composition import Composition

_AT_WORST: Final = 0.25
"""Share of the rows set aside where most descriptors would be lost otherwise."""
NO_PRECURSORS: Final = "precursor data"
"""The property that a family without any precursor is said to lack."""
REPEATED: Final = ("minima", "maxima")
"""Ways of averaging that repeat mean and range."""


@dataclass(frozen=True)
class Coverage:
    """A descriptor's gaps.

    Attributes
    ----------
    without
        Rows of metals that the table has no `prop` of; `metals` are these.
    outside
        Rows of a family that has no precursors at all; `families` are these.
    undefined
        How many rows it is undefined for.
    """

    without: frozenset[int]
    metals: tuple[str, ...]
    prop: str
    outside: frozenset[int]
    families: tuple[str, ...]
    undefined: int

    @property
    def lacking(self) -> frozenset[int]:
        """Rows that would be set aside."""
        return self.without | self.outside


@dataclass(frozen=True)
class Computable:
    """What is computed, what is left out, and what that rests on.

    `rows_lost` rows are set aside, for the tables lack something for them;
    `notes` say what the tables lack, `precursors` how far those go.
    """

    use: tuple[str, ...]
    without: tuple[str, ...]
    rows_lost: int
    notes: tuple[str, ...]
    precursors: str


def find_computable(compositions: Sequence[Composition]) -> Computable:
    """Compute every descriptor where possible, and choose those that cost few rows."""
    rows = len(compositions)
    # an element that no table knows would cost nearly every descriptor: rows are fewer
    for share in (MOST_LOST, _AT_WORST):
        kept, dropped, lost, notes = _choose(
            compositions, resolve(DEFAULT), share=share
        )
        if len(kept) > len(dropped):
            break
    some, refused, more, lack = _choose(compositions, group("precursors"), lost)
    use: tuple[str, ...] = DEFAULT
    if some:
        use = (*DEFAULT, "precursors")
        dropped = [*dropped, *refused]
        said = f"for {rows - len(more - lost)} of {rows} rows"
        notes = [*notes, *lack]
        lost = more
    else:
        said = "; ".join(lack) or "no family here has precursors in the tables"
    without = _named([n for n in dropped if n not in resolve(REPEATED)], use)
    return Computable(
        use, (*without, *REPEATED), len(lost), tuple(dict.fromkeys(notes)), said
    )


def _choose(
    compositions: Sequence[Composition],
    names: Iterable[str],
    lost: frozenset[int] = frozenset(),
    share: float = MOST_LOST,
) -> tuple[list[str], list[str], frozenset[int], list[str]]:
    """Return names kept, names dropped, rows lost, and what the tables lack."""
    most = share * len(compositions)
    start = lost
    kept: list[str] = []
    dropped: list[str] = []
    found = {n: _coverage(n, compositions) for n in names if not _fraction(n)}
    # what costs least first, so that one bad property does not take others along
    for name in sorted(found, key=lambda n: len(found[n].lacking)):
        gaps = found[name]
        together = lost | gaps.lacking
        few = len(gaps.lacking) <= most and len(together - start) <= 2 * most
        if few and not gaps.undefined:
            kept.append(name)
            lost = together
        else:
            dropped.append(name)
    order = list(found)
    dropped.sort(key=order.index)
    return kept, dropped, lost, _said(found, set(kept))


def _said(found: dict[str, Coverage], kept: set[str]) -> list[str]:
    """Say what the tables lack, each gap once for all descriptors that share it."""
    families: dict[str, int] = {}
    lacks: dict[tuple[str, tuple[str, ...]], tuple[int, bool]] = {}
    for name, gaps in found.items():
        for family in gaps.families:
            families[family] = len(gaps.outside)
        if gaps.without:
            key = (gaps.prop, gaps.metals)
            used = lacks.get(key, (0, False))[1] or name in kept
            lacks[key] = len(gaps.without), used
    said = []
    if families:
        rows = max(families.values())
        said.append(f"no precursors of {_any(families)}, in {rows} rows")
    said += [
        f"no {prop} of {', '.join(metals)}, in {rows} rows"
        + (", which are set aside" if used else "")
        for (prop, metals), (rows, used) in lacks.items()
    ]
    said += [
        f"{name} is undefined in {gaps.undefined} rows"
        for name, gaps in found.items()
        if gaps.undefined and name not in resolve(REPEATED)
    ]
    return said


def _any(families: Iterable[str]) -> str:
    return ", ".join(f"{family}s" for family in families)


def _fraction(name: str) -> bool:
    return name[:2] in ("x_", "y_")


def _coverage(name: str, compositions: Sequence[Composition]) -> Coverage:
    compute = catalogue()[name].compute
    known: dict[str, float | MissingDataError] = {}
    without: dict[int, tuple[str, ...]] = {}
    outside: dict[int, str] = {}
    prop = ""
    undefined = 0
    for row, composition in enumerate(compositions):
        key = composition.formula
        if key not in known:
            try:
                known[key] = compute(composition)
            except MissingDataError as error:
                known[key] = error
        found = known[key]
        if not isinstance(found, MissingDataError):
            undefined += not math.isfinite(found)
        elif found.property == NO_PRECURSORS:
            outside[row] = composition.family
        else:
            without[row] = found.missing
            prop = found.property.replace("_", " ")
    return Coverage(
        frozenset(without),
        tuple(sorted({metal for metals in without.values() for metal in metals})),
        prop,
        frozenset(outside),
        tuple(dict.fromkeys(outside.values())),
        undefined,
    )


def _named(names: Sequence[str], use: Sequence[str]) -> tuple[str, ...]:
    """Name whole families by their name instead of one by one."""
    computed = resolve(use)
    repeated = set(resolve(REPEATED))
    found: list[str] = []
    for name in names:
        family = catalogue()[name].descriptor.family
        members = [
            n
            for n in computed
            if catalogue()[n].descriptor.family == family and n not in repeated
        ]
        whole = family not in catalogue() and set(members) <= set(names)
        found.append(family if whole else name)
    return tuple(dict.fromkeys(found))
