"""The PDF: its first page, papers, standards and bytes, without the real drawings."""

import json
import re
from dataclasses import replace

import pytest
import typst
from matplotlib import get_data_path

from hecsr.report.build import build
from hecsr.report.mentions import mentioned
from hecsr.report.model import (
    Column,
    Equation,
    Figure,
    Heading,
    Math,
    NewPage,
    Paragraph,
    Ref,
    Report,
    Table,
    rich,
)
from hecsr.report.page import PAPERS
from hecsr.report.typst import compile_pdf, to_typst
from hecsr.result import Verdict

# On which pages the headings of the first level stand, and the size of a page.
ASKED = """
#context [#metadata((
  heads: query(heading.where(level: 1)).map(h => h.location().page()),
  size: (page.width / 1mm, page.height / 1mm),
)) <asked>]
"""
PLACES = """
#context [#metadata((query(heading), query(figure)).map(
  found => found.first().location().page())) <places>]
"""
LONG_VERDICT = (
    "Use the formula for carbides of these metals within the ranges given above; its "
    "procedure errs by 12.3 ± 2.1 1/eV on compositions that it had not seen. "
) * 8
MM = 72 / 25.4


def with_drawings(report, folder):
    """Put empty drawings of the right widths where the report looks for them."""
    (folder / "figures").mkdir(exist_ok=True)
    for figure in report.figures:
        width, height = figure.width * MM, 80 * MM
        (folder / "figures" / f"{figure.stem}.svg").write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" '
            f'height="{height}pt" viewBox="0 0 {width} {height}">'
            f'<rect width="{width}" height="{height}" fill="#ddd"/></svg>'
        )
    return folder


def asked(source, folder):
    return query(source + ASKED, "<asked>", folder)


def query(source, label, folder):
    found = typst.query(
        source.encode(),
        label,
        field="value",
        one=True,
        root=str(folder),
        font_paths=[f"{get_data_path()}/fonts/ttf"],
        ignore_system_fonts=True,
    )
    return json.loads(found)


def small(*blocks):
    return Report("Title", "", "name", tuple(blocks))


EVERYTHING = small(
    Heading(1, "One", "sec:one"),
    Paragraph(rich("See ", Ref("sec:one"), ", ", Ref("sec:more"), ", ", Ref("eq:1"))),
    Equation(Math("y", "y"), (Math(r"\frac{a}{b}", "frac(a, b)"),), 1, "eq:1"),
    Figure("f", "front", rich("Seen."), "what is seen"),
    Table(
        (Column(rich("a"), rich("GPa")), Column(rich(Math("b", "b")))),
        ((rich("1"), rich(Math(r"\sigma", "sigma"))),),
        rich("Held."),
        "tab:a",
    ),
    Heading(1, "More", "sec:more", appendix=True),
    Heading(2, "Below", appendix=True),
)


def opening(report):
    """The first page, a page behind it, and stand-ins for what it refers to."""
    end = next(i for i, b in enumerate(report.blocks) if isinstance(b, NewPage))
    first = report.blocks[:end]
    own = {getattr(b, "label", "") for b in first}
    others = sorted(mentioned(first) - own)
    behind = [Heading(1, "Behind", label) for label in others]
    return replace(report, blocks=(*first, NewPage(), *behind))


@pytest.mark.parametrize("paper", PAPERS)
def test_the_summary_fills_no_more_than_the_first_page(study, paper, tmp_path):
    told = replace(study, verdict=Verdict((), LONG_VERDICT))
    found = asked(to_typst(opening(build(told)), paper), tmp_path)
    assert found["heads"][:2] == [1, 2]
    expected = {"a4": (210, 297), "letter": (215.9, 279.4)}[paper]
    assert found["size"] == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("sentences", [1, 14, 22])
def test_a_first_page_is_set_smaller_until_it_fits(sentences, tmp_path):
    text = Paragraph(rich(LONG_VERDICT))
    blocks = (text,) * (sentences // 4 + 1)
    report = small(Heading(1, "A"), *blocks, NewPage(), Heading(1, "B"))
    assert asked(to_typst(report), tmp_path)["heads"] == [1, 2]


def test_the_appendix_begins_a_page_and_is_lettered(tmp_path):
    with_drawings(EVERYTHING, tmp_path)
    source = to_typst(EVERYTHING)
    assert asked(source, tmp_path)["heads"] == [1, 2]
    assert "Section~1" in source
    assert "Appendix~A" in source


@pytest.fixture(scope="module")
def pdf(tmp_path_factory):
    folder = with_drawings(EVERYTHING, tmp_path_factory.mktemp("pdf"))
    return compile_pdf(to_typst(EVERYTHING), folder), folder


def test_the_pdf_is_tagged_and_says_which_standards_it_keeps(pdf):
    content, _ = pdf
    assert b"<pdfaid:part>2</pdfaid:part>" in content
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in content
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content
    assert b"/GTS_PDFA1" in content


def test_the_same_source_gives_the_same_bytes(pdf):
    content, folder = pdf
    assert compile_pdf(to_typst(EVERYTHING), folder) == content


def test_figures_of_full_width_fit_between_the_margins_of_both_papers(tmp_path):
    report = small(Figure("f", "front", rich("Seen."), "what is seen", 175))
    with_drawings(report, tmp_path)
    probe = "\n#layout(size => [#metadata(size.width / 1mm) <width>])"
    for paper in PAPERS:
        width = query(to_typst(report, paper) + probe, "<width>", tmp_path)
        assert float(width) == pytest.approx(175, abs=0.01)


def test_a_line_between_a_heading_and_a_figure_stays_with_the_figure(tmp_path):
    figure = Figure("f", "front", rich("Seen."), "what is seen")
    fill = [Paragraph(rich(LONG_VERDICT[:600]))] * 11
    for n in range(4, len(fill)):
        blocks = (*fill[:n], Heading(1, "H"), Paragraph(rich("See it.")), figure)
        report = small(*blocks)
        source = to_typst(report) + PLACES
        found = query(source, "<places>", with_drawings(report, tmp_path))
        assert found[0] == found[1]


def test_equations_and_drawings_are_given_in_words():
    source = to_typst(EVERYTHING)
    assert re.search(r'#said\("\\\\sigma", \$sigma\$\);', source)
    assert '"y = \\\\frac{a}{b}"' in source
    assert '"what is seen"' in source
