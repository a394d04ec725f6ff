"""The tables of a report in LaTeX, a file each, with the rules of booktabs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from hecsr.report.latex.text import equation_label, escape, inline, label
from hecsr.report.latex.widths import GAP, layout
from hecsr.report.model import Column, Group, Table, flat, folded, numbering

if TYPE_CHECKING:
    from hecsr.report.model import Report, Rich
    from hecsr.report.view import View

Named = Callable[[str], str]
"""Writes the mention of a label of the report."""
HEAD: Final = r"""% Needs \usepackage{amsmath,array,booktabs,longtable}.
% Set for a line of 160 mm in one column; in two columns use table* for table."""
_CAPTION: Final = (
    r"\setlength{\abovecaptionskip}{0pt}\setlength{\belowcaptionskip}{6pt}"
)
_RAGGED: Final = {
    "left": r"\raggedright",
    "center": r"\centering",
    "right": r"\raggedleft",
}


def to_tables(view: View, report: Report) -> dict[str, str]:
    r"""Return the source of each table of a report by its file, as ``summary.tex``.

    The labels carry the name of the study, so that the tables of several do not get
    mixed up. A table mentions another one and an equation by ``\ref``; the
    equation's label is that of ``formulas.tex``.
    """
    named = mentions(view, report)
    found: dict[str, str] = {}
    tables = [block for block in flat(report.blocks) if isinstance(block, Table)]
    for number, table in enumerate(tables, start=1):
        stem = label(table.label.removeprefix("tab:")) or f"table-{number}"
        own = table_label(view, table.label or f"tab:table-{number}")
        found[f"{stem}.tex"] = f"{HEAD}\n{to_table(table, own, named)}\n"
    return found


def table_label(view: View, given: str) -> str:
    """Return the LaTeX label of a table of the report."""
    return f"tab:{label(view.result.name, given.removeprefix('tab:'))}"


def mentions(view: View, report: Report) -> Named:
    """Return how the mention of a label of the report is written.

    Figures have no label in LaTeX; they are named by their number in the report.
    """
    names = numbering(report)

    def named(given: str) -> str:
        kind, _, which = given.partition(":")
        if kind == "tab":
            return rf"Table~\ref{{{table_label(view, given)}}}"
        if kind == "eq" and which.isdigit() and int(which) <= len(view.chosen):
            return rf"Eq.~\eqref{{{equation_label(view, int(which))}}}"
        return escape(f"{names.get(given, given)} of the report").replace(" ", "~", 1)

    return named


def to_table(table: Table, own: str, named: Named) -> str:
    """Return a table environment; a longtable where it would not fit on a page."""
    table = folded(table)
    found = layout(table)
    columns = "".join(map(_column, table.columns, found.widths))
    count = len(table.columns)
    heads = " & ".join(_head(c, named) for c in table.columns) + r" \\"
    body = "\n".join(_row(row, table, named) for row in table.rows)
    caption = inline(table.caption, named)
    setting = f"\\{found.size}\\setlength{{\\tabcolsep}}{{{GAP:g}pt}}"
    if table.roomy:
        setting += "\\renewcommand{\\arraystretch}{1.4}"
    if found.long:
        return (
            f"{{{setting}\\setlength{{\\LTcapwidth}}{{\\linewidth}}\n"
            f"\\begin{{longtable}}{{@{{}}{columns}@{{}}}}\n"
            f"\\caption{{{caption}}}\\label{{{own}}}\\\\\n"
            f"\\toprule\n{heads}\n\\midrule\n\\endfirsthead\n"
            f"\\multicolumn{{{count}}}{{@{{}}l}}{{\\emph{{Table~\\thetable, "
            "continued}}\\\\\n"
            f"\\toprule\n{heads}\n\\midrule\n\\endhead\n"
            f"\\bottomrule\n\\endfoot\n{body}\n\\end{{longtable}}}}"
        )
    return (
        f"\\begin{{table}}\n\\centering\n{_CAPTION}\n{setting}\n"
        f"\\caption{{{caption}}}\n\\label{{{own}}}\n"
        f"\\begin{{tabular}}{{@{{}}{columns}@{{}}}}\n"
        f"\\toprule\n{heads}\n\\midrule\n{body}\n\\bottomrule\n"
        "\\end{tabular}\n\\end{table}"
    )


def _column(column: Column, width: float | None) -> str:
    if width is None:
        return column.align[0]
    return f">{{{_RAGGED[column.align]}\\arraybackslash}}p{{{width:.3f}\\linewidth}}"


def _head(column: Column, named: Named) -> str:
    unit = f" ({inline(column.unit, named)})" if column.unit else ""
    return _guarded(inline(column.header, named) + unit)


def _row(row: tuple[Rich, ...] | Group, table: Table, named: Named) -> str:
    if isinstance(row, Group):
        count = len(table.columns)
        title = rf"\emph{{{escape(row.text)}}}" if row.text else ""
        return rf"\addlinespace \multicolumn{{{count}}}{{@{{}}l}}{{{title}}} \\"
    cells = [inline(cell, named, display=table.roomy) for cell in row]
    return _guarded(" & ".join(cells)) + r" \\"


def _guarded(cell: str) -> str:
    r"""Keep a bracket that begins a row from being read as an option of ``\\``."""
    return f"{{}}{cell}" if cell.lstrip().startswith(("[", "*")) else cell
