"""One page of HTML that fetches nothing: no script, font or image from elsewhere."""

from __future__ import annotations

import re
from html import escape as _escape
from typing import TYPE_CHECKING, Final

from hecsr.errors import OutputError
from hecsr.report.html_page import page
from hecsr.report.mathml import to_mathml
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
    numbered,
    numbering,
)
from hecsr.report.svg import Shelf, inlined

if TYPE_CHECKING:
    from collections.abc import Mapping

_ADDRESSES: Final = ("https://", "http://", "mailto:")
# HTML cannot hold these, not even written as numbers.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_WORD = re.compile(r"[^a-z0-9]+")


def to_html(report: Report, figures: Mapping[str, bytes | str]) -> str:
    """Return the report as a page of HTML.

    Parameters
    ----------
    report
        The report.
    figures
        The SVG file of each figure, by its stem.

    Raises
    ------
    OutputError
        If a figure's SVG is missing or cannot be read.
    """
    writer = _Writer(report, figures)
    body = "\n".join(writer.block(block) for block in report.blocks)
    return page(
        title=escape(report.title),
        subtitle=escape(report.subtitle),
        running=escape(report.running),
        contents=_contents(writer.headings),
        body=body,
        shapes="".join(writer.shelf.shapes),
        lines="\n".join(map(escape, writer.shelf.lines)),
    )


def escape(text: str) -> str:
    """Return text that HTML shows as it stands, in an attribute too."""
    return _escape(_UNWRITABLE.sub("\ufffd", text))


class _Writer:
    def __init__(self, report: Report, figures: Mapping[str, bytes | str]) -> None:
        self.names = numbering(report)
        self.numbers = [number for _, number in numbered(report.blocks)]
        self.drawings = figures
        self.shelf = Shelf()
        self.tables = 0
        self.figures = 0
        self.headings: list[tuple[int, str, str, str]] = []
        self.anchors: set[str] = set()

    def block(self, block: Block) -> str:
        match block:
            case Heading():
                return self.heading(block)
            case Paragraph(content):
                return f"<p>{self.inline(content)}</p>"
            case Equation():
                return _equation(block)
            case Table():
                return self.table(block)
            case Figure():
                return self.figure(block)
            case Pair(left, right):
                both = f"{self.figure(left)}\n{self.figure(right)}"
                return f'<div class="pair">\n{both}\n</div>'
            case List(items):
                lines = "\n".join(f"<li>{self.inline(item)}</li>" for item in items)
                return f"<ul>\n{lines}\n</ul>"
            case Listing(text):
                return f'<pre tabindex="0"><code>{escape(text)}</code></pre>'
            case Note(title, content):
                said = f"<strong>{escape(title)}.</strong> {self.inline(content)}"
                return f'<div class="note" role="note"><p>{said}</p></div>'
            case NewPage():
                return '<div class="next-page"></div>'

    def inline(self, content: Rich) -> str:
        return "".join(self.node(node) for node in content)

    def node(self, node: object) -> str:
        match node:
            case Text(text):
                return escape(text)
            case Math(latex, _):
                return to_mathml(latex)
            case Bold(text):
                return f"<strong>{escape(text)}</strong>"
            case Italic(text):
                return f"<em>{escape(text)}</em>"
            case Code(text):
                return f"<code>{escape(text)}</code>"
            case Link(text, url):
                return _link(text, url)
            case Ref(label):
                shown = self.names[label]
                return f'<a href="#{_anchor(shown)}">{_unbroken(shown)}</a>'
        raise TypeError(type(node))

    def heading(self, heading: Heading) -> str:
        """Write a heading with the number that it has in the PDF."""
        level = heading.level
        number = self.numbers[len(self.headings)]
        words = "s-" + _WORD.sub("-", heading.text.lower()).strip("-")
        named = _anchor(self.names[heading.label]) if heading.label else words
        anchor = self.unique(named)
        self.headings.append((level, number, heading.text, anchor))
        tag = f"h{level + 1}"
        return (
            f'<{tag} id="{anchor}"><span class="heading-number">{number}</span>'
            f"{escape(heading.text)}</{tag}>"
        )

    def unique(self, anchor: str) -> str:
        found, n = anchor, 1
        while found in self.anchors:
            n += 1
            found = f"{anchor}-{n}"
        self.anchors.add(found)
        return found

    def table(self, table: Table) -> str:
        self.tables += 1
        anchor = f"table-{self.tables}"
        heads = "".join(self.head(column) for column in table.columns)
        bodies: list[list[str]] = [[]]
        for row in table.rows:
            if isinstance(row, Group):
                bodies.append([_group(row, len(table.columns))])
            else:
                bodies[-1].append(self.row(row, table.columns))
        kinds = [
            name
            for name, wanted in (
                ("sortable", _sortable(table)),
                ("small", table.small),
                ("roomy", table.roomy),
            )
            if wanted
        ]
        sheets = "\n".join(
            "<tbody>\n" + "\n".join(rows) + "\n</tbody>" for rows in bodies if rows
        )
        about = f' class="{" ".join(kinds)}"' if kinds else ""
        caption = _caption(f"Table {self.tables}", self.inline(table.caption))
        return (
            f'<div class="sheet" id="{anchor}"><div class="scroll" role="region" '
            f'aria-labelledby="{anchor}-caption" tabindex="0">\n<table{about}>\n'
            f'<caption><div id="{anchor}-caption">{caption}</div></caption>\n'
            f"<thead><tr>{heads}</tr></thead>\n{sheets}\n</table>\n</div></div>"
        )

    def head(self, column: Column) -> str:
        unit = ""
        if column.unit:
            unit = f' <span class="unit">({self.inline(column.unit)})</span>'
        shown = self.inline(column.header) + unit
        return f'<th scope="col"{_classes(column)}>{shown}</th>'

    def row(self, cells: tuple[Rich, ...], columns: tuple[Column, ...]) -> str:
        """Write a row; its first cell names it."""
        written = []
        for i, (cell, column) in enumerate(zip(cells, columns, strict=True)):
            tag, scope = ("td", "") if i else ("th", ' scope="row"')
            shown = self.inline(cell)
            written.append(f"<{tag}{scope}{_classes(column)}>{shown}</{tag}>")
        return f"<tr>{''.join(written)}</tr>"

    def figure(self, figure: Figure) -> str:
        self.figures += 1
        if figure.stem not in self.drawings:
            raise OutputError(
                f"the page has no drawing of figure '{figure.stem}'; give its SVG"
            )
        number = self.figures
        drawing = inlined(
            self.drawings[figure.stem],
            f"f{number}-",
            _UNWRITABLE.sub(" ", figure.alt),
            self.shelf,
        )
        caption = _caption(f"Figure {number}", self.inline(figure.caption))
        size = "wide" if figure.width == 175 else "narrow"
        return (
            f'<figure id="figure-{number}" class="{size}">\n'
            f'<div class="drawing">{drawing}</div>\n'
            f"<figcaption>{caption}</figcaption>\n</figure>"
        )


def _contents(headings: list[tuple[int, str, str, str]]) -> str:
    """Return the headings as a list of links, the second level inside the first."""
    found = ""
    depth = 0
    for level, number, text, anchor in headings:
        # a first heading may be one of the second level
        wanted = min(level, depth + 1)
        while depth > wanted:
            found += "</li></ol>"
            depth -= 1
        found += "</li>" if depth == wanted else "<ol>"
        depth = wanted
        shown = f'<span class="heading-number">{number}</span>{escape(text)}'
        found += f'<li><a href="#{anchor}">{shown}</a>'
    return found + "</li></ol>" * depth


def _caption(name: str, caption: str) -> str:
    return f'<span class="label">{_unbroken(name)}.</span> {caption}'


def _sortable(table: Table) -> bool:
    """Whether a row is one thing: a list folded to save height repeats its heads."""
    heads = [(column.header, column.unit) for column in table.columns]
    rows = sum(not isinstance(row, Group) for row in table.rows)
    return rows > 1 and len(set(heads)) == len(heads)


def _group(group: Group, columns: int) -> str:
    return (
        f'<tr class="group"><th scope="rowgroup" colspan="{columns}">'
        f"<span>{escape(group.text)}</span></th></tr>"
    )


def _classes(column: Column) -> str:
    found: list[str] = [] if column.align == "left" else [column.align]
    found += [] if column.stretch is None else ["stretch"]
    return f' class="{" ".join(found)}"' if found else ""


def _equation(equation: Equation) -> str:
    """Write each term on its own, so that a line may be broken between two."""
    first, *rest = equation.parts
    start = Math(f"{equation.left.latex} = {first.latex}", "")
    terms = [to_mathml(start.latex, display=True)]
    terms += [to_mathml(part.latex, display=True, continues=True) for part in rest]
    number = ""
    anchor = ""
    if equation.number is not None:
        to = f"equation-{equation.number}"
        anchor = f' id="{to}"' if equation.label else ""
        number = f'<a class="number" href="#{to}">({equation.number})</a>'
    return (
        f'<div class="equation"{anchor}><div class="terms" tabindex="0" role="group" '
        f'aria-label="Equation">{" ".join(terms)}</div>{number}</div>'
    )


def _link(text: str, url: str) -> str:
    """Write a link; an address that is none on the web is not followed."""
    if not url.lower().startswith(_ADDRESSES):
        return escape(text)
    return f'<a href="{escape(url)}" rel="noopener noreferrer">{escape(text)}</a>'


def _anchor(name: str) -> str:
    """Return the anchor of ``Table 3``, ``Eq. (3)`` or ``Appendix A``."""
    kind, number = name.lower().split(maxsplit=1)
    return f"{'equation' if kind == 'eq.' else kind}-{number.strip('()')}"


def _unbroken(text: str) -> str:
    return escape(text).replace(" ", "\u00a0")
