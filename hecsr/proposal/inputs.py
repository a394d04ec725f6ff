"""Which other columns may enter as descriptors of type 3, and why others may not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.descriptors.catalogue import catalogue
from hecsr.descriptors.supplied import KNOWN
from hecsr.proposal.columns import count_of, with_commas, words_of
from hecsr.proposal.leaks import SUSPECT, gives_away
from hecsr.proposal.quantities import Quantity, quantity
from hecsr.units import parse_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecsr.proposal.columns import Column
    from hecsr.proposal.target import Target

MOST_LOST: Final = 0.05
"""Share of the rows that one column, or one property, may cost."""

MOST_KINDS: Final = 8
"""A column of words with more kinds than this is not for choosing rows."""

_IDENTIFIERS: Final = frozenset(
    "id index idx no nr number row rows sample specimen entry key unnamed line".split()
)
_COUNTS: Final = frozenset(
    "report reports replicate replicates measurements repeats count counts".split()
)
SOURCES: Final = (
    "paper", "doi", "source", "reference", "ref", "references", "citation",
    "publication", "article", "author", "authors", "study", "lab", "laboratory",
    "batch",
)  # fmt: skip
"""Words for where a row comes from, the narrowest first."""


@dataclass(frozen=True, eq=False)
class Input:
    """A column that enters as a descriptor, with its unit."""

    column: Column
    quantity: Quantity


@dataclass(frozen=True)
class LeftOut:
    """A column that does not enter, why, and whether that is for a person to decide."""

    name: str
    reason: str
    doubtful: bool = False


@dataclass(frozen=True)
class Inputs:
    """The columns beside target and composition, sorted by what they may be."""

    used: tuple[Input, ...]
    left_out: tuple[LeftOut, ...]
    sources: tuple[Column, ...]
    year: Column | None
    words: tuple[Column, ...]


def sort_columns(columns: Sequence[Column], target: Target) -> Inputs:
    """Sort columns into descriptors, sources, years, words, and those left out."""
    sources = _sources(columns)
    year = next((c for c in columns if _is_year(c)), None)
    used: list[Input] = []
    left: list[LeftOut] = []
    words: list[Column] = []
    lost = np.zeros(len(target.column.cells), dtype=bool)
    for column in columns:
        if column in sources or column is year:
            continue
        if not column.filled:
            left.append(LeftOut(column.name, "empty in every row"))
            continue
        if not column.numeric:
            commas = with_commas(column)
            if commas is None:
                words.append(column)
            else:
                left.append(LeftOut(column.name, commas, doubtful=True))
            continue
        reason = _refusal(column, target) or _missing(column, lost)
        if reason is not None:
            left.append(reason)
            continue
        lost |= ~np.isfinite(column.values)
        used.append(Input(column, quantity(column.name)))
    return Inputs(tuple(used), tuple(left), sources, year, tuple(words))


def _sources(columns: Sequence[Column]) -> tuple[Column, ...]:
    found = [c for c in columns if c.filled and c.words & set(SOURCES)]
    # neither a flag such as single_phase_in_paper nor a list of all sources is one;
    # what differs in every row ties none
    kept = [
        c
        for c in found
        if 2 < len(c.kinds) < c.filled
        and len(c.words) <= 2
        and not c.words & (_COUNTS | {"all", "named"})
    ]
    return tuple(
        sorted(
            kept, key=lambda c: min(SOURCES.index(w) for w in c.words & set(SOURCES))
        )
    )


def _is_year(column: Column) -> bool:
    values = column.values[np.isfinite(column.values)]
    return bool(
        column.words & {"year", "years", "yr"}
        and 0 < column.numbers == column.filled
        and np.all((values >= 1800) & (values <= 2200))
    )


def _refusal(column: Column, target: Target) -> LeftOut | None:
    name = column.name
    values = column.values[np.isfinite(column.values)]
    if np.ptp(values) == 0:
        return LeftOut(name, f"{values[0]:g} in every row")
    steps = np.diff(values)
    whole = bool(np.all(values == np.round(values)))
    numbered = whole and len(steps) > 3 and bool(np.all(steps == 1))
    apart = whole and column.distinct >= 0.9 * len(values)
    if numbered or (apart and column.words & _IDENTIFIERS):
        return LeftOut(name, "an identifier: it numbers the rows")
    if whole and column.words & _COUNTS:
        return LeftOut(name, "it counts reports, and is no property")
    if _named_after(column, target):
        msg = f"its name says that it belongs to the target '{target.column.name}'"
        return LeftOut(name, msg, doubtful=True)
    share = gives_away(column.values, target.column.values, target.task)
    if share >= SUSPECT:
        what = (
            f"it alone explains {share:.1%} of the target's variance"
            if target.task == "regression"
            else f"one threshold on it tells {share:.1%} of the labels right"
        )
        msg = f"suspect: {what}, and may be computed or read from it"
        return LeftOut(name, msg, doubtful=True)
    if name in catalogue():
        msg = "it has the name of a computed descriptor; rename it to use it"
        return LeftOut(name, msg, doubtful=True)
    return _out_of_bounds(column)


def _named_after(column: Column, target: Target) -> bool:
    stem = words_of(target.quantity.label)
    return bool(stem) and stem <= column.words and len(max(stem, key=len)) > 2


def _missing(column: Column, lost: np.ndarray) -> LeftOut | None:
    """Leave a column out that would cost too many rows, alone or with the others."""
    gone = ~np.isfinite(column.values)
    rows = len(gone)
    if gone.sum() > MOST_LOST * rows or (lost | gone).sum() > 2 * MOST_LOST * rows:
        msg = f"missing in {gone.sum()} of {count_of(rows, 'row')}"
        return LeftOut(column.name, msg, doubtful=True)
    return None


def _out_of_bounds(column: Column) -> LeftOut | None:
    """Leave a known quantity out that has values it cannot have."""
    known = KNOWN.get(column.name)
    if known is None or known.lower is None:
        return None
    values = column.values[np.isfinite(column.values)]
    high = np.inf if known.upper is None else known.upper
    bad = (values <= 0) if known.positive else (values < known.lower)
    bad |= values > high
    if not bad.any():
        return None
    msg = (
        f"{known.label} cannot be {values[bad][0]:g} {known.unit.shown}; another "
        "quantity needs another name"
    )
    return LeftOut(column.name, msg, doubtful=True)


def unit_of(given: Input) -> str | None:
    """Return the unit to write for a column, None for a pure number."""
    text = given.quantity.unit
    return None if text is None or parse_unit(text).text == "1" else text


def plain_name(name: str) -> str:
    """Return a name for an analysis, of the letters that one may have."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", name).strip("_.-") or "analysis"
