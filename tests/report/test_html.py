"""The page holds the whole report, fetches nothing and takes no text for markup."""

import re
from collections import Counter
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hecsr.errors import OutputError
from hecsr.report.build import build
from hecsr.report.figures import hover, parity
from hecsr.report.figures.style import canvas, journal, rendered
from hecsr.report.html import to_html
from hecsr.report.html_page import resource
from hecsr.report.latex.tables import to_table
from hecsr.report.markdown import to_markdown
from hecsr.report.model import (
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
    Table,
    Text,
    folded,
    rich,
)
from hecsr.report.svg import inlined
from hecsr.report.typst import to_typst
from hecsr.report.view import View

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
    '<g id="a"><path id="b" d="M 0 0"/></g></svg>'
)
EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
VOID = {"meta", "link", "hr", "br", "img", "input"}


class Page(HTMLParser):
    """Elements, their attributes and the text that is shown."""

    def __init__(self, source):
        super().__init__()
        self.elements, self.open, self.shown, self.faults = [], [], [], []
        self.feed(source)
        self.close()
        self.faults += self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data):
        if self.open[-1:] not in (["script"], ["style"]):
            self.shown.append(data)

    @property
    def text(self):
        return "".join(self.shown)

    def values(self, name):
        return [a[name] for _, a in self.elements if name in a]

    def count(self, *tags):
        return sum(tag in tags for tag, _ in self.elements)


def drawn(report):
    return {figure.stem: SVG for figure in report.figures}


@pytest.fixture(scope="module")
def report(study):
    return build(study)


@pytest.fixture(scope="module")
def source(report):
    return to_html(report, drawn(report))


@pytest.fixture(scope="module")
def page(source):
    return Page(source)


def everywhere(text):
    """Put a text into every kind of place."""
    nodes = (
        Text(text),
        Bold(text),
        Italic(text),
        Code(text),
        Link(text, "https://a.b"),
        Link(text, text),
        Math(text, ""),
    )
    cell = rich(*nodes)
    figure = Figure("f", "parity", cell, text)
    blocks = (
        Heading(1, text),
        Heading(2, text),
        Paragraph(cell),
        List((cell, cell)),
        Table((Column(cell, cell), Column(cell)), ((cell, cell), Group(text)), cell),
        Note(text, cell),
        Listing(text),
        Equation(Math(text, ""), (Math(text, ""),), 1, "eq:1"),
        figure,
        NewPage(),
    )
    return Report(text, text, text, blocks)


def test_the_page_is_well_formed_and_its_ids_differ(page):
    assert page.faults == []
    assert [k for k, n in Counter(page.values("id")).items() if n > 1] == []


def test_every_link_within_the_page_leads_somewhere(page):
    ids = set(page.values("id"))
    inside = [h[1:] for h in page.values("href") if h.startswith("#")]
    assert len(inside) > 20
    assert set(inside) <= ids


def test_nothing_is_fetched(source, page):
    for tag, about in page.elements:
        assert not {"src", "srcset", "action", "data", "poster"} & set(about)
        if tag != "a" and "href" in about:
            assert about["href"].startswith(("#", "data:"))
    style = source[source.index("<style>") : source.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert "fetch(" not in resource("html_page.js")


def test_a_policy_lets_no_script_run_but_the_pages_own(source, page):
    policy = next(a["content"] for _, a in page.elements if "http-equiv" in a)
    assert "default-src 'none'" in policy
    assert page.count("script") == 1
    assert not [name for _, a in page.elements for name in a if name.startswith("on")]


def test_the_page_holds_as_many_of_everything_as_the_report(report, page):
    kinds = Counter(type(b).__name__ for b in report.blocks)
    assert page.count("table") == kinds["Table"]
    assert page.count("figure") == len(report.figures)
    assert page.count("h2", "h3") == kinds["Heading"]
    assert page.values("class").count("equation") == kinds["Equation"]
    assert page.values("role").count("note") == kinds["Note"]


def test_numbers_of_tables_figures_and_equations_are_those_of_the_markdown(
    report, page
):
    markdown = to_markdown(report)
    text = page.text.replace("\u00a0", " ")
    for kind in ("Table", "Figure"):
        captions = re.findall(rf"\*\*({kind} \d+)\.\*\*", markdown)
        assert captions
        for caption in captions:
            assert f"{caption}." in text
            assert caption.lower().replace(" ", "-") in page.values("id")
    for number in re.findall(r"\\tag\{(\d+)\}", markdown):
        assert f"({number})" in text


def test_a_head_has_a_scope_a_table_a_caption_and_a_figure_words(page):
    assert page.count("caption") == page.count("table")
    heads = [a for tag, a in page.elements if tag == "th"]
    assert all(a.get("scope") in ("col", "row", "rowgroup") for a in heads)
    drawings = [a for tag, a in page.elements if tag == "svg"]
    assert all(len(a["aria-label"]) > 10 for a in drawings)
    assert ("html", {"lang": "en"}) in page.elements


def test_the_same_report_gives_the_same_page(report, source):
    assert to_html(report, drawn(report)) == source


def test_headings_carry_the_numbers_of_the_pdf():
    headings = (
        Heading(1, "A"), Heading(2, "B"), Heading(2, "B"), Heading(1, "C"),
        Heading(2, "D"),
    )  # fmt: skip
    page = Page(to_html(Report("t", "", "", headings), {}))
    assert page.text.count("1.1B") == 2  # in the contents and in its place
    assert page.text.count("1.2B") == 2
    assert page.text.count("2.1D") == 2
    assert page.faults == []


def test_a_first_heading_of_the_second_level_leaves_the_contents_whole():
    headings = (Heading(2, "A"), Heading(1, "B"), Heading(2, "C"), Heading(2, "D"))
    assert Page(to_html(Report("t", "", "", headings), {})).faults == []


def test_groups_of_rows_are_bodies_of_their_own():
    row = (rich("a"), rich("1"))
    columns = (Column(rich("x")), Column(rich("y")))
    table = Table(columns, (Group("one"), row, row, Group("two"), row), rich("c"))
    page = Page(to_html(Report("t", "", "", (table,)), {}))
    assert page.count("tbody") == 2
    assert "sortable" in page.values("class")


def test_a_list_folded_into_several_columns_is_not_sortable():
    row = tuple(map(rich, "a1b2"))
    columns = tuple(Column(rich(head)) for head in ("x", "n", "x", "n"))
    table = Table(columns, (row, row), rich("c"))
    page = Page(to_html(Report("t", "", "", (table,)), {}))
    assert "sortable" not in page.values("class")


def test_rows_stand_side_by_side_on_paper_only():
    columns = (Column(rich("x")), Column(rich("n")))
    rows = tuple((rich(a), rich(b)) for a, b in zip("abcde", "12345", strict=True))
    table = Table(columns, rows, rich("c"), across=2)
    report = Report("t", "", "", (table,))
    page = Page(to_html(report, {}))
    assert "sortable" in page.values("class")
    assert page.count("tr") == 6
    paper = folded(table)
    texts = [[node.text for cell in row for node in cell] for row in paper.rows]
    assert texts == [["a", "1", "d", "4"], ["b", "2", "e", "5"], ["c", "3"]]
    assert paper.columns == columns * 2
    assert "[a], [1], [d], [4]" in to_typst(report)
    assert "a & 1 & d & 4" in to_table(table, "tab:x", str)
    with pytest.raises(ValueError, match="side by side"):
        Table(columns, (Group("g"), *rows), rich("c"), across=2)


def test_the_page_says_that_points_speak_where_some_do(report, source):
    assert 'class="hint"' not in source
    point = '<defs><path id="b" d="M0 0"/></defs><use href="#b"><title>TiC\nx</title>'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{point}</use></svg>'
    )
    spoken = to_html(report, {figure.stem: svg for figure in report.figures})
    assert '<p class="hint" hidden>' in spoken
    assert '<template id="lines">TiC\nx</template>' in spoken
    assert spoken.count('d="M0 0"') == 1
    assert Page(spoken).faults == []


def test_a_pair_and_a_reference_to_each():
    left, right = (Figure(s, "roc", rich(s), "words", 85) for s in "ab")
    refs = Paragraph(rich(Ref("fig:a"), " ", Ref("fig:b")))
    page = Page(to_html(Report("t", "", "", (Pair(left, right), refs)), drawn_of("ab")))
    assert {"#figure-1", "#figure-2"} <= set(page.values("href"))
    assert "pair" in page.values("class")


def drawn_of(stems):
    return dict.fromkeys(stems, SVG)


def test_a_missing_drawing_is_named():
    report = Report("t", "", "", (Figure("gone", "roc", (), ""),))
    with pytest.raises(OutputError, match="'gone'"):
        to_html(report, {})


@pytest.mark.parametrize("text", [EVIL, "</script>", "</title>", "<!--", "&lt;", "\0"])
def test_no_text_becomes_markup(text):
    plain = Page(to_html(everywhere("x"), {"f": SVG}))
    page = Page(to_html(everywhere(text), {"f": SVG}))
    assert page.faults == []
    for tag in ("script", "img", "style", "title"):
        assert page.count(tag) == plain.count(tag)
    assert page.text.count(text.replace("\0", "\ufffd")) >= 15


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_any_text_leaves_the_page_whole(text):
    page = Page(to_html(everywhere(text), {"f": SVG}))
    assert page.faults == []
    assert page.count("script") == 1


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//x.y"])
def test_an_address_that_is_none_on_the_web_is_no_link(url):
    report = Report("t", "", "", (Paragraph(rich(Link("there", url))),))
    page = Page(to_html(report, {}))
    assert url not in page.values("href")
    assert "there" in page.text


def test_a_drawing_brings_no_script_no_style_and_no_address():
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" onload="x()">'
        "<script>x()</script><style>* {fill: red}</style><foreignObject/>"
        '<image href="https://a.b/c.png"/><image href="data:image/png;base64,AAAA"/>'
        '<g onclick="x()" style="fill: url(https://a.b)"><rect width="1"/></g></svg>'
    )
    got = inlined(svg, "p-", EVIL)
    page = Page(got)
    assert page.faults == []
    assert page.values("href") == ["data:image/png;base64,AAAA"]
    assert page.count("script", "style", "foreignobject", "img") == 0
    assert "x()" not in got


def test_ids_of_two_drawings_differ_and_still_meet_their_uses():
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" '
        'xmlns:xlink="http://www.w3.org/1999/xlink"><defs><path id="m" d="M 0 0"/>'
        '<clipPath id="c"><path d="M 0 0"/></clipPath></defs>'
        '<g clip-path="url(#c)"><use xlink:href="#m" style="clip-path: url(#c)"/></g>'
        "</svg>"
    )
    got = inlined(svg, "f1-", "words")
    assert 'id="f1-m"' in got
    assert 'href="#f1-m"' in got
    assert got.count("url(#f1-c)") == 2


def test_what_is_no_svg_is_refused():
    for text in ("<svg", "<html/>"):
        with pytest.raises(OutputError, match="no SVG"):
            inlined(text, "", "")


def test_every_point_of_the_parity_figure_names_its_row(regression):
    view = View(regression)
    with journal():
        svg = rendered(parity.draw(view))["svg"].decode()
    shown = [c for c in view.shown if c.kind != "baseline"]
    rows = parity.once(view, shown[0].name)
    titles = re.findall(r"<use [^>]*><title>([^<]*)</title></use>", svg)
    assert len(titles) == 2 * sum(len(parity.once(view, c.name)) for c in shown)
    first = rows.iloc[0]
    lines = titles[0].split("\n")
    assert lines[0] == first["composition"]
    assert lines[1].startswith("Observed: ")
    assert lines[2].startswith("Predicted: ")
    value = float(lines[1].split()[1].replace("−", "-"))
    np.testing.assert_allclose(value, first["observed"], rtol=1e-3)


def test_points_say_nothing_where_some_lie_outside_of_the_drawing():
    for last, spoken in ((1.0, 2), (1e9, 0)):
        with journal():
            figure = canvas(85, 60)
            ax = figure.subplots()
            (dots,) = ax.plot([0, last], [0, 1], linestyle="none", marker="o")
            hover.say(dots, ["first <b>", "second"])
            ax.set_xlim(-1, 2)
            svg = rendered(figure)["svg"].decode()
        assert svg.count("<title>") == spoken
        assert "<b>" not in svg


def test_the_points_of_a_scatter_speak_too():
    with journal():
        figure = canvas(85, 60)
        dots = figure.subplots().scatter([0, 1, 2], [0, 1, 2], c=[1, 2, 3])
        hover.say(dots, "abc")
        svg = rendered(figure)["svg"].decode()
    assert re.findall("<title>(.*?)</title>", svg) == ["a", "b", "c"]


def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "tint"])
@pytest.mark.parametrize("color", ["ink", "pale", "accent"])
def test_text_is_told_from_its_ground(scheme, ground, color):
    found = re.findall(r"--(\w+): (#\w{6});", resource("html_page.css"))
    colors = {}
    for name, value in found:
        colors.setdefault(name, []).append(value)
    pair = (luminance(colors[ground][scheme]), luminance(colors[color][scheme]))
    assert (max(pair) + 0.05) / (min(pair) + 0.05) >= 4.5
