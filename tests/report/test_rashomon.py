"""The section on the formulas not told from the best, and its figure."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hecsr.report.figures import inclusion
from hecsr.report.figures.style import journal, rendered
from hecsr.report.model import Figure, Paragraph, Ref, Table
from hecsr.report.sections import rashomon
from hecsr.report.view import View
from hecsr.validation.rashomon import RashomonSet

LEVELS = (0.5, 0.8, 0.9, 0.95)


def a_set(task="regression", observed=(0.5, 0.8, 0.9, 0.95)):
    rng = np.random.default_rng(0)
    names = ["delta_r", "vec_mean", "chi_dev", "my col_1 [%$#]"]
    coverage = [
        {
            "kind": kind, "level": level, "observed": at, "low": at - 0.05,
            "high": min(at + 0.05, 1.0), "n": 90, "width": 40 * level,
        }
        for kind in ("average", "best", "conformal")
        for level, at in zip(LEVELS, observed, strict=True)
    ]  # fmt: skip
    classes = task == "classification"
    metrics = ["brier", "log_loss"] if classes else ["mae", "rmse", "r2"]
    held = pd.DataFrame({"sample": np.arange(90), "repeat": 0, "fold": 0})
    held["low"], held["high"] = rng.uniform(0, 1, 90), rng.uniform(2, 3, 90)
    return RashomonSet(
        engine="sisso", label="SISSO", task=task, level=0.9, n_rows=90, n_groups=30,
        effective_rows=41.2, size=1234, same=2, listed=5000, full=(3,), critical=3.1,
        best="delta_r * chi_dev; vec_mean", best_error=5.21, simplest="delta_r",
        simplest_error=6.0,
        members=pd.DataFrame({
            "terms": [2, 1], "text": ["delta_r * chi_dev; vec_mean", "delta_r"],
            "complexity": [1, 0], "error": [5.21, 6.0], "statistic": [0.0, 2.2],
            "weight": [0.4, 0.1],
        }),
        sizes=pd.DataFrame({
            "terms": [1, 2, 3], "fitted": [50, 4950, 551300],
            "listed": [50, 4950, 5000], "members": [1, 33, 1200],
            "weight": [0.1, 0.6, 0.3], "leading": [True, False, True],
        }),
        descriptors=pd.DataFrame({
            "name": names, "share": [1.0, 0.6, 0.2, 0.0],
            "probability": [1.0, 0.3, 0.9, 0.0], "in_folds": [0.9, 0.4, 0.5, 0.1],
        }),
        features=pd.DataFrame(
            {"name": ["delta_r"], "share": [0.1], "probability": [1.0]}
        ),
        folds=pd.DataFrame({
            "repeat": 0, "fold": range(5), "size": 900, "full": False,
            "same_best": [True, False, False, True, False], "critical": 3.0,
        }),
        held=held,
        coverage=pd.DataFrame([] if classes else coverage),
        scores=pd.DataFrame([
            {"kind": kind, "metric": m, "value": value}
            for kind, value in (("average", 0.1), ("best", 0.2)) for m in metrics
        ]),
        calibration=pd.DataFrame({
            "predicted": [0.1, 0.9], "observed": [0.2, 0.8], "low": [0.1, 0.6],
            "high": [0.4, 0.9], "n": 45,
        }),
    )  # fmt: skip


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
