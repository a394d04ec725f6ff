"""What a report consists of, independent of the language it is written in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Align = Literal["left", "center", "right"]
Width = Literal[85, 175]


@dataclass(frozen=True, slots=True)
class Text:
    """Plain characters; each writer escapes them for its own language."""

    text: str


@dataclass(frozen=True, slots=True)
class Math:
    """Inline mathematics, given in both languages so that neither is parsed."""

    latex: str
    typst: str


@dataclass(frozen=True, slots=True)
class Bold:
    """Plain characters in bold."""

    text: str


@dataclass(frozen=True, slots=True)
class Italic:
    """Plain characters in italics."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Characters to be typed or read as they stand."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to an address."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Ref:
    """A mention of a numbered table, figure, equation or section, by its label."""

    label: str


Inline = Text | Math | Bold | Italic | Code | Link | Ref
Rich = tuple[Inline, ...]


def rich(*parts: str | Inline | Rich) -> Rich:
    """Join strings and inline nodes into one run of text."""
    found: list[Inline] = []
    for part in parts:
        if isinstance(part, str):
            found += [Text(part)] if part else []
        elif isinstance(part, tuple):
            found += part
        else:
            found.append(part)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's title; level 1 is a section, 2 a subsection.

    `label` is what a `Ref` names; sections of the appendix are lettered.
    """

    level: int
    text: str
    label: str = ""
    appendix: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A run of text."""

    content: Rich


@dataclass(frozen=True, slots=True)
class Equation:
    """A displayed equation ``left = parts[0] parts[1] ...``.

    The parts carry their signs; a line that is too long is broken between them. An
    equation that repeats an earlier one has its number but no label.
    """

    left: Math
    parts: tuple[Math, ...]
    number: int | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """Head, unit and alignment of a column; one that stretches wraps its text."""

    header: Rich
    unit: Rich = ()
    align: Align = "left"
    stretch: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A row that names the rows below it."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a caption; `label` is what a `Ref` names.

    A `small` table has many columns, a `roomy` one holds fractions and sums; one of
    the `appendix` is too long to stand where it is spoken of. On paper so many rows
    as `across` says stand side by side, see :func:`folded`.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Rich, ...] | Group, ...]
    caption: Rich
    label: str = ""
    small: bool = False
    roomy: bool = False
    appendix: bool = False
    across: int = 1

    def __post_init__(self) -> None:
        if self.across > 1 and any(isinstance(row, Group) for row in self.rows):
            raise ValueError("rows that are named in groups cannot stand side by side")
        for row in self.rows:
            if not isinstance(row, Group) and len(row) != len(self.columns):
                msg = f"a row of {len(row)} cells under {len(self.columns)} columns"
                raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing: its file stem, how it is drawn, and what is seen on it.

    `drawing` names an entry of :mod:`hecsr.report.figures.catalogue`, `subject`
    what it is drawn of (a competitor, a scheme).
    """

    stem: str
    drawing: str
    caption: Rich
    alt: str
    width: Width = 175
    subject: str = ""

    @property
    def label(self) -> str:
        """What a `Ref` names."""
        return f"fig:{self.stem}"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two narrow figures side by side where the page is wide enough."""

    left: Figure
    right: Figure


@dataclass(frozen=True, slots=True)
class List:
    """Items one below the other."""

    items: tuple[Rich, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines of code or of a command."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A remark that must not be overlooked."""

    title: str
    content: Rich


@dataclass(frozen=True, slots=True)
class NewPage:
    """The end of a page."""


Block = (
    Heading
    | Paragraph
    | Equation
    | Table
    | Figure
    | Pair
    | List
    | Listing
    | Note
    | NewPage
)


@dataclass(frozen=True, slots=True)
class Report:
    """A title, a running head, and the blocks in order."""

    title: str
    subtitle: str
    running: str
    blocks: tuple[Block, ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All figures in order."""
        return tuple(b for b in flat(self.blocks) if isinstance(b, Figure))


def folded(table: Table) -> Table:
    """Return a table as it stands on paper: its rows in columns side by side."""
    if table.across == 1:
        return table
    rows = [row for row in table.rows if not isinstance(row, Group)]
    depth = max(-(-len(rows) // table.across), 1)
    blank: tuple[Rich, ...] = ((),) * len(table.columns)
    rows += [blank] * (depth * table.across - len(rows))
    return replace(
        table,
        columns=table.columns * table.across,
        rows=tuple(tuple(chain(*rows[line::depth])) for line in range(depth)),
        across=1,
    )


def flat(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Yield the blocks, the two figures of a pair one by one."""
    for block in blocks:
        if isinstance(block, Pair):
            yield block.left
            yield block.right
        else:
            yield block


def numbered(blocks: tuple[Block, ...]) -> Iterator[tuple[Heading, str]]:
    """Yield each heading with its number: ``3``, ``3.1``, ``Appendix A``, ``A.1``."""
    sections = letters = below = 0
    for heading in (b for b in blocks if isinstance(b, Heading)):
        if heading.level > 1:
            below += 1
        else:
            below = 0
            sections += not heading.appendix
            letters += heading.appendix
        first = chr(ord("A") + letters - 1) if letters else str(sections)
        if below:
            yield heading, f"{first}.{below}"
        else:
            yield heading, f"Appendix {first}" if letters else first


def numbering(report: Report) -> Mapping[str, str]:
    """Return what a reference to each label reads, such as ``Table 3``."""
    names: dict[str, str] = {}
    tables = figures = 0
    for heading, number in numbered(report.blocks):
        if heading.label:
            named = number if heading.appendix else f"Section {number}"
            names[heading.label] = named
    for block in flat(report.blocks):
        if isinstance(block, Table):
            tables += 1
            names[block.label or f"table:{tables}"] = f"Table {tables}"
        elif isinstance(block, Figure):
            figures += 1
            names[block.label] = f"Figure {figures}"
        elif isinstance(block, Equation) and block.label:
            names[block.label] = f"Eq. ({block.number})"
    return names
