"""The section on the formulas not told from the best, and its figure."""

from dataclasses import replace

import numpy as np
import pytest
from equal_formulas import a_set

from hecsr.report.figures import inclusion
from hecsr.report.figures.style import journal, rendered
from hecsr.report.model import Figure, Math, Paragraph, Ref, Table
from hecsr.report.sections import rashomon
from hecsr.report.view import View


@pytest.fixture
def view_of(regression, classification):
    studies = {"regression": regression, "classification": classification}
    return lambda one: View(replace(studies[one.task], rashomon=(one,)))


def words(view):
    return " ".join(
        "".join(
            getattr(part, "text", "") for part in block.content if type(part) is not Ref
        )
        for block in rashomon.blocks(view)
        if isinstance(block, Paragraph)
    )


def test_there_is_no_section_without_a_set(study):
    assert rashomon.blocks(View(study)) == []


def test_size_simplest_and_what_all_share_are_said(view_of):
    said = words(view_of(a_set()))
    assert "At least 1234 different formulas" in said
    assert "the list of 3 terms was full" in said
    assert "2 more are the same as one of them" in said
    assert "3 descriptors stand in formulas of the set" in said
    assert "same terms in 2 of 5 folds" in said
    assert "90 rows, which are worth 41 independent ones" in said


def test_the_simplest_formula_is_written_in_symbols(view_of):
    view = view_of(replace(a_set(), simplest="delta_r * chi_dev; vec_mean"))
    (said,) = [
        b.content
        for b in rashomon.blocks(view)
        if isinstance(b, Paragraph) and any("simplest" in str(i) for i in b.content)
    ]
    first, second = [i for i in said if isinstance(i, Math)]
    symbols = [view.symbol(n).latex for n in ("delta_r", "chi_dev", "vec_mean")]
    assert first.latex == rf"{symbols[0]} \, {symbols[1]}"
    assert second.latex == symbols[2]


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        ((0.5, 0.8, 0.9, 0.95), "not shown to hold more or less"),
        ((0.5, 0.7, 0.7, 0.8), "too narrow at 80 %, 90 % and 95 %"),
        ((0.6, 0.9, 0.9, 0.95), "wider than needed at 50 % and 80 %"),
    ],
)
def test_intervals_that_do_not_hold_are_called_so(observed, expected):
    assert expected in rashomon.verdict_of_coverage(a_set(observed=observed))


def test_classes_are_told_by_scores_and_not_by_intervals(view_of):
    said = words(view_of(a_set("classification")))
    assert "a Brier score of 0.100 (best formula alone: 0.200)" in said
    assert "interval" not in said


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_table_and_figure_belong_to_the_section(task, view_of):
    view = view_of(a_set(task))
    found = rashomon.blocks(view)
    (table,) = [b for b in found if isinstance(b, Table)]
    assert len(table.rows) == 2
    (figure,) = [b for b in found if isinstance(b, Figure)]
    assert (figure.drawing, figure.subject) == ("inclusion", "sisso")
    with journal():
        drawn = [rendered(inclusion.draw(view, "sisso")) for _ in range(2)]
    assert drawn[0] == drawn[1]


def test_the_figure_shows_weight_share_and_coverage(view_of):
    figure = inclusion.draw(view_of(a_set()), "sisso")
    left, right = figure.axes
    np.testing.assert_array_equal(left.lines[-1].get_xdata(), [1.0, 0.3, 0.9, 0.0])
    assert [t.get_text() for t in right.get_legend().get_texts()] == [
        "average over the set",
        "best formula alone",
        "conformal",
    ]
