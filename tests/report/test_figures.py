"""Figures show what the frames hold."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from hecsr.report.figures.catalogue import DRAWINGS
from hecsr.report.figures.elements import position
from hecsr.report.figures.leave_one_out import leave_one_out
from hecsr.report.figures.roc import curve
from hecsr.report.figures.shap_beeswarm import shap_beeswarm
from hecsr.report.figures.style import canvas, journal, rendered
from hecsr.report.figures.words import drawable
from hecsr.report.view import View

FOR_CLASSES = (
    "roc",
    "confusion",
    "reliability",
    "class_map",
    "doubt",
    "precision_recall",
)
SUBJECTS = {
    "agreement": "sisso",
    "class_map": "sisso",
    "dependence": "sisso",
    "formula_lines": "sisso",
    "formula_plane": "sisso",
    "importance_bars": "sisso",
    "inclusion": "sisso",
    "leave_one_out": "leave-one-element-out",
    "shap_beeswarm": "random_forest",
    "ternary": "0",
    "williams": "sisso",
}


@pytest.mark.parametrize("name", sorted(DRAWINGS))
def test_a_figure_has_its_width_and_the_same_bytes_twice(name, complete_of):
    study = complete_of["classification" if name in FOR_CLASSES else "regression"]
    with journal():
        draw = DRAWINGS[name]
        first = draw(View(study), SUBJECTS.get(name, ""))
        assert isinstance(first, Figure)
        width = first.get_size_inches()[0] * 25.4
        assert min(abs(width - 85), abs(width - 175)) < 1e-6
        again = draw(View(study), SUBJECTS.get(name, ""))
        one, two = rendered(first), rendered(again)
    assert one == two
    assert b"<dc:date>" not in one["svg"]
    assert any(ax.has_data() for ax in first.axes)


def test_axes_given_are_used(regression):
    with journal():
        ax = canvas(175, 60).subplots()
        assert leave_one_out(View(regression), "leave-one-element-out", ax) is ax


def test_the_roc_curve_of_a_perfect_order_passes_through_the_corner():
    false, true = curve(np.array([0.0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9]))
    assert (0.0, 1.0) in set(zip(false, true, strict=True))


def test_equal_probabilities_give_one_step():
    false, true = curve(np.array([0.0, 1, 0, 1]), np.full(4, 0.5))
    np.testing.assert_array_equal(false, [0, 1])
    np.testing.assert_array_equal(true, [0, 1])


def test_the_swarm_leaves_out_folds_without_the_descriptor(regression):
    view = View(regression)
    one = next(s for s in regression.shap if s.competitor == "random_forest")
    with journal():
        ax = shap_beeswarm(view, one)
    sizes = {len(c.get_offsets()) for c in ax.collections if len(c.get_offsets())}
    assert sizes == {len(one.values), int(one.values["a_dev"].notna().sum())}


@pytest.mark.parametrize(
    ("number", "place"),
    [
        (1, (1, 1)),
        (2, (18, 1)),
        (6, (14, 2)),
        (22, (4, 4)),
        (72, (4, 6)),
        (71, (3, 6)),
        (57, (3, 7.4)),
    ],
)
def test_elements_stand_in_their_group_and_period(number, place):
    assert position(number) == place


def test_mathematics_that_matplotlib_cannot_read_is_replaced():
    assert drawable(r"\delta_r") == r"$\delta_r$"
    assert drawable(r"\ce{H2O}") == ""
