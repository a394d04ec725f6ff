"""The maps, the correlations and precision against recall in a report."""

import io

import numpy as np
import pytest
from mapped import CARBIDES, mapped

from hecsr.report.build import build
from hecsr.report.figures import front, parity, precision_recall
from hecsr.report.figures.catalogue import DRAWINGS
from hecsr.report.figures.hover import named, titled
from hecsr.report.figures.style import canvas, journal
from hecsr.report.figures.ternary import corner_name, flat
from hecsr.report.model import numbering
from hecsr.report.sections import maps as section
from hecsr.report.view import View


@pytest.fixture(scope="module")
def with_maps(study):
    return mapped(study)


def svg_of(figure):
    """Return a figure as a page shows it, without the other files."""
    words, buffer = named(figure), io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return titled(buffer.getvalue().decode(), words)


def test_every_map_is_drawn_in_its_width(with_maps):
    view = View(with_maps)
    figures = [f for f in section.blocks(view) if hasattr(f, "alt")]
    assert {f.drawing for f in figures} == {"formula_lines", "formula_plane", "ternary"}
    with journal():
        for figure in figures:
            drawn = DRAWINGS[figure.drawing](view, figure.subject)
            width = drawn.get_size_inches()[0] * 25.4
            assert width == pytest.approx(figure.width)
            assert any(ax.has_data() for ax in drawn.axes)


def test_each_sample_on_a_map_says_what_it_is(with_maps):
    view = View(with_maps)
    with journal():
        plane = svg_of(DRAWINGS["formula_plane"](view, "sisso"))
        triangle = svg_of(DRAWINGS["ternary"](view, "0"))
    assert plane.count("<title>") == len(CARBIDES)
    on_it = with_maps.maps.ternaries[0].compositions
    assert triangle.count("<title>") == len(on_it)


def test_a_map_has_the_same_bytes_twice(classification):
    view = View(mapped(classification))
    with journal():
        first, again = (svg_of(DRAWINGS["ternary"](view, "0")) for _ in range(2))
    assert first == again


def test_the_section_names_what_is_held_and_its_figures(with_maps):
    report = build(with_maps)
    names = numbering(report)
    found = section.blocks(View(with_maps))
    for block in found:
        if hasattr(block, "alt"):
            assert block.alt
            assert block.label in names
    assert "fig:map-lines-sisso" in names


def test_without_maps_there_is_no_section(study):
    assert section.blocks(View(study)) == []


def test_the_corners_of_a_triangle_are_where_its_shares_are_one():
    x, y = flat(np.eye(3))
    np.testing.assert_allclose(x, [0, 1, 0.5])
    np.testing.assert_allclose(y, [0, 0, np.sqrt(3) / 2])
    assert corner_name(("Ti", "Zr"), (("B", 2.0),)) == "(Ti,Zr)B$_{2}$"


def test_the_heat_map_holds_each_pair_once(with_maps):
    with journal():
        drawn = DRAWINGS["correlations"](View(with_maps), "")
    labels = [t.get_text() for t in drawn.axes[0].get_yticklabels()]
    assert len(labels) == len(with_maps.correlations)
    # the removed one is marked in words, not by its colour alone
    assert [label.startswith("– ") for label in labels].count(True) == 1


def test_precision_and_recall_of_a_perfect_order_are_one():
    found = np.array([True, True, False, False])
    score = np.array([0.9, 0.8, 0.2, 0.1])
    assert precision_recall.average(found, score) == pytest.approx(1.0)
    assert precision_recall.average(~found, score) == pytest.approx((1 / 3 + 2 / 4) / 2)


def test_average_precision_is_that_of_scikit_learn():
    from sklearn.metrics import average_precision_score

    rng = np.random.default_rng(3)
    found, score = rng.random(60) < 0.3, rng.random(60).round(1)
    expected = average_precision_score(found, score)
    assert precision_recall.average(found, score) == pytest.approx(expected)


def test_the_rarer_class_comes_first(classification):
    view = View(classification)
    counts = classification.data.target_summary
    with journal():
        drawn = DRAWINGS["precision_recall"](view, "")
    rare = min((0, 1), key=lambda k: counts[str(k)])
    assert drawn.axes[0].get_title(loc="left").endswith(str(rare))


def test_parity_shows_the_interval_of_the_chosen_formula(regression):
    view = View(regression)
    sisso = view.competitors["sisso"]
    assert parity.interval(view, sisso) == (0.9, 8.4)
    assert parity.interval(view, view.competitors["random_forest"]) is None
    with journal():
        ax = parity.parity(view, sisso, canvas(85, 80).subplots())
        assert "90 % interval, ±8.4" in ax.get_legend().get_texts()[0].get_text()


def test_the_band_of_the_choice_is_one_standard_error_above_the_least(regression):
    with journal():
        ax = front.choice(View(regression), canvas(85, 60).subplots())
    bands = [(p.get_y(), p.get_y() + p.get_height()) for p in ax.patches]
    assert bands == [pytest.approx((3.0, 3.4))] * 2
