"""How large the searches were, with which settings, and what was skipped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from hecsr.report.model import (
    Block,
    Code,
    Column,
    Heading,
    List,
    Paragraph,
    Table,
    rich,
)
from hecsr.report.numbers import count, significant

if TYPE_CHECKING:
    from hecsr.report.view import View

# Settings that the report shows in their own places.
_ELSEWHERE: Final = frozenset({"name", "title", "question", "data.notes"})


def blocks(view: View) -> list[Block]:
    """Return the section on the search."""
    result = view.result
    found: list[Block] = [Heading(1, "Search")]
    if any(result.search_sizes.values()):
        found.append(_sizes(view))
    rows = tuple(
        (rich(Code(k)), rich(Code(v)))
        for k, v in _flat(result.settings)
        if k not in _ELSEWHERE
    )
    if rows:
        columns = (
            Column(rich("Setting"), stretch=1),
            Column(rich("Value"), stretch=1.4),
        )
        caption = rich("Settings of the study, the printed budget included.")
        found.append(Table(columns, rows, caption, "tab:settings", small=True))
    if result.skipped:
        found += [
            Heading(2, "Engines not run"),
            List(tuple(rich(f"{n}: {why}") for n, why in result.skipped.items())),
        ]
    if result.notes:
        found += [
            Heading(2, "Remarks"),
            List(tuple(rich(note) for note in result.notes)),
        ]
    if len(found) == 1:
        found.append(Paragraph(rich("No search was run.")))
    return found


def _sizes(view: View) -> Table:
    sizes = view.result.search_sizes
    names = list(dict.fromkeys(key for of in sizes.values() for key in of))
    rows = tuple(
        (
            rich(name.replace("_", " ").capitalize()),
            *(rich(_number(of.get(name))) for of in sizes.values()),
        )
        for name in names
    )
    columns = (
        Column(rich("Quantity"), stretch=1),
        *(Column(rich(_engine(view, e)), align="right") for e in sizes),
    )
    caption = rich("Size of the search of each engine on all rows.")
    return Table(columns, rows, caption, "tab:sizes")


def _engine(view: View, engine: str) -> str:
    procedure = view.procedure(engine)
    return procedure.label if procedure is not None else engine


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    whole = float(value).is_integer() and abs(value) < 1e15
    return count(value) if whole else significant(float(value))


def _flat(settings: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Return settings as dotted names and their values."""
    lines: list[tuple[str, str]] = []
    for key, value in settings.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            lines += _flat(value, f"{name}.")
        elif isinstance(value, (list, tuple)):
            lines.append((name, ", ".join(map(str, value)) or "none"))
        else:
            lines.append((name, str(value)))
    return lines
