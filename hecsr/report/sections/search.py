"""How large the searches were, and what was skipped; the settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from hecsr.report.model import (
    Block,
    Code,
    Column,
    Heading,
    Link,
    List,
    Paragraph,
    Ref,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import NONE, count, significant

if TYPE_CHECKING:
    from hecsr.report.view import View

# Settings that the report shows in their own places.
_ELSEWHERE: Final = frozenset({"name", "title", "question", "data.notes"})
_ADDRESS: Final = re.compile(r"(https?://[^\s()]+)")


def blocks(view: View) -> list[Block]:
    """Return the section on the search."""
    result = view.result
    found: list[Block] = [Heading(1, "Search")]
    if any(result.search_sizes.values()):
        said = rich(Ref("tab:sizes"), " gives the size of each search on all rows")
        more = rich("; all settings are in ", Ref("tab:settings"))
        more = more if settings(view) else ()
        found += [Paragraph(rich(said, more, ".")), _sizes(view)]
    elif settings(view):
        found.append(Paragraph(rich("All settings are in ", Ref("tab:settings"), ".")))
    if result.skipped:
        found += [
            Heading(2, "Engines not run"),
            List(tuple(why_not(n, why) for n, why in result.skipped.items())),
        ]
    if result.notes:
        found += [
            Heading(2, "Remarks"),
            List(tuple(rich(note) for note in result.notes)),
        ]
    if len(found) == 1:
        found.append(Paragraph(rich("No search was run.")))
    return found


def why_not(name: str, why: str) -> Rich:
    """Say in one sentence why an engine did not run.

    A reason may begin with the engine's name; backticks hold what is to be typed.
    """
    text = why if why.startswith(name) else f"{name}: {why}"
    parts: Rich = ()
    for i, piece in enumerate(text.rstrip(".").split("`")):
        if i % 2:
            parts = rich(parts, Code(piece))
            continue
        for j, some in enumerate(_ADDRESS.split(piece)):
            parts = rich(parts, Link(some, some) if j % 2 else some)
    return rich(parts, ".")


def settings(view: View) -> Table | None:
    """Return the settings of the study, None where none are known."""
    rows = tuple(
        (rich(Code(name)), rich(value))
        for name, value in _flat(view.result.settings)
        if name not in _ELSEWHERE
    )
    if not rows:
        return None
    columns = (Column(rich("Setting")), Column(rich("Value"), stretch=1.4))
    caption = rich("Settings of the study, the budget of each engine included.")
    return Table(columns, rows, caption, "tab:settings", small=True, appendix=True)


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


def _flat(value: object, name: str = "") -> list[tuple[str, str]]:
    """Return settings as dotted names and their values in words."""
    inner: list[tuple[str, object]] = []
    if isinstance(value, Mapping):
        inner = [(str(key), of) for key, of in value.items()]
    elif isinstance(value, (list, tuple)) and any(
        isinstance(of, (Mapping, list, tuple)) for of in value
    ):
        inner = [(str(i), of) for i, of in enumerate(value, start=1)]
    if inner:
        start = f"{name}." if name else ""
        return [line for key, of in inner for line in _flat(of, f"{start}{key}")]
    return [(name, _words(value))] if name else []


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_words, value)) or NONE
    if value is None or value == "" or isinstance(value, Mapping):
        return NONE
    if isinstance(value, int):
        return count(value)
    return str(value).replace("-", "−") if isinstance(value, float) else str(value)
