"""The columns of a user's table: which hold numbers, which words, which nothing."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.errors import TableError
from hecsr.tables.cells import read_sheet
from hecsr.tables.user import decimal_comma

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

# as the reader of analyses takes them: no "nan", no "1_000", no decimal comma
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_WORD: Final = re.compile(r"[A-Za-z]+|\d+")

MOSTLY: Final = 0.8
"""Share of the filled cells from which on the others are taken as mistakes."""


@dataclass(frozen=True, eq=False)
class Column:
    """A column of the table: its cells as text, '' where empty."""

    name: str
    cells: tuple[str, ...]

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """The cells as numbers, NaN where there is none."""
        found = [float(c) if _NUMBER.fullmatch(c) else np.nan for c in self.cells]
        return np.array(found, dtype=np.float64)

    @cached_property
    def filled(self) -> int:
        """How many cells are not empty."""
        return sum(1 for cell in self.cells if cell)

    @property
    def empty(self) -> int:
        """How many cells are empty."""
        return len(self.cells) - self.filled

    @cached_property
    def numbers(self) -> int:
        """How many cells are finite numbers."""
        return int(np.isfinite(self.values).sum())

    @property
    def numeric(self) -> bool:
        """Whether most filled cells are numbers."""
        return self.filled > 0 and self.numbers >= MOSTLY * self.filled

    @cached_property
    def commas(self) -> tuple[str, ...]:
        """The cells that are numbers but for their decimal comma."""
        return tuple(c for c in self.cells if decimal_comma(c) is not None)

    @cached_property
    def kinds(self) -> Counter[str]:
        """What the filled cells say, and how often."""
        return Counter(cell for cell in self.cells if cell)

    @cached_property
    def distinct(self) -> int:
        """How many different numbers or, of a column of words, words there are."""
        if self.numeric:
            return len(np.unique(self.values[np.isfinite(self.values)]))
        return len(self.kinds)

    @property
    def words(self) -> frozenset[str]:
        """The words of the name, in lower case."""
        return words_of(self.name)


def with_commas(column: Column) -> str | None:
    """Say what to do with a column of decimal commas; None where it is none.

    Examples
    --------
    >>> with_commas(Column("H", ("27,48", "30", "29,1")))
    "'27,48' has a decimal comma; write 27.48, as in all 2 cells with one"
    """
    numbers = column.numbers + len(column.commas)
    if not column.commas or numbers < MOSTLY * column.filled:
        return None
    cells = count_of(len(column.commas), "cell")
    return f"{decimal_comma(column.commas[0])}, as in all {cells} with one"


def words_of(name: str) -> frozenset[str]:
    """Split a name into its words, in lower case.

    Examples
    --------
    >>> sorted(words_of("sampleID_2 (gf)"))
    ['2', 'gf', 'id', 'sample']
    """
    # a capital after a small letter begins a word, as in sampleID
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return frozenset(word.lower() for word in _WORD.findall(parted))


def read_columns(path: Path, wanted: Sequence[str]) -> tuple[Column, ...]:
    """Read the columns of a CSV file as text.

    A row that is too short is filled up with empty cells, one that is too long cut:
    whether it is fit for use is for the reader of the analysis to say.

    Raises
    ------
    TableError
        If the file cannot be read, its header is unusable, or it has no rows.
    """
    sheet = read_sheet(path, wanted)
    if not sheet.lines:
        raise TableError(f"{path.name}: there is a header but not a single row")
    width = len(sheet.header)
    rows = [(line.cells + ("",) * width)[:width] for line in sheet.lines]
    return tuple(
        Column(name, cells)
        for name, cells in zip(sheet.header, zip(*rows, strict=True), strict=True)
    )


def count_of(number: int, what: str) -> str:
    """Return a number with its noun, as '1 row' or '2 rows'."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def listed(items: Sequence[str], most: int = 8) -> str:
    """Join words with commas; beyond `most` the others are counted."""
    rest = len(items) - most
    shown = ", ".join(items[:most])
    return f"{shown} and {rest} more" if rest > 0 else shown
