"""Sheets in LaTeX (booktabs), Typst, Markdown, HTML and plain text."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from hecsr.errors import FormulaError, suggestion
from hecsr.formula.printers import html, latex, markdown, typst
from hecsr.formula.sheet import Cell, Mathematics

if TYPE_CHECKING:
    from hecsr.formula.sheet import Sheet

_LABEL: Final = re.compile(r"[^A-Za-z0-9:-]+")


def write_sheet(sheet: Sheet, form: str, label: str = "") -> str:
    """Return a sheet in one of the forms latex, typst, markdown, html, text.

    Raises
    ------
    FormulaError
        If the form is another one.
    """
    match form:
        case "latex":
            return sheet_to_latex(sheet, label)
        case "typst":
            return sheet_to_typst(sheet, label)
        case "markdown":
            return sheet_to_markdown(sheet)
        case "html":
            return sheet_to_html(sheet)
        case "text":
            return sheet_to_text(sheet)
    forms = ("latex", "typst", "markdown", "html", "text")
    raise FormulaError(f"no form '{form}' of a table; {suggestion(form, forms)}")


def sheet_to_latex(sheet: Sheet, label: str = "") -> str:
    r"""Return a table environment with caption; needs amsmath and booktabs.

    `label` is what ``\ref`` takes; characters that LaTeX may stumble over become
    hyphens.
    """

    def cell(one: Cell) -> str:
        if isinstance(one, Mathematics):
            return f"${one.latex}$"
        return latex.escape(one.text)

    columns = "".join(side[0] for side in sheet.align)
    rows = [" & ".join(map(cell, row)) + r" \\" for row in sheet.rows]
    named = f"\n  \\label{{{_LABEL.sub('-', label)}}}" if label else ""
    heads = " & ".join(map(latex.escape, sheet.heads))
    body = "\n".join(f"    {line}" for line in rows)
    return (
        "\\begin{table}\n  \\centering\n"
        f"  \\caption{{{latex.escape(sheet.caption)}}}{named}\n"
        f"  \\begin{{tabular}}{{{columns}}}\n"
        f"    \\toprule\n    {heads} \\\\\n    \\midrule\n{body}\n"
        "    \\bottomrule\n  \\end{tabular}\n\\end{table}"
    )


def sheet_to_typst(sheet: Sheet, label: str = "") -> str:
    """Return a figure with a table that has three rules and a caption."""

    def cell(one: Cell) -> str:
        if isinstance(one, Mathematics):
            return f"[${one.typst}$]"
        return f"[{typst.escape(one.text)}]"

    heads = ", ".join(f"[{typst.escape(head)}]" for head in sheet.heads)
    rows = "".join(f"    {', '.join(map(cell, row))},\n" for row in sheet.rows)
    named = f" <{_LABEL.sub('-', label)}>" if label else ""
    return (
        "#figure(\n"
        f"  table(columns: {len(sheet.heads)}, stroke: none, "
        f"align: ({', '.join(sheet.align)}),\n"
        f"    table.hline(), table.header({heads}), table.hline(stroke: 0.5pt),\n"
        f"{rows}    table.hline()),\n"
        f"  caption: [{typst.escape(sheet.caption)}],\n){named}"
    )


def sheet_to_markdown(sheet: Sheet) -> str:
    """Return a table with its caption above."""

    def cell(one: Cell) -> str:
        if isinstance(one, Mathematics):
            return markdown.mathematics(one.latex)
        return markdown.escape(one.text)

    marks = ["---:" if side == "right" else ":---" for side in sheet.align]
    lines = [
        markdown.escape(sheet.caption),
        "",
        _row([markdown.escape(head) for head in sheet.heads]),
        _row(marks),
        *(_row([cell(one) for one in row]) for row in sheet.rows),
    ]
    return "\n".join(lines)


def sheet_to_html(sheet: Sheet) -> str:
    """Return a table element with its caption."""

    def cell(one: Cell, side: str) -> str:
        inner = one.html if isinstance(one, Mathematics) else html.escape(one.text)
        return f'<td style="text-align:{side}">{inner}</td>'

    heads = "".join(
        f'<th style="text-align:{side}">{html.escape(head)}</th>'
        for head, side in zip(sheet.heads, sheet.align, strict=True)
    )
    rows = "".join(
        f"<tr>{''.join(map(cell, row, sheet.align))}</tr>" for row in sheet.rows
    )
    return (
        f"<table><caption>{html.escape(sheet.caption)}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def sheet_to_text(sheet: Sheet) -> str:
    """Return columns of characters with the caption above."""
    rows = [list(sheet.heads), *([one.text for one in row] for row in sheet.rows)]
    rows = [[" ".join(text.split()) for text in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = []
        for text, width, side in zip(row, widths, sheet.align, strict=True):
            blank = " " * (width - _width(text))
            cells.append(blank + text if side == "right" else text + blank)
        lines.append("  ".join(cells).rstrip())
    rule = "  ".join("-" * width for width in widths)
    return "\n".join([sheet.caption, "", lines[0], rule, *lines[1:]])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _width(text: str) -> int:
    """Return the columns a text takes: wide East Asian letters two, accents none."""
    return sum(
        0
        if unicodedata.combining(c)
        else 2
        if unicodedata.east_asian_width(c) in "WF"
        else 1
        for c in text
    )
