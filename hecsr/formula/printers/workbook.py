"""A workbook (.xlsx) that computes a formula: for Excel, LibreOffice and alike.

Written by the standard library alone: an .xlsx file is a ZIP archive of XML, here of
the parts that ECMA-376 part 1 requires (SpreadsheetML: workbook and worksheets). The
bytes depend on nothing but what is given.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from hecsr.errors import FormulaError, suggestion
from hecsr.formula.printers.code import UNDEFINED, about, summary
from hecsr.formula.printers.excel import (
    MAX_ROW,
    column_letters,
    default_cells,
    excel_number,
    to_excel,
)
from hecsr.formula.printers.identifiers import comment
from hecsr.units import Unit, says_unit

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.formula.expression import Array
    from hecsr.formula.formula import Formula


@dataclass(frozen=True, slots=True)
class Computed:
    """The content of a cell that is computed, beginning with ``=``.

    `value` is what it gives, for readers that show a workbook without computing it.
    """

    text: str
    value: float | str | None = None


Cell = str | float | Computed | None
Rows = Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Titled:
    """Rows of which the first names the columns: bold, and in sight when scrolling.

    `widths` are those of the columns, in characters.
    """

    rows: Rows
    widths: Sequence[float] = ()


MAX_TEXT: Final = 32_767
"""Characters that a cell holds; a longer text is cut."""


def to_workbook(
    formula: Formula, data: pd.DataFrame | Mapping[str, Array] | None = None
) -> bytes:
    """Return an .xlsx workbook: a column for each variable, then the computed value.

    The first row names the columns and their units; a column behind the value says
    whether every variable is within its fitted range, and a second sheet what the
    formula is. To go on, copy the last row downwards. A missing number is an empty
    cell, and its row then shows ``#N/A``.

    Parameters
    ----------
    data
        Rows to fill in; by default one row at the middle of the fitted ranges.

    Raises
    ------
    FormulaError
        If a column is missing, there are more rows than a sheet has, or the formula
        does not fit into a cell.
    """
    names = formula.names
    columns = _middle(formula) if data is None else _columns(formula, data)
    n_rows = max((len(c) for c in columns.values()), default=1)
    if n_rows >= MAX_ROW:
        msg = f"{n_rows} rows; a sheet holds {MAX_ROW - 1} below its head"
        raise FormulaError(msg)
    known = {d.name: d for d in formula.variables}
    head: list[Cell] = [column_title(name, known[name].unit) for name in names]
    head += [column_title(formula.target.name, formula.target.unit)]
    flagged = bool(names) and all(name in formula.ranges for name in names)
    rows: list[list[Cell]] = [[*head, "within fitted ranges"] if flagged else head]
    for i in range(n_rows):
        cells = default_cells(names, i + 2)
        row: list[Cell] = [_number(columns[name][i]) for name in names]
        row.append(Computed(to_excel(formula, cells)))
        rows.append([*row, Computed(range_flag(formula, cells))] if flagged else row)
    notes = [summary(formula, "a workbook"), f"{head[-1]} =", formula.to_text(None)]
    notes += [about(formula, n, column_letters(i)) for i, n in enumerate(names)]
    notes += [*UNDEFINED, "In a cell, undefined is an error instead of NaN."]
    about_it = [[comment(note)] for note in notes]
    return workbook({"formula": Titled(rows), "about": about_it})


def workbook(sheets: Mapping[str, Rows | Titled]) -> bytes:
    """Return an .xlsx file of the given sheets, each a list of rows of cells.

    A number that is not finite is left empty; text is never taken for a formula,
    neither where it begins with ``=`` nor when such a cell is edited.
    """
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _relations(["officeDocument"], ["xl/workbook.xml"]),
        "xl/workbook.xml": _book(list(sheets)),
        "xl/_rels/workbook.xml.rels": _relations(
            [*["worksheet"] * len(sheets), "styles"],
            [
                *(f"worksheets/sheet{i}.xml" for i in range(1, len(sheets) + 1)),
                "styles.xml",
            ],
        ),
        "xl/styles.xml": _STYLES,
    }
    for i, rows in enumerate(sheets.values(), start=1):
        parts[f"xl/worksheets/sheet{i}.xml"] = _sheet(rows)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            # a fixed date: the same content gives the same bytes
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, _HEAD + text)
    return file.getvalue()


_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# The formats of cells, by their position: plain, bold, and the same of text that
# stays text when it is edited.
_PLAIN, _BOLD, _QUOTED, _BOLD_QUOTED = range(4)
_FONT: Final = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
_XF: Final = '<xf numFmtId="0" fontId="{0}" fillId="0" borderId="0"{1}/>'
_STYLES: Final = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font>{_FONT}</font>'
    f'<font><b/>{_FONT}</font></fonts><fills count="2">'
    '<fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1">'
    "<border><left/><right/><top/><bottom/><diagonal/></border></borders>"
    f'<cellStyleXfs count="1">{_XF.format(0, "")}</cellStyleXfs><cellXfs count="4">'
    + "".join(
        _XF.format(font, f' xfId="0" applyFont="1"{quoted}')
        for quoted in ("", ' quotePrefix="1"')
        for font in (0, 1)
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" '
    'builtinId="0"/></cellStyles></styleSheet>'
)
_FROZEN: Final = (
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
)
_TRIGGERS: Final = ("=", "+", "-", "@", "\t", "\r")


def _content_types(n_sheets: int) -> str:
    parts = {"/xl/workbook.xml": "sheet.main", "/xl/styles.xml": "styles"}
    parts |= {f"/xl/worksheets/sheet{i + 1}.xml": "worksheet" for i in range(n_sheets)}
    listed = "".join(
        f'<Override PartName="{part}" ContentType="{_TYPE}.{kind}+xml"/>'
        for part, kind in parts.items()
    )
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{relations}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{listed}</Types>'
    )


def _relations(kinds: Sequence[str], targets: Sequence[str]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(zip(kinds, targets, strict=True), start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _book(names: Sequence[str]) -> str:
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{i}" r:id="rId{i}"/>'
        for i, name in enumerate(names, start=1)
    )
    # a stored value is only for show: the program computes it anew on opening
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/>'
        f"</bookViews><sheets>{listed}</sheets>"
        '<calcPr fullCalcOnLoad="1"/></workbook>'
    )


def _sheet(given: Rows | Titled) -> str:
    titled = isinstance(given, Titled)
    rows = given.rows if isinstance(given, Titled) else given
    widths = given.widths if isinstance(given, Titled) else ()
    columns = "".join(
        f'<col min="{i}" max="{i}" width="{width:g}" customWidth="1"/>'
        for i, width in enumerate(widths, start=1)
    )
    written = "".join(
        f'<row r="{i}">'
        + "".join(
            _cell(f"{column_letters(j)}{i}", c, bold=titled and i == 1)
            for j, c in enumerate(row)
        )
        + "</row>"
        for i, row in enumerate(rows, start=1)
    )
    return (
        f'<worksheet xmlns="{_MAIN}">{_FROZEN if titled else ""}'
        f"{f'<cols>{columns}</cols>' if columns else ''}"
        f"<sheetData>{written}</sheetData></worksheet>"
    )


def _cell(place: str, content: Cell, *, bold: bool) -> str:
    match content:
        case Computed(text, value):
            inner = f"<f>{escape(text.removeprefix('='))}</f>"
            if isinstance(value, str):
                shown = escape(comment(value))
                return f'<c r="{place}" t="str">{inner}<v>{shown}</v></c>'
            if value is not None and math.isfinite(value):
                inner += f"<v>{excel_number(value)}</v>"
            return f'<c r="{place}">{inner}</c>'
        case str():
            style = _BOLD if bold else _PLAIN
            if content.startswith(_TRIGGERS):
                style = _BOLD_QUOTED if bold else _QUOTED
            kind = f' s="{style}" t="inlineStr"' if style else ' t="inlineStr"'
            return f'<c r="{place}"{kind}><is>{_text(content)}</is></c>'
        case float() if math.isfinite(content):
            return f'<c r="{place}"><v>{excel_number(content)}</v></c>'
    return ""


def _text(content: str) -> str:
    # XML 1.0 cannot hold control characters; ECMA-376 part 1, 22.9.2.19: _xHHHH_
    # stands for a character, so that one meant as text has its underscore escaped
    shown = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", comment(content))
    return f'<t xml:space="preserve">{escape(shown[:MAX_TEXT])}</t>'


def column_title(name: str, unit: Unit) -> str:
    """Return the name of a column with its unit."""
    said = unit.text == "1" or says_unit(name, unit)
    return name if said else f"{name} / {unit.shown}"


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _middle(formula: Formula) -> dict[str, Array]:
    """Return the middle of each fitted range; NaN where none is known."""
    missing = (math.nan, math.nan)
    ranges = {name: formula.ranges.get(name, missing) for name in formula.names}
    return {n: np.array([low + (high - low) / 2]) for n, (low, high) in ranges.items()}


def _columns(
    formula: Formula, data: pd.DataFrame | Mapping[str, Array]
) -> dict[str, Array]:
    for name in formula.names:
        if name not in data:
            msg = f"no column '{name}'; {suggestion(name, map(str, data))}"
            raise FormulaError(msg)
    return {n: np.asarray(data[n], dtype=np.float64) for n in formula.names}


def range_flag(formula: Formula, cells: Mapping[str, str]) -> str:
    """Return the cell that says whether each variable is within its fitted range."""
    beyond = []
    for name in formula.names:
        low, high = formula.ranges[name]
        # a value that went through a file's last digit is not beyond
        slack = 1e-9 * max(abs(low), abs(high))
        least, most = excel_number(low - slack), excel_number(high + slack)
        beyond.append(f"({least})-{cells[name]},{cells[name]}-({most})")
    listed = ",".join(cells[name] for name in formula.names)
    inside = f'IF(MAX({",".join(beyond)})<=0,"yes","no")'
    return f"=IF(COUNT({listed})<{len(cells)},NA(),{inside})"
