"""Markdown for GitHub and its relatives, mathematics between dollar signs."""

from __future__ import annotations

import re
from typing import Final

from hecsr.report.model import (
    Block,
    Bold,
    Code,
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
    numbered,
    numbering,
)

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|$~&])")
_LINE_START = re.compile(r"^(\s*)([-+=](?=\s|$|[-=])|\d+(?=[.)](?:\s|$)))")
# Renderers that read Markdown before mathematics take a backslash before
# punctuation away, and a bar would end a table's cell.
_SAFE: Final = (
    (r"\,", r"\thinspace "),
    (r"\;", r"\thickspace "),
    (r"\:", r"\medspace "),
    (r"\!", r"\negthinspace "),
    (r"\{", r"\lbrace "),
    (r"\}", r"\rbrace "),
    (r"\|", r"\Vert "),
    ("|", r"\vert "),
    (r"\\", r"\cr "),
)
_ALIGN: Final = {"left": ":---", "center": ":---:", "right": "---:"}


def to_markdown(report: Report) -> str:
    """Return the report as Markdown; figures are linked as ``figures/<stem>.png``."""
    return _Writer(report).report(report)


def escape(text: str) -> str:
    """Return text that Markdown shows as it stands within a line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split("\n")))


def at_start(written: str) -> str:
    """Return a line that does not begin a list or a heading by accident."""
    start = _LINE_START.match(written)
    if start is None:
        return written
    head, mark = start.groups()
    if mark.isdigit():
        return f"{head}{mark}\\{written[start.end() :]}"
    return f"{head}\\{written[len(head) :]}"


def code(text: str) -> str:
    """Return a code span; its fence is longer than any run of backticks inside."""
    flat = " ".join(text.split("\n")) or " "
    longest = max((len(run) for run in re.findall("`+", flat)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def math(latex: str) -> str:
    """Return LaTeX that survives a reading as Markdown."""
    for given, safe in _SAFE:
        latex = latex.replace(given, safe)
    return re.sub(" {2,}", " ", latex).strip()


class _Writer:
    def __init__(self, report: Report) -> None:
        self.names = dict(numbering(report))
        self.lettered: dict[str, str] = {}
        for heading, number in numbered(report.blocks):
            if heading.appendix:
                self.lettered[heading.text] = number
            elif heading.label:
                # only the appendix is numbered here
                self.names[heading.label] = f"Section \u201c{heading.text}\u201d"
        self.tables = 0
        self.figures = 0

    def report(self, report: Report) -> str:
        parts = [f"# {escape(report.title)}"]
        if report.subtitle:
            parts.append(f"*{escape(report.subtitle)}*")
        parts += [self.block(b) for b in report.blocks]
        return "\n\n".join(parts) + "\n"

    def block(self, block: Block) -> str:
        match block:
            case Heading(level, text, _, appendix):
                letter = f"{self.lettered[text]}. " if appendix else ""
                return f"{'#' * (level + 1)} {letter}{escape(text)}"
            case Paragraph(content):
                return at_start(self.inline(content))
            case Equation():
                return _equation(block)
            case Table():
                return self.table(block)
            case Figure():
                return self.figure(block)
            case Pair(left, right):
                return f"{self.figure(left)}\n\n{self.figure(right)}"
            case List(items):
                return "\n".join(f"- {at_start(self.inline(i))}" for i in items)
            case Listing(text):
                return _listing(text)
            case Note(title, content):
                return f"> **{escape(title)}.** {self.inline(content)}"
            case NewPage():
                return "---"

    def inline(self, content: Rich, *, cell: bool = False) -> str:
        written = "".join(self.node(node) for node in content)
        # inside a table even a code span is cut at a bar
        return re.sub(r"(?<!\\)\|", r"\\|", written) if cell else written

    def node(self, node: object) -> str:
        match node:
            case Text(text):
                return escape(text)
            case Math(latex, _):
                return f"${math(latex)}$"
            case Bold(text):
                return _marked("**", text)
            case Italic(text):
                return _marked("*", text)
            case Code(text):
                return code(text)
            case Link(text, url):
                target = url.replace("<", "%3C").replace(">", "%3E").replace(" ", "%20")
                return f"[{escape(text)}](<{target}>)"
            case Ref(label):
                return escape(self.names[label])
        raise TypeError(type(node))

    def table(self, table: Table) -> str:
        self.tables += 1
        heads = []
        for column in table.columns:
            head = self.inline(column.header, cell=True)
            if column.unit:
                head += f" ({self.inline(column.unit, cell=True)})"
            heads.append(head)
        lines = [
            f"**Table {self.tables}.** {self.inline(table.caption)}",
            "",
            _row(heads),
            _row([_ALIGN[c.align] for c in table.columns]),
        ]
        for row in table.rows:
            if isinstance(row, Group):
                blank = [""] * (len(table.columns) - 1)
                named = escape(row.text).replace("|", r"\|") if row.text else ""
                lines.append(_row([f"**{named}**", *blank]))
            else:
                lines.append(_row([self.inline(cell, cell=True) for cell in row]))
        return "\n".join(lines)

    def figure(self, figure: Figure) -> str:
        self.figures += 1
        image = f"![{escape(figure.alt)}](figures/{figure.stem}.png)"
        caption = f"**Figure {self.figures}.** {self.inline(figure.caption)}"
        return f"{image}\n\n{caption}"


def _marked(mark: str, text: str) -> str:
    """Emphasise a text; blanks at its ends must stand outside of the marks."""
    inner = text.strip()
    if not inner:
        return text
    lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{lead}{mark}{escape(inner)}{mark}{tail}"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _equation(equation: Equation) -> str:
    parts = [math(part.latex) for part in equation.parts]
    left = math(equation.left.latex)
    tag = rf" \tag{{{equation.number}}}" if equation.number is not None else ""
    if sum(map(len, parts)) < 120 or len(parts) == 1:
        return f"$$\n{left} = {' '.join(parts)}{tag}\n$$"
    lines = (r" \cr" + "\n" + r"&\quad ").join(parts)
    body = rf"\begin{{aligned}} {left} &= {lines} \end{{aligned}}"
    return f"$$\n{body}{tag}\n$$"


def _listing(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(longest + 1, 3)
    return f"{fence}text\n{text}\n{fence}"
