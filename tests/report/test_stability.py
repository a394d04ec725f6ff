"""The section on stability says what recurs, and what does not."""

from dataclasses import replace

import pytest
from recurring import stable

from hecsr.report.build import build
from hecsr.report.figures.stability import draw, shown
from hecsr.report.figures.stability import stability as panel
from hecsr.report.figures.style import canvas, journal
from hecsr.report.markdown import to_markdown
from hecsr.report.model import Figure, Math, Report, Table, Text
from hecsr.report.sections.stability import blocks
from hecsr.report.typst import to_typst
from hecsr.report.view import View


def section(study, **options):
    view = View(replace(study, stability=stable(study, **options)))
    return view, Report("t", "s", "r", tuple(blocks(view)))


def prose(report):
    said = [n for block in report.blocks for n in getattr(block, "content", ())]
    return "".join(getattr(node, "text", "#") for node in said)


def rows(report, label):
    (table,) = [b for b in report.blocks if isinstance(b, Table) and b.label == label]
    return table.rows


def text(cell):
    return "".join(getattr(n, "text", getattr(n, "latex", "#")) for n in cell)


def test_without_the_long_validation_there_is_no_section(study):
    assert blocks(View(study)) == []


@pytest.mark.parametrize(
    ("hits", "words"),
    [
        (8, "mostly lead to the same formula"),
        (3, "lead to it again, but more often to others"),
        (0, "should not be read as a law"),
    ],
)
def test_the_printed_formula_is_judged_by_how_often_it_recurs(study, hits, words):
    _, report = section(study, hits=hits)
    said = prose(report)
    assert f"was found in {hits} of 10 bootstraps and in 4 of 4 folds" in said
    assert said.count(words) == 2


def test_the_table_lists_the_formulas_found_most_often_and_the_printed_one(study):
    _, report = section(study, hits=3)
    table = rows(report, "tab:stability-formulas")
    cells = [[text(c) for c in row] for row in table if isinstance(row, tuple)]
    assert [row[1] for row in cells] == ["6 of 10", "3 of 10", "1 of 10"] * 2
    assert [row[2] for row in cells] == ["0 of 4", "4 of 4", "0 of 4"] * 2
    assert cells[1][0].startswith("#: ")
    # a long formula is set term by term, so that the line may break between them
    long = [row[0] for row in table if isinstance(row, tuple)][2]
    assert [type(node) for node in long] == [Math, *[Text, Math] * 7]
    assert cells[2][0].startswith("c_{0} + c_{1}")


def test_a_relative_is_named_where_the_frequency_misleads(regression):
    _, report = section(regression, hits=8)
    assert "Counted with those that correlate with it" in prose(report)
    _, report = section(regression, hits=10)
    assert "Counted with those" not in prose(report)


def test_searches_that_found_nothing_are_told(study):
    _, report = section(study, hits=2, failed=2)
    assert "In 2 bootstraps no formula was found (lost)." in prose(report)
    assert "was found in 2 of 8 bootstraps" in prose(report)


def test_coefficients_stand_beside_their_spread(study):
    view, report = section(study, hits=2)
    table = [
        r for r in rows(report, "tab:stability-coefficients") if isinstance(r, tuple)
    ]
    expected = sum(len(f.formula.coefficients) for f in view.result.best_formulas)
    assert len(table) == expected
    assert all("to" in text(row[5]) for row in table)
    # the made-up target follows nothing: signs cannot be sure
    assert "The rows leave open the sign of" in prose(report)


def test_the_figure_has_a_bar_a_descriptor_and_marks_the_printed(regression):
    view, _ = section(regression, hits=8)
    of = {row["name"]: row for row in shown(view, "sisso")}
    assert of["delta_r"]["bar"] == 0.8
    assert of["delta_r"]["pale"] == 0.9
    assert of["delta_r"]["folds"] == 1
    with journal():
        ax = panel(view, "sisso", canvas(85, 60).subplots())
        width = draw(view).get_size_inches()[0] * 25.4
    labels = [tick.get_text() for tick in ax.get_yticklabels()]
    printed = [label for label in labels if label.endswith(" *")]
    assert len(printed) == sum(row["printed"] for row in of.values()) > 0
    assert len(labels) == len(of)
    assert width == pytest.approx(175)


def test_both_writers_write_it_among_the_equations_it_mentions(study):
    report = build(replace(study, stability=stable(study, hits=2)))
    assert any(isinstance(b, Figure) and b.stem == "stability" for b in report.blocks)
    assert "stability.svg" in to_typst(report)
    assert "The printed Eq. (1) was found in 2 of 10" in to_markdown(report)
