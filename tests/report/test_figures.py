"""Figures show what the frames hold."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from hecsr.report.build import build
from hecsr.report.figures import agreement, dependence, learning_curve, parity
from hecsr.report.figures.catalogue import DRAWINGS
from hecsr.report.figures.elements import position
from hecsr.report.figures.leave_one_out import leave_one_out
from hecsr.report.figures.roc import curve
from hecsr.report.figures.shap_beeswarm import MOST, shap_beeswarm
from hecsr.report.figures.style import canvas, journal, rendered
from hecsr.report.figures.thinned import evenly
from hecsr.report.figures.williams import name_worst, williams
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
    assert b"<image" not in one["svg"]  # all is drawn as vectors
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


def texts_of(caption):
    return "".join(getattr(node, "text", "") for node in caption)


def titles(svg):
    return re.findall(r"<title>([^<]*)</title>", svg.decode())


def test_evenly_spaced_values_keep_both_ends():
    value = np.random.default_rng(1).normal(size=500)
    shown = evenly(value, 40)
    assert len(set(shown)) == 40
    assert {value.argmin(), value.argmax()} <= set(shown)
    np.testing.assert_array_equal(shown, np.sort(shown))
    np.testing.assert_array_equal(evenly(value[:9], 9), np.arange(9))


@pytest.mark.parametrize("copies", [1, 5])
def test_a_swarm_is_drawn_as_vectors_and_says_how_many_dots(complete_of, copies):
    study = complete_of["regression"]
    one = next(s for s in study.shap if s.competitor == "random_forest")
    index = pd.MultiIndex.from_tuples(
        [(0, i % 5, i) for i in range(len(one.values))],
        names=["repeat", "fold", "sample"],
    )
    values, data = one.values.set_axis(index), one.data.set_axis(index)
    many = replace(
        one,
        values=pd.concat([values * (i + 1) for i in range(copies)]),
        data=pd.concat([data] * copies),
    )
    study = replace(study, shap=(many,))
    with journal():
        svg = rendered(DRAWINGS["shap_beeswarm"](View(study), "random_forest"))["svg"]
    assert b"<image" not in svg
    counts = np.minimum(many.values.notna().sum(), MOST)
    assert len(titles(svg)) == counts.sum()
    known = set(study.predictions["composition"])
    assert {t.split("\n")[0] for t in titles(svg)} <= known
    figure = next(f for f in build(study).figures if f.drawing == "shap_beeswarm")
    said = f"at most {MOST} a descriptor" in texts_of(figure.caption)
    assert said == (len(many.values) > MOST)


@pytest.mark.parametrize("module", [agreement, dependence])
def test_terms_and_curves_name_the_samples_and_the_formula(complete_of, module):
    study = complete_of["regression"]
    name = module.__name__.rpartition(".")[2]
    with journal():
        svg = rendered(module.draw(View(study), "sisso"))["svg"]
    assert len(titles(svg)) >= study.data.rows_used
    known = set(study.predictions["composition"])
    assert {t.split("\n")[0] for t in titles(svg)} <= known
    alts = [f.alt for f in build(study).figures if f.drawing == name]
    assert len(alts) == len(set(alts)) > 1


def test_the_lowest_panel_of_each_column_shows_its_ticks(complete_of):
    study = complete_of["regression"]
    found = study.learning
    five = replace(found, competitors=(found.competitors * 5)[:5])
    with journal():
        figure = learning_curve.draw(View(replace(study, learning=five)))
        figure.draw_without_rendering()
    panels = figure.axes[:5]
    shown = [any(t.get_visible() for t in ax.get_xticklabels()) for ax in panels]
    assert shown == [False, True, True, True, True]
    assert [bool(ax.get_xlabel()) for ax in panels] == shown


def test_the_scores_of_a_parity_panel_stand_above_it(regression):
    with journal():
        figure = parity.draw(View(regression))
        figure.draw_without_rendering()
    ax = figure.axes[0]
    (scores,) = [t for t in ax.texts if "MAE" in t.get_text()]
    box, title = scores.get_window_extent(), ax.title.get_window_extent()
    assert ax.bbox.y1 <= box.y0
    assert box.y1 <= title.y0


def test_names_in_a_clump_of_outliers_do_not_overlap():
    rows = pd.DataFrame(
        {
            "composition": [f"({m}0.5Ta0.5)C" for m in ("Hf", "Nb", "V", "W", "Ti")],
            "observed": 1.0,
            "predicted": 2.0,
            "leverage": 0.2,
            "leverage_limit": 0.1,
            "residual": [9.0, 8.99, 8.98, 8.97, 0.0],
            "inside_ranges": False,
        }
    )
    with journal():
        figure = canvas(85, 60)
        ax = williams(rows, figure.subplots())
        figure.draw_without_rendering()
        name_worst(ax, rows)
    boxes = [t.get_window_extent() for t in ax.texts]
    assert 2 <= len(boxes) <= 4
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])
