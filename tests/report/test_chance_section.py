"""The section on chance says what the scrambled targets show, and no more."""

from dataclasses import replace

import numpy as np
import pytest
from scrambles import chance_of, space_of

from hecsr.report.build import build
from hecsr.report.figures.chance import histogram
from hecsr.report.figures.feature_space import growth
from hecsr.report.figures.style import canvas, journal
from hecsr.report.markdown import to_markdown
from hecsr.report.model import Figure, Heading, Table, numbering
from hecsr.report.sections.chance import outcome, supported_words
from hecsr.report.typst import to_typst
from hecsr.report.view import View


@pytest.fixture
def shown(study):
    metric = study.primary_metric
    return replace(study, chance=chance_of(metric, space_of()))


def text(cell):
    return "".join(getattr(node, "text", "") for node in cell)


def cells(report, name):
    (found,) = [b for b in report.blocks if isinstance(b, Table) and b.label == name]
    return [[text(c) for c in row] for row in found.rows]


def test_without_scrambled_targets_there_is_no_section(study):
    report = build(study)
    assert "Chance" not in [b.text for b in report.blocks if isinstance(b, Heading)]


def test_each_engine_has_its_errors_and_a_verdict(regression):
    shown = replace(regression, chance=chance_of("mae"))
    first, second = cells(build(shown), "tab:chance")
    assert first[0] == "SISSO"
    assert first[5:] == ["0.020", "better than chance"]
    assert second[6] == "no better than chance"
    assert cells(build(shown), "tab:chance-fit")[1][1] == "two folds"


def test_an_engine_that_searched_less_is_said_to(shown):
    said = to_markdown(build(shown))
    assert "SISSO: better than chance; LASSO:" in said
    assert "better than chance with its small budget." in said


def test_groups_of_unequal_sizes_are_said_to_make_p_too_small(shown):
    plain = to_markdown(build(shown))
    assert "groups of rows as wholes" in plain
    assert "too small" not in plain.split("## Chance")[1].split("## ")[0]
    mixed = replace(shown, chance=replace(shown.chance, mixed=True))
    said = to_markdown(build(mixed))
    assert "groups of rows of like size as wholes" in said
    assert "a run of values may reach over two groups" in said
    assert "at most 0.05 in 6 to 10 % of the cases" in said


def test_words_follow_p_and_the_number_of_scrambles():
    line = {"metric": "mae", "value": 1.0, "mean": 2.0, "scrambles": 50}
    assert outcome(line | {"p": 0.02}) == "better than chance"
    assert outcome(line | {"p": 0.2}) == "not shown to be better than chance"
    assert outcome(line | {"p": 0.9, "value": 2.1}) == "no better than chance"
    few = line | {"p": 0.1, "scrambles": 9}
    assert outcome(few) == "too few scrambles to tell"
    assert outcome(line | {"p": np.nan}) == "undefined"
    more = {"metric": "auc", "value": 0.4, "mean": 0.5, "scrambles": 50, "p": 0.9}
    assert outcome(more) == "no better than chance"


def test_a_supported_space_is_called_an_extrapolation_where_it_is_one():
    assert "extrapolated beyond" in supported_words(space_of())
    assert "10⁶" in supported_words(space_of())
    inside = supported_words(space_of(supported=5000.0, extrapolated=False))
    assert inside == "has about 5000 candidates (interpolated)."
    assert "no number" in supported_words(space_of(supported=float("inf")))
    many = supported_words(space_of(supported=852_786.0, extrapolated=False))
    assert many == "has about 850\u202f000 candidates (interpolated)."
    none = supported_words(space_of(supported=0.0, extrapolated=False))
    assert "not even the 30 features" in none


def test_a_space_in_which_chance_fits_as_well_is_named(shown):
    report = to_markdown(build(shown))
    assert "is 0.120 above what chance reaches" in report
    poor = replace(shown.chance, space=space_of(held_out=0.1, supported=100.0))
    said = to_markdown(build(replace(shown, chance=poor)))
    assert "no evidence of a law" in said


def test_figures_show_the_frames_and_are_named_in_the_text(shown):
    report = build(shown)
    names = numbering(report)
    stems = [f.stem for f in report.figures]
    assert {"chance", "feature_space"} <= set(stems)
    assert all(f.label in names for f in report.figures if isinstance(f, Figure))
    view = View(shown)
    with journal():
        ax = histogram(view, shown.chance, "sisso", canvas(60, 55).subplots())
        assert sum(bar.get_height() for bar in ax.patches) == 50
        assert ax.lines[0].get_xdata()[0] == 5.0
        assert any("0.020" in t.get_text() for t in ax.texts)
        drawn = growth(shown.chance.space)
        assert drawn.get_xscale() == "log"
        labels = drawn.get_legend_handles_labels()[1]
        assert "largest supported space" in labels
        far = growth(space_of(supported=1e30))
        labels = far.get_legend_handles_labels()[1]
        assert "largest supported space" not in labels


def test_typst_takes_the_section(shown):
    assert "Chance" in to_typst(build(shown))
