"""How wide the columns of a LaTeX table are, so that it stays within the line.

LaTeX says how wide a cell is only when it sets it: here its characters are judged.
Widths are in ems.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hecsr.report.model import Code, Group, Link, Math, Ref, Rich

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hecsr.report.model import Table

LINE: Final = 455.0
"""The line in points: 160 mm, of a page of A4 with margins of 25 mm."""
GAP: Final = 4.0
"""Half of the space between two columns, in points."""
PAGE: Final = 560.0
"""Height in points beyond which a table is broken across pages."""
_SIZES: Final = (("small", 9.0), ("footnotesize", 8.0), ("scriptsize", 7.0))
_LEADING: Final = 1.25
_ROOMY: Final = 2.0
_READABLE: Final = 9.0
_COMMAND: Final = re.compile(
    r"\\(?:mathrm|text|overline|left|right|displaystyle|operatorname)(?![A-Za-z])"
    r"|\\[,;:! ]|[{}_^ ]"
)
_SYMBOL: Final = re.compile(r"\\[A-Za-z]+")
_FRACTION: Final = re.compile(r"\\frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_BREAK: Final = re.compile(r"(?<=[-./,;:=_ )])")


@dataclass(frozen=True, slots=True)
class Layout:
    """Font size, how each column is set, and whether the table fills a page.

    A width is a share of the line, or None for a column as wide as its cells.
    """

    size: str
    widths: tuple[float | None, ...]
    long: bool


def layout(table: Table) -> Layout:
    """Return the largest font size, and the widths, with which a table fits."""
    rows = [row for row in table.rows if not isinstance(row, Group)]
    heads = [
        ems(c.header) + (ems(c.unit) + 1.0 if c.unit else 0) for c in table.columns
    ]
    places = range(len(table.columns))
    whole = [max((ems(row[i]) for row in rows), default=0.0) for i in places]
    head_words = [max(longest(c.header), longest(c.unit)) for c in table.columns]
    words = [
        max(head_words[i], *(longest(row[i]) for row in rows), 0.0) for i in places
    ]
    natural = [max(pair) for pair in zip(whole, heads, strict=True)]
    stretch = {i: c.stretch for i, c in enumerate(table.columns) if c.stretch}
    fixed = {i: max(whole[i], head_words[i]) for i in places if i not in stretch}
    first = 1 if table.small else 0
    for size, points in _SIZES[first:]:
        line = (LINE - 2 * GAP * (len(places) - 1)) / points
        if sum(natural) <= line:
            return _layout(table, size, points, [None] * len(places), rows)
        left = line - sum(fixed.values())
        least = {i: max(words[i], min(natural[i], _READABLE)) for i in stretch}
        if left >= sum(least.values()):
            break
    room = max(left, 0.3 * line if stretch else 0.0)
    shares = fixed | _shared(room, stretch, least, natural)
    # what does not fit even so is squeezed alike
    squeeze = min(line / sum(shares.values()), 1.0)
    widths = [shares[i] * squeeze for i in places]
    return _layout(table, size, points, widths, rows)


def _shared(
    room: float,
    stretch: Mapping[int, float],
    least: Mapping[int, float],
    natural: Sequence[float],
) -> dict[int, float]:
    """Share the room by the columns' stretch, none above its need or below its least.

    What a column does not need goes to the others.
    """
    given: dict[int, float] = {}
    while len(given) < len(stretch):
        open_ = {i: s for i, s in stretch.items() if i not in given}
        left = room - sum(given.values())
        fair = {i: left * s / sum(open_.values()) for i, s in open_.items()}
        low = {i: least[i] for i in open_ if fair[i] < least[i]}
        high = {i: natural[i] for i in open_ if fair[i] >= natural[i]}
        given |= low or high or fair
    return given


def _layout(
    table: Table,
    size: str,
    points: float,
    widths: Sequence[float | None],
    rows: Sequence[tuple[Rich, ...]],
) -> Layout:
    lines = float(len(table.rows) - len(rows)) * 1.3
    for row in rows:
        high = [
            1 if width is None else math.ceil(ems(cell) / max(width, 1.0) * 1.1)
            for cell, width in zip(row, widths, strict=True)
        ]
        lines += max(high, default=1) * (_ROOMY if table.roomy else 1.0)
    shares = tuple(None if w is None else w * points / LINE for w in widths)
    return Layout(size, shares, lines * points * _LEADING > PAGE)


def ems(content: Rich) -> float:
    """Return about how wide a run of text is."""
    return sum(_node(node) for node in content)


def longest(content: Rich) -> float:
    """Return about how wide the longest piece is that is not broken."""
    pieces = [0.0]
    for node in content:
        if isinstance(node, Math):
            pieces.append(_node(node))
        else:
            pieces += [
                _text(piece, typed=isinstance(node, Code)) for piece in _pieces(node)
            ]
    return 1.06 * max(pieces)


def _pieces(node: object) -> list[str]:
    text = node.label if isinstance(node, Ref) else getattr(node, "text", "")
    if isinstance(node, (Code, Link)):
        return _BREAK.split(text)
    return str(text).split(" ")


def _node(node: object) -> float:
    if isinstance(node, Math):
        return mathematics_ems(node.latex)
    if isinstance(node, Ref):
        return 4.5
    return _text(str(getattr(node, "text", "")), typed=isinstance(node, Code))


def _text(text: str, *, typed: bool = False) -> float:
    if typed:
        return 0.55 * len(text)
    return sum(
        0.32
        if c in "ijlt.,;:|'()[] /-"
        else 0.78
        if c.isupper() or c in "mw±×−"
        else 0.52
        for c in text
    )


def mathematics_ems(latex: str) -> float:
    """Return about how wide LaTeX mathematics is."""
    before = ""
    while before != latex:
        before = latex
        latex = _FRACTION.sub(lambda m: max(m[1], m[2], key=_simple), latex)
    return _simple(latex)


def _simple(latex: str) -> float:
    bare = _SYMBOL.sub("xx", _COMMAND.sub("", latex))
    operators = sum(bare.count(c) for c in "+-=<>")
    return 0.6 * len(bare) + 0.8 * operators
