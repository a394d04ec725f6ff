"""Typst source of a report, and its compilation to PDF."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hecsr.errors import OutputError
from hecsr.report.model import (
    Block,
    Bold,
    Code,
    Column,
    Equation,
    Figure,
    Group,
    Heading,
    Italic,
    Link,
    List,
    Listing,
    Math,
    NewPage,
    Note,
    Pair,
    Paragraph,
    Ref,
    Report,
    Rich,
    Table,
    Text,
    folded,
    numbering,
)
from hecsr.report.page import PREAMBLE, Paper

if TYPE_CHECKING:
    from collections.abc import Mapping

_PUNCTUATION = re.compile(r"""([!"#$%&'()*+\-./:;<=>?@\[\\\]^_`{|}~])""")
_RAISED = re.compile("[⁻ᐟ⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_LOWERED: Final = str.maketrans("⁻ᐟ⁰¹²³⁴⁵⁶⁷⁸⁹", "−/0123456789")
# A composition such as (Hf0.2La0.2...)C has no place of its own where a line may end.
_COMPOSITION = re.compile(r"(?:[A-Z][a-z]?[\d.]+){4,}")
_BETWEEN = re.compile(r"(?<=\d)(?=[A-Z])")
_ROW_LIMIT: Final = 11
_BLANK: Final = " \t\r\n"
STANDARDS: Final = ("a-2a", "ua-1")


def to_typst(report: Report, paper: Paper = "a4") -> str:
    """Return the Typst source; figures are read from ``figures/<stem>.svg``.

    What stands before a first `NewPage` is set a little smaller where it would else
    need a second page.
    """
    writer = _Writer(numbering(report))
    head = (
        f"{PREAMBLE}\n#show: report.with(sheet: {string(paper)}, "
        f"title: {string(report.title)}, "
        f"subtitle: {string(report.subtitle)}, running: {string(report.running)})\n"
    )
    written = [writer.block(block) for block in report.blocks]
    for i in range(1, len(written) - 1):
        before, here, after = report.blocks[i - 1 : i + 2]
        shown = isinstance(after, (Table, Figure, Pair))
        if shown and isinstance(before, Heading) and isinstance(here, Paragraph):
            written[i] = f"#lead[{written[i]}]"
    ends = [i for i, b in enumerate(report.blocks) if isinstance(b, NewPage)]
    if ends:
        page = "\n\n".join(written[: ends[0]])
        written = [f"#one-page[\n{page}\n]", *written[ends[0] :]]
    return "\n\n".join([head, *written]) + "\n"


def compile_pdf(source: str, root: Path) -> bytes:
    """Return the PDF of a Typst source whose figures lie below `root`.

    It is tagged, with words for every figure and equation (PDF/A-2a and PDF/UA-1).
    Only fonts that come with the Python packages are used, and no time is written, so
    that the same source gives the same bytes.

    Raises
    ------
    OutputError
        If Typst refuses the source; its message and the line are given.
    """
    import matplotlib as mpl
    import typst

    compiler: Any = typst  # its stubs want input and root to be of one type
    fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
    try:
        pdf: bytes = compiler.compile(
            source.encode(),
            root=str(root),
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=list(STANDARDS),
            timestamp=0,
        )
    except typst.TypstError as error:
        msg = (
            "the PDF could not be typeset; a symbol or equation of a descriptor or of "
            "the target may not be Typst mathematics."
            f"\nTypst says: {getattr(error, 'diagnostic', None) or error}"
        )
        raise OutputError(msg) from error
    return pdf


def escape(text: str) -> str:
    """Return text that Typst markup shows as it stands."""
    # a no-break space is meant, so only ordinary white space is collapsed
    shown = re.sub(r"[ \t\r\n]+", " ", text)
    shown = _COMPOSITION.sub(lambda m: _BETWEEN.sub("\u200b", m[0]), shown)
    shown = _PUNCTUATION.sub(r"\\\1", shown)
    # the font has not all of the raised digits
    return _RAISED.sub(lambda m: f"#super[{m[0].translate(_LOWERED)}];", shown)


def string(text: str) -> str:
    """Return a Typst string literal."""
    flat = " ".join(text.split("\n"))
    return '"' + flat.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Writer:
    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.lettered = False

    def block(self, block: Block) -> str:
        match block:
            case Heading():
                return self.heading(block)
            case Paragraph(content):
                return self.inline(content)
            case Equation():
                return _equation(block)
            case Table():
                return self.table(block)
            case Figure():
                return self.figure(block)
            case Pair(left, right):
                inner = f"[{self.figure(left)}], [{self.figure(right)}]"
                return f"#pair({inner})"
            case List(items):
                return "\n".join(f"- {self.inline(item)}" for item in items)
            case Listing(text):
                return f"#raw({_raw(text)}, block: true)"
            case Note(title, content):
                return f"#note({string(title)})[{self.inline(content)}]"
            case NewPage():
                return "#pagebreak(weak: true)"

    def inline(self, content: Rich) -> str:
        return "".join(self.node(node) for node in content)

    def node(self, node: object) -> str:
        match node:
            case Text(text):
                return _spaced(text)
            case Math(latex, typst):
                return f"#said({string(latex)}, ${typst}$);"
            case Bold(text):
                return f"#strong[{_spaced(text)}];"
            case Italic(text):
                return f"#emph[{_spaced(text)}];"
            case Code(text):
                return f"#raw({string(text)});"
            case Link(text, url):
                return f"#link({string(url)})[{_spaced(text)}];"
            case Ref(label):
                return f"#link(label({string(label)}))[{_unbroken(self.names[label])}];"
        raise TypeError(type(node))

    def heading(self, heading: Heading) -> str:
        name = f" #label({string(heading.label)})" if heading.label else ""
        written = f"#heading(level: {heading.level})[{escape(heading.text)}]{name}"
        if heading.appendix and not self.lettered:
            self.lettered = True
            return f"#show: appendix\n\n{written}"
        return written

    def table(self, table: Table) -> str:
        """Write a table; a long one may break across pages and repeats its head."""
        table = folded(table)
        widths = ", ".join(
            "auto" if c.stretch is None else f"{c.stretch}fr" for c in table.columns
        )
        aligns = ", ".join(c.align for c in table.columns)
        heads = ", ".join(f"[{self.head(c)}]" for c in table.columns)
        cells = []
        for row in table.rows:
            if isinstance(row, Group):
                cells.append(f"group({len(table.columns)})[{_spaced(row.text)}]")
            else:
                cells.append(", ".join(f"[{self.inline(cell)}]" for cell in row))
        body = ",\n  ".join(cells)
        name = f"label({string(table.label)})" if table.label else "none"
        long = (
            "true"
            if len(table.rows) > _ROW_LIMIT // (2 if table.roomy else 1)
            else "false"
        )
        roomy = "true" if table.roomy else "false"
        small = "true" if table.small else "false"
        return (
            f"#sheet(long: {long}, small: {small}, roomy: {roomy}, "
            f"widths: ({widths},), aligns: ({aligns},),\n"
            f"  caption: [{self.inline(table.caption)}],\n"
            f"  heads: ({heads},), name: {name},\n  {body}\n)"
        )

    def head(self, column: Column) -> str:
        unit = f" #unit[{self.inline(column.unit)}]" if column.unit else ""
        return self.inline(column.header) + unit

    def figure(self, figure: Figure) -> str:
        return (
            f"#drawing({string(f'figures/{figure.stem}.svg')}, {figure.width}mm, "
            f"{string(figure.alt)}, label({string(figure.label)}))"
            f"[{self.inline(figure.caption)}]"
        )


def _spaced(text: str) -> str:
    """Escape a text; the spaces at its ends join it to its neighbours and stay."""
    inner = escape(text.strip(_BLANK))
    if not inner:
        return " " if text else ""
    lead = " " if text[0] in _BLANK else ""
    tail = " " if text[-1] in _BLANK else ""
    return f"{lead}{inner}{tail}"


def _unbroken(text: str) -> str:
    return escape(text).replace(" ", "~")


def _raw(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _equation(equation: Equation) -> str:
    left = equation.left.typst
    parts = [part.typst for part in equation.parts]
    words = f"{equation.left.latex} = {' '.join(p.latex for p in equation.parts)}"
    one = f"$ {left} = {' '.join(parts)} $"
    lines = " \\\n    & quad ".join(parts)
    many = f"$ {left} &= {lines} $"
    number = "none" if equation.number is None else str(equation.number)
    name = f"label({string(equation.label)})" if equation.label else "none"
    return f"#formula({number}, {string(words)}, {one}, {many}, name: {name})"
