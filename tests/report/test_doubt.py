"""The section on doubtful labels shows what the frame holds."""

from dataclasses import replace

import pytest
from doubts import ROWS, doubted

from hecsr.report.build import build
from hecsr.report.figures.doubt import doubt
from hecsr.report.figures.style import canvas, journal
from hecsr.report.markdown import to_markdown
from hecsr.report.model import Figure, Heading, Table, numbering
from hecsr.report.sections.doubt import spread_before
from hecsr.report.typst import to_typst
from hecsr.report.view import View


@pytest.fixture
def shown(classification):
    return doubted(classification, ROWS)


def text(cell):
    return "".join(getattr(node, "text", "") for node in cell)


def cells(report, label):
    (found,) = [b for b in report.blocks if isinstance(b, Table) and b.label == label]
    return [[text(c) for c in row] for row in found.rows]


def heads(report):
    return [b.text for b in report.blocks if isinstance(b, Heading)]


def test_without_doubts_there_is_no_section(classification):
    assert "Doubtful labels" not in heads(build(classification))


def test_reports_for_and_against_stand_beside_the_label_once_a_composition(shown):
    rows = cells(build(shown), "tab:doubt-reports")
    assert [r[:4] for r in rows] == [
        ["(HfTi)C", "0", "first_2001 (B)", "second_2002 (A)"],
        ["(TiZr)C", "none", "first_2001 (B)", "third_2003 (B)"],
    ]


def test_each_case_shows_its_scores_and_whether_the_terms_stay(shown):
    rows = cells(build(shown), "tab:doubt")
    assert rows[0][:3] == ["labels as they are", "90", "0.900 (0.84–0.95)"]
    assert rows[1][:4] == [
        "(HfTi)C as 1",
        "90",
        "0.850 (0.78–0.91)",
        "0.860 (0.79–0.92)",
    ]
    assert rows[1][4:] == ["−0.050", "4", "yes", "0.31"]
    assert rows[2][2:4] == ["0.800 (0.71–0.88)", "0.820"]
    assert rows[2][4:] == ["−0.080", "12", "no", "–"]
    assert rows[3][0] == "all doubtful labels, those without as 0"


def test_formulas_of_other_terms_are_written_out(shown):
    written = to_markdown(build(shown))
    assert r"as 0: $2$ − $\mathrm{z}$" in written
    assert "$1.1$" not in written
    assert "keeps its terms in 1 of 3 cases" in written
    assert "changes by −0.110 to −0.050" in written


def test_the_spread_over_the_repeats_is_the_yardstick(shown):
    scores = shown.scores
    own = scores[
        (scores["scheme"] == "grouped")
        & (scores["competitor"] == "sisso")
        & (scores["metric"] == "balanced_accuracy")
        & (scores["fold"] == -1)
    ]["value"]
    assert spread_before(View(shown)) == (own.min(), own.max())
    first = replace(shown, scores=scores[scores["repeat"] == 0])
    assert spread_before(View(first)) is None
    assert "differ by chance" not in to_markdown(build(first))


def test_where_no_label_is_doubtful_the_report_says_so(classification):
    report = build(doubted(classification, ROWS[:1]))
    assert "Doubtful labels" in heads(report)
    assert "No report contradicts a label" in to_markdown(report)
    assert "tab:doubt" not in numbering(report)


def test_the_figure_has_a_point_for_all_rows_and_the_others_of_each_case(shown):
    with journal():
        ax = doubt(View(shown), canvas(175, 60).subplots())
    points = {
        line.get_label(): list(line.get_xdata())
        for line in ax.lines
        if line.get_marker() in ("o", "s")
    }
    assert points == {
        "all rows": [0.85, 0.80, 0.78],
        "rows not turned over": [0.86, 0.82, 0.79],
    }
    labels = [tick.get_text() for tick in ax.get_yticklabels()]
    assert labels[:2] == ["(HfTi)C as 1", "(TiZr)C as 0"]


def test_the_section_is_written_for_both_writers(shown):
    report = build(shown)
    assert any(isinstance(b, Figure) and b.stem == "doubt" for b in report.blocks)
    assert "doubt.svg" in to_typst(report)
    assert "doubt.png" in to_markdown(report)
