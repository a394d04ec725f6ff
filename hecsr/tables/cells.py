"""CSV files as header and numbered lines of text; no meaning is attached here."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from hecsr.errors import BadRow, TableError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SEPARATORS = (",", ";", "\t")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Line:
    """One record: the line it starts on (the header is line 1) and its cells."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A header and the lines below it."""

    header: tuple[str, ...]
    lines: tuple[Line, ...]


def _decode(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        text = f"there is no file '{path}'"
        raise TableError(text) from None
    except OSError as error:
        text = f"'{path}' cannot be read: {error.strerror}"
        raise TableError(text) from error
    advice = "save it as 'CSV UTF-8'"
    if data.startswith(_UTF16):
        text = f"{path.name} is UTF-16, not UTF-8; {advice}"
        raise TableError(text)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text = f"{path.name}, line {line}: not UTF-8 text; {advice}"
        raise TableError(text) from error


def _records(name: str, text: str, separator: str) -> list[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    found = []
    start = 1
    try:
        for cells in reader:
            stripped = tuple(cell.strip() for cell in cells)
            if any(stripped):
                found.append(Line(start, stripped))
            start = reader.line_num + 1
    except csv.Error as error:
        message = f"{name}, line {start}: not a readable CSV line ({error})"
        raise TableError(message) from error
    return found


def _separator(text: str, wanted: Sequence[str]) -> str:
    """Choose the separator that shows most wanted columns, then most columns."""
    first = next((line for line in text.splitlines() if line.strip()), "")

    def score(separator: str) -> tuple[int, int]:
        # An unclosed quotation mark is reported when the file itself is read.
        cells: list[str] = []
        with suppress(csv.Error):
            cells = next(csv.reader([first], delimiter=separator), [])
        names = [cell.strip() for cell in cells]
        return sum(column in names for column in wanted), len(names)

    return max(_SEPARATORS, key=score)


def read_sheet(path: Path, wanted: Sequence[str] = ()) -> Sheet:
    """Read a CSV file as text.

    Parameters
    ----------
    path : Path
        The file: UTF-8, with or without a byte order mark.
    wanted : sequence of str
        Columns expected; they help to tell the separator.

    Returns
    -------
    Sheet
        Header and lines without surrounding spaces; blank lines are passed over,
        and so are nameless columns at the end that hold nothing.

    Raises
    ------
    TableError
        If the file cannot be read or its header is unusable.
    """
    text = _decode(path)
    found = _records(path.name, text, _separator(text, wanted))
    if not found:
        message = f"{path.name} is empty"
        raise TableError(message)
    header, lines = list(found[0].cells), found[1:]
    while header and not header[-1]:  # spreadsheets leave such columns behind
        header.pop()
    width = len(header)
    lines = [
        Line(line.number, line.cells[:width]) if not any(line.cells[width:]) else line
        for line in lines
    ]
    if "" in header:
        message = (
            f"{path.name}: column {header.index('') + 1} has no name; name it in the "
            "header or delete it (pandas writes its index so: use "
            "to_csv(..., index=False))"
        )
        raise TableError(message)
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        message = f"{path.name}: column(s) named twice: {', '.join(twice)}"
        raise TableError(message)
    return Sheet(tuple(header), tuple(lines))


def write_sheet(
    path: Path, sheet: Sheet, bad: Sequence[tuple[Line, Sequence[BadRow]]]
) -> None:
    """Write lines with the reasons they are bad; the file appears whole or not at all.

    Parameters
    ----------
    path : Path
        The file to write.
    sheet : Sheet
        Where the lines come from.
    bad : sequence of (Line, faults)
        What to write; cells beyond the header stand in the reason.

    Raises
    ------
    TableError
        If the file cannot be written.
    """
    reason = "reason"
    while reason in sheet.header:
        reason += "_"
    width = len(sheet.header)
    rows = [[*sheet.header, reason]]
    for line, faults in bad:
        why = "; ".join(str(fault) for fault in faults)
        if beyond := line.cells[width:]:
            why += f"; beyond the header: {', '.join(beyond)}"
        cells = line.cells[:width] + ("",) * (width - len(line.cells))
        rows.append([*cells, why])
    temporary = None
    try:
        with NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, delete=False
        ) as stream:
            temporary = Path(stream.name)
            csv.writer(stream, lineterminator="\n").writerows(rows)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        message = f"'{path}' cannot be written: {error.strerror}"
        raise TableError(message) from error
