"""Read a user's own CSV: say everything that is wrong with it, and where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from hecsr.errors import BadRow, BadRowsError, HecsrError, TableError, suggestion
from hecsr.tables.cells import Line, Sheet, read_sheet, write_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

# Python's float() also takes "1_000" and "nan"; a table should not.
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+")
_WHOLE_ROW: Final = "(whole row)"


@dataclass(frozen=True)
class UserTable:
    """A user's table after reading.

    Parameters
    ----------
    frame : pandas.DataFrame
        The good rows: numeric columns as float64, the others as text.
    lines : tuple of int
        Line in the file of each row of ``frame``.
    bad_rows : tuple of BadRow
        What was set aside, one entry for each fault.
    parsed : tuple
        What ``parse`` made of the composition of each row; empty without it.
    set_aside : Path or None
        The file the bad rows were written to, if any were.
    """

    frame: pd.DataFrame
    lines: tuple[int, ...]
    bad_rows: tuple[BadRow, ...]
    parsed: tuple[Any, ...]
    set_aside: Path | None


def _missing_columns(
    sheet: Sheet, required: Sequence[str], name: str
) -> TableError | None:
    missing = [column for column in required if column not in sheet.header]
    if not missing:
        return None
    there = ", ".join(sheet.header)
    hints = []
    for column in missing:
        word = suggestion(column, sheet.header)
        hints.append(f" ({word})" if word.startswith("did you mean") else "")
    listed = "; ".join(f"'{c}'{h}" for c, h in zip(missing, hints, strict=True))
    text = f"{name}: missing column(s) {listed}; columns in the file: {there}"
    return TableError(text)


def decimal_comma(cell: str) -> str | None:
    """Return what to do with a number that has a decimal comma; None for others."""
    if _DECIMAL_COMMA.fullmatch(cell) is None:
        return None
    return f"'{cell}' has a decimal comma; write {cell.replace(',', '.')}"


def _number_fault(cell: str) -> str | None:
    """Return why a cell is not a finite number, or None if it is one."""
    if _NUMBER.fullmatch(cell):
        return None if isfinite(float(cell)) else f"'{cell}' is too large a number"
    if cell.lower().lstrip("+-") in {"inf", "infinity", "nan"}:
        return f"'{cell}' is not a finite number"
    return decimal_comma(cell) or f"text '{cell}' where a number should be"


class _Checker:
    """Checks lines of one sheet and keeps what the parser made of them."""

    def __init__(
        self,
        sheet: Sheet,
        required: Sequence[str],
        numeric: Sequence[str],
        composition: str | None,
        parse: Callable[[str], Any] | None,
    ) -> None:
        self.sheet = sheet
        self.required = frozenset(required)
        self.numeric = frozenset(numeric)
        self.composition = composition
        self.parse = parse
        self.parsed: dict[int, Any] = {}

    def faults(self, line: Line) -> list[BadRow]:
        wanted, given = len(self.sheet.header), len(line.cells)
        if wanted != given:
            reason = f"{given} cell(s) where the header has {wanted}"
            if given > wanted:
                reason += '; a cell with commas, as "(Ti,Zr)C", needs double quotes'
            return [BadRow(line.number, _WHOLE_ROW, reason)]
        found = []
        for column, cell in zip(self.sheet.header, line.cells, strict=True):
            if why := self._fault(line.number, column, cell):
                found.append(BadRow(line.number, column, why))
        return found

    def _fault(self, number: int, column: str, cell: str) -> str | None:
        if not cell:
            return "empty" if column in self.required else None
        if column in self.numeric:
            return _number_fault(cell)
        if column == self.composition and self.parse is not None:
            try:
                self.parsed[number] = self.parse(cell)
            except HecsrError as error:
                return str(error)
        return None


def _frame(sheet: Sheet, good: Sequence[Line], numeric: Sequence[str]) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    columns: dict[str, Any] = {}
    for place, column in enumerate(sheet.header):
        cells = [line.cells[place] for line in good]
        if column in numeric:
            numbers = [float(cell) if cell else float("nan") for cell in cells]
            columns[column] = np.array(numbers, dtype=np.float64)
        else:
            columns[column] = cells
    return pd.DataFrame(columns)


def read_user_csv(
    path: str | Path,
    required: Sequence[str],
    numeric: Sequence[str] = (),
    *,
    composition: str | None = "composition",
    parse: Callable[[str], Any] | None = None,
    on_bad: Literal["refuse", "set_aside"] = "refuse",
    set_aside_path: str | Path | None = None,
) -> UserTable:
    """Read a CSV file, checking every cell that matters.

    Commas, semicolons and tabs are recognised as separators; the file must be UTF-8.

    Parameters
    ----------
    path : str or Path
        The file.
    required : sequence of str
        Columns that must be there and filled in every row.
    numeric : sequence of str
        Columns of finite numbers; one that is not required may be empty or absent.
    composition : str or None
        Column of compositions; required unless None.
    parse : callable, optional
        Reads a composition, raising :class:`~hecsr.errors.HecsrError` on a bad one.
    on_bad : {"refuse", "set_aside"}
        Refuse the whole file if a row is bad, or write bad rows to another file.
    set_aside_path : str or Path, optional
        That other file; by default ``NAME.set_aside.csv`` beside the first.

    Returns
    -------
    UserTable
        Good rows with their line numbers, and what was wrong with the others.

    Raises
    ------
    TableError
        If the file cannot be read, has no rows, or lacks a column.
    BadRowsError
        If rows are bad and not set aside, or if none is good; all are listed.
    """
    path = Path(path)
    if on_bad not in ("refuse", "set_aside"):
        text = f"on_bad is '{on_bad}'; allowed: refuse, set_aside"
        raise TableError(text)
    needed = list(dict.fromkeys([*([composition] if composition else []), *required]))
    sheet = read_sheet(path, needed)
    if error := _missing_columns(sheet, needed, path.name):
        raise error
    if not sheet.lines:
        text = f"{path.name}: there is a header but not a single row"
        raise TableError(text)
    checker = _Checker(sheet, needed, numeric, composition, parse)
    good: list[Line] = []
    bad: list[tuple[Line, list[BadRow]]] = []
    for line in sheet.lines:
        faults = checker.faults(line)
        if faults:
            bad.append((line, faults))
        else:
            good.append(line)
    rows = [fault for _, faults in bad for fault in faults]
    written = None
    if bad:
        if on_bad == "refuse":
            advice = "correct these rows, or ask for bad rows to be set aside"
            raise BadRowsError(path.name, rows, advice)
        if not good:
            raise BadRowsError(path.name, rows, "no row is left to work with")
        written = Path(set_aside_path or path.with_suffix(".set_aside.csv"))
        write_sheet(written, sheet, bad)
    return UserTable(
        frame=_frame(sheet, good, numeric),
        lines=tuple(line.number for line in good),
        bad_rows=tuple(rows),
        parsed=tuple(checker.parsed[g.number] for g in good) if parse else (),
        set_aside=written,
    )
