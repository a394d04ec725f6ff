"""Blocks of a report as plain text for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from hecsr.report.model import (
    Bold,
    Code,
    Group,
    Heading,
    Italic,
    Link,
    List,
    Paragraph,
    Ref,
    Report,
    Rich,
    Table,
    Text,
)

if TYPE_CHECKING:
    from hecsr.report.model import Block, Inline

WIDTH: Final = 100
_WIDEST: Final = 40
"""A cell longer than this is broken into lines."""


def to_text(report: Report) -> str:
    """Write the headings, paragraphs, lists and tables of a report as text.

    Other blocks do not occur in what a terminal is shown.
    """
    parts = [report.title, report.subtitle, *(_block(b) for b in report.blocks)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(_, text):
            return f"{text}\n{'-' * len(text)}"
        case Paragraph(content):
            return _wrapped(_plain(content))
        case List(items):
            return "\n".join(_wrapped(_plain(i), "- ", "  ") for i in items)
        case Table():
            return _table(block)
    raise TypeError(type(block))


def _plain(content: Rich) -> str:
    return "".join(_inline(node) for node in content)


def _inline(node: Inline) -> str:
    match node:
        case Text(text) | Bold(text) | Italic(text) | Code(text) | Link(text, _):
            return text
        case Ref(label):
            return label
    raise TypeError(type(node))


def _wrapped(text: str, first: str = "", other: str = "") -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=other,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _table(table: Table) -> str:
    heads = [
        _plain(c.header) + (f" ({_plain(c.unit)})" if c.unit else "")
        for c in table.columns
    ]
    rows = [
        row.text if isinstance(row, Group) else [_lines(_plain(c)) for c in row]
        for row in table.rows
    ]
    split = [_lines(head) for head in heads]
    cells = [split, *(row for row in rows if not isinstance(row, str))]
    widths = [
        max(len(line) for row in cells for line in row[i]) for i in range(len(heads))
    ]
    right = [c.align == "right" for c in table.columns]
    written = [_row(split, widths, right), "  ".join("-" * w for w in widths)]
    written += [
        row if isinstance(row, str) else _row(row, widths, right) for row in rows
    ]
    return "\n".join([_wrapped(_plain(table.caption)), "", *written])


def _lines(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDEST) or [""]


def _row(cells: list[list[str]], widths: list[int], right: list[bool]) -> str:
    written = []
    for i in range(max(map(len, cells))):
        parts = [
            (cell[i] if i < len(cell) else "").rjust(width)
            if flush
            else (cell[i] if i < len(cell) else "").ljust(width)
            for cell, width, flush in zip(cells, widths, right, strict=True)
        ]
        written.append("  ".join(parts).rstrip())
    return "\n".join(written)
