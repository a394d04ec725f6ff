"""What is looked up, not read: competitors, the front, settings, long tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecsr.report.model import Block, Heading, Table
from hecsr.report.sections.front import formulas_table
from hecsr.report.sections.overview import competitors_table
from hecsr.report.sections.reproduce import versions_table
from hecsr.report.sections.search import settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hecsr.report.view import View


def blocks(view: View, long: Iterable[Table] = ()) -> list[Block]:
    """Return the appendix; `long` are the tables that sections do not hold."""
    found: list[Block] = [_head("Competitors"), competitors_table(view)]
    if any(c.kind == "front" for c in view.result.competitors):
        found += [_head("Formulas of the front"), formulas_table(view)]
    tables = tuple(long)
    if tables:
        found += [_head("Long tables"), *tables]
    table = settings(view)
    if table is not None:
        found += [_head("Settings"), table]
    return [*found, _head("Versions"), versions_table(view)]


def _head(text: str) -> Heading:
    return Heading(1, text, appendix=True)
