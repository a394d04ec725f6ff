"""The sections on importance and agreement say what their frames hold."""

from dataclasses import replace

import pandas as pd
import pytest
from agreements import GROUP, with_agreement

from hecsr.report.figures.agreement import draw as draw_terms
from hecsr.report.figures.dependence import draw as draw_curves
from hecsr.report.figures.family_drop import draw as draw_families
from hecsr.report.figures.style import journal, rendered
from hecsr.report.importances import ranked_groups
from hecsr.report.markdown import to_markdown
from hecsr.report.model import Figure, Heading, Report, Table
from hecsr.report.sections import agreement as agreement_section
from hecsr.report.sections import importance as importance_section
from hecsr.report.view import View


@pytest.fixture(scope="module")
def compared(study):
    return with_agreement(study)


def text(blocks):
    return to_markdown(Report("t", "", "t", tuple(blocks)))


def table(blocks, label):
    return next(b for b in blocks if isinstance(b, Table) and b.label == label)


def plain(cell):
    return "".join(getattr(node, "text", "") for node in cell)


def test_without_an_agreement_there_is_no_section(study):
    assert agreement_section.blocks(View(replace(study, agreement=None))) == []


def test_every_pair_of_formula_and_black_box_has_its_rank_correlation(compared):
    blocks = agreement_section.blocks(View(compared))
    rows = [r for r in table(blocks, "tab:agreement").rows if isinstance(r, tuple)]
    ranks = compared.agreement.ranks
    own = ranks[
        (ranks["first"] == "sisso")
        & (ranks["second"] == "random_forest")
        & (ranks["method"] == "permutation")
    ]
    shown = next(r for r in rows if plain(r[0]) == "SISSO, Random forest")
    value = f"{own['spearman'].item():.2f}".replace("-", "−")
    assert plain(shown[1]).startswith(value)
    assert plain(shown[-1]) == f"{own['shared'].item()} of {own['of'].item()}"
    assert any(plain(r[0]) == "one pair" for r in rows)


def test_terms_and_curves_of_the_printed_formulas_are_shown(compared):
    view = View(compared)
    blocks = agreement_section.blocks(view)
    figures = [b for b in blocks if isinstance(b, Figure)]
    assert {f.drawing for f in figures} == {"agreement", "dependence"}
    assert {f.subject for f in figures} == {"sisso", "lasso"}
    assert len(table(blocks, "tab:term-agreement").rows) == len(
        compared.agreement.terms
    )
    words = text(blocks)
    assert "make up samples that no data resemble" in words
    assert "log" in words if view.classification else "dashed line" in words
    for figure in figures:
        draw = draw_terms if figure.drawing == "agreement" else draw_curves
        with journal():
            drawn = draw(view, figure.subject)
        assert drawn.get_size_inches()[0] * 25.4 == pytest.approx(figure.width)


def test_a_figure_has_the_same_bytes_twice(compared):
    view = View(compared)
    with journal():
        one, two = (rendered(draw_curves(view, "lasso")) for _ in range(2))
    assert one == two


def test_correlated_descriptors_are_named_beside_the_importance(compared):
    blocks = importance_section.blocks(View(compared))
    (pair,) = compared.agreement.correlated.to_dict("records")
    assert {pair["first"], pair["second"]} == {"delta_r", "a_dev"}
    assert (
        f"(r = {pair['pearson']:.2f}) stand in for each other: read their group."
        in (text(blocks))
    )


def test_relatives_outside_of_a_term_stand_beside_it(compared):
    found = table(agreement_section.blocks(View(compared)), "tab:term-agreement")
    (pair,) = compared.agreement.correlated.to_dict("records")
    r = f" ({pair['pearson']:.2f})"
    for row, term in zip(found.rows, compared.agreement.terms, strict=True):
        own = {"delta_r", "a_dev"} & set(term.names)
        assert plain(row[-1]) == (r if len(own) == 1 else "–")


def test_what_breaks_correlations_is_said_beside_shap_and_in_sample_values(compared):
    blocks = importance_section.blocks(View(compared))
    (first, *rest) = table(blocks, "tab:in-sample").rows
    assert plain(first[-1]).startswith(" (0.9")
    assert {plain(row[-1]) for row in rest} == {"–"}
    said = text(blocks)
    assert said.count("samples that no data resemble") == 1
    assert "path-dependent" not in said
    trees = tuple(
        replace(s, explains="predicted value (exact for trees, path-dependent)")
        for s in compared.shap
    )
    blocks = importance_section.blocks(View(replace(compared, shap=trees)))
    assert "are another quantity" in text(blocks)


def test_a_group_stands_beside_the_sum_of_its_members(compared):
    own = compared.importance
    mean = own[own["competitor"] == "sisso"].groupby(["method", "name"])["value"].mean()
    group = mean["permutation-group", GROUP]
    alone = mean["permutation", "delta_r"] + mean["permutation", "a_dev"]
    (row,) = table(importance_section.blocks(View(compared)), "tab:groups-1").rows
    assert plain(row[1]) == f"{group:.2f} ({alone:.2f})"


def test_without_groups_nothing_is_said_of_them(study):
    heads = [
        b.text for b in importance_section.blocks(View(study)) if isinstance(b, Heading)
    ]
    assert "Groups of correlated descriptors" not in heads
    assert ranked_groups({}) == []


def test_many_models_are_spread_over_tables_and_rows_of_panels(regression):
    own = regression.importance
    more = [
        own[own["competitor"] == "mlp"].assign(competitor=f"box {i}") for i in range(6)
    ]
    boxes = [
        replace(c, name=f"box {i}", label=f"Box {i}")
        for i in range(6)
        for c in regression.competitors
        if c.name == "mlp"
    ]
    many = replace(
        regression,
        importance=pd.concat([own, *more], ignore_index=True),
        competitors=(*regression.competitors, *boxes),
    )
    view = View(many)
    blocks = importance_section.blocks(view)
    tables = [b.label for b in blocks if isinstance(b, Table)]
    assert [t for t in tables if t.startswith("tab:families")] == [
        "tab:families",
        "tab:families-2",
        "tab:families-3",
    ]
    assert all(len(b.columns) <= 7 for b in blocks if isinstance(b, Table))
    # every model has its bars, few have their numbers printed
    assert (
        sum(isinstance(b, Figure) and b.drawing == "importance_bars" for b in blocks)
        == 9
    )
    assert sum(t.startswith("tab:importance") for t in tables) == 3
    with journal():
        drawn = draw_families(view)
    assert len({round(ax.get_position().y0, 3) for ax in drawn.axes}) == 3
