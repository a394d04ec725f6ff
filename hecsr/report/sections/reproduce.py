"""How to obtain the same report again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecsr.report.model import (
    Block,
    Code,
    Column,
    Heading,
    Listing,
    Paragraph,
    Table,
    rich,
)

if TYPE_CHECKING:
    from hecsr.report.view import View


def blocks(view: View) -> list[Block]:
    """Return the section on reproduction."""
    result = view.result
    rows = tuple((rich(n), rich(Code(v))) for n, v in result.versions.items())
    columns = (Column(rich("Software")), Column(rich("Version"), stretch=1))
    caption = rich("Versions that produced this report.")
    return [
        Heading(1, "How to reproduce"),
        Listing(result.command),
        Paragraph(
            rich(
                f"The seed is {result.seed}. The same data, settings, seed and "
                "versions give the same report byte by byte; times stand in ",
                Code("run.json"),
                ". The formulas with full precision are in ",
                Code("formulas.json"),
                ", ready for LaTeX in ",
                Code("formulas.tex"),
                "; every score, interval, held-out prediction and importance is in ",
                Code("metrics.csv"),
                ", ",
                Code("intervals.csv"),
                ", ",
                Code("predictions.csv"),
                " and ",
                Code("importance.csv"),
                ".",
            )
        ),
        Table(columns, rows, caption, "tab:versions"),
    ]
