"""Which column holds the compositions, found by reading them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from hecsr.composition import Composition
from hecsr.errors import CompositionError, TableError, suggestion
from hecsr.proposal.columns import MOSTLY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecsr.proposal.columns import Column

_NAMES: Final = frozenset(
    {"composition", "compositions", "formula", "compound", "material", "ceramic"}
)


@dataclass(frozen=True, eq=False)
class Compositions:
    """The column of compositions; `parsed` is None where a cell cannot be read.

    `others` are the columns that could be read as compositions too.
    """

    column: Column
    parsed: tuple[Composition | None, ...]
    others: tuple[str, ...] = ()

    @cached_property
    def known(self) -> tuple[Composition, ...]:
        """Those that could be read, in the order of the rows."""
        return tuple(c for c in self.parsed if c is not None)

    @property
    def families(self) -> Counter[str]:
        """How many rows each family has."""
        return Counter(c.family for c in self.known)

    @property
    def elements(self) -> Counter[str]:
        """How many rows hold each metal."""
        return Counter(e for c in self.known for e, _ in c.metals)


def find_compositions(columns: Sequence[Column], asked: str | None) -> Compositions:
    """Find the column whose cells read as compositions.

    Raises
    ------
    TableError
        If there is none, or the one asked for does not exist or cannot be read; the
        first cell that fails is named with its row.
    """
    if asked is not None:
        by_name = {c.name: c for c in columns}
        if asked not in by_name:
            msg = f"there is no column '{asked}' for the compositions"
            raise TableError(f"{msg}; {suggestion(asked, by_name)}")
        columns = [by_name[asked]]
    read = [(c, _parsed(c)) for c in columns if not c.numeric and c.filled]
    shares = [(_share(c, parsed), c, parsed) for c, parsed in read]
    good = [(c, parsed) for share, c, parsed in shares if share >= MOSTLY]
    if not good:
        raise _none(shares)
    # a column of elements or families may read as compositions by chance
    column, parsed = max(good, key=lambda g: (bool(g[0].words & _NAMES), g[0].distinct))
    others = tuple(c.name for c, _ in good if c is not column)
    return Compositions(column, parsed, others)


def _parsed(column: Column) -> tuple[Composition | None, ...]:
    return tuple(_read(cell) for cell in column.cells)


def _read(cell: str) -> Composition | None:
    if not cell:
        return None
    try:
        return Composition.parse(cell)
    except CompositionError:
        return None


def _share(column: Column, parsed: Sequence[Composition | None]) -> float:
    return sum(1 for c in parsed if c is not None) / column.filled


def _none(
    shares: Sequence[tuple[float, Column, Sequence[Composition | None]]],
) -> TableError:
    """Say which column came closest, and where it fails."""
    advice = "write compositions as (Ti,Zr,Hf)C or Ti0.5Zr0.5B2, one in each row"
    if not shares:
        return TableError(f"no column holds words that could be compositions; {advice}")
    share, column, parsed = max(shares, key=lambda s: s[0])
    fails = next(i for i, c in enumerate(parsed) if c is None and column.cells[i])
    try:
        Composition.parse(column.cells[fails])
    except CompositionError as error:
        why = str(error)
    return TableError(
        f"no column reads as compositions; '{column.name}' comes closest, with "
        f"{share:.0%} of its cells, and fails first in row {fails + 1} below the "
        f"header: {why}\n{advice}, or name the column with --composition"
    )
