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
    Ref,
    Table,
    rich,
)

if TYPE_CHECKING:
    from hecsr.report.view import View


def blocks(view: View) -> list[Block]:
    """Return the section on reproduction."""
    result = view.result
    return [
        Heading(1, "How to reproduce"),
        Listing(result.command),
        Paragraph(
            rich(
                f"The seed is {result.seed}. The same data, settings, seed and "
                "versions (",
                Ref("tab:versions"),
                ") give the same report byte by byte; times stand in ",
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
    ]


def versions_table(view: View) -> Table:
    """Return the software that the run used."""
    rows = tuple((rich(n), rich(v)) for n, v in view.result.versions.items())
    columns = (Column(rich("Software")), Column(rich("Version"), stretch=1))
    caption = rich("Versions that produced this report.")
    return Table(columns, rows, caption, "tab:versions", appendix=True)
