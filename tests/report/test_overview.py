"""All competitors under all schemes, parts left out, and folds without a term."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hecsr.baselines.rules import FOUND_HERE as SAID
from hecsr.report.figures.reliability import wilson
from hecsr.report.model import Bold, Group, Italic, List, Paragraph, Table
from hecsr.report.sections import comparison, front, left_out
from hecsr.report.sections.overview import competitors_table, overview, short_heads
from hecsr.report.view import FOUND_HERE, View
from hecsr.result import Scheme

LEFT_OUT = "leave-one-element-out"


def plain(cell):
    return "".join(getattr(node, "text", "") for node in cell)


def lines(table):
    return {plain(r[0]): r for r in table.rows if not isinstance(r, Group)}


def table_of(blocks, label):
    return next(b for b in blocks if isinstance(b, Table) and b.label == label)


def with_dagger(study):
    """Return the study with its rule found on the labels."""
    found = tuple(
        replace(c, description=c.description + SAID) if c.kind == "rule" else c
        for c in study.competitors
    )
    return replace(study, competitors=found)


def test_one_table_has_every_competitor_under_every_scheme(study):
    view = View(study)
    (table,) = overview(view)
    rows = lines(table)
    assert list(rows) == [c.label for c in study.competitors if c.kind != "front"]
    assert [plain(c.header) for c in table.columns] == [
        "Model",
        "5-fold",
        "element out",
    ]
    places = view.decimals(view.primary)
    for competitor in study.competitors:
        if competitor.kind == "front":
            continue
        for i, scheme in enumerate(study.schemes, start=1):
            mean = view.score(competitor.name, scheme=scheme.name).mean
            assert plain(rows[competitor.label][i]).startswith(f"{mean:.{places}f}")


def test_the_best_of_each_scheme_is_bold_and_a_part_of_the_rows_italic(study):
    scores = study.scores.copy()
    silent = (scores["competitor"] == "rule_vec") & (scores["scheme"] == "grouped")
    scores.loc[silent, "n"] -= 1
    view = View(replace(study, scores=scores))
    (table,) = overview(view)
    rows = lines(table)
    for i, scheme in enumerate(study.schemes, start=1):
        bold = [n for n, r in rows.items() if any(isinstance(x, Bold) for x in r[i])]
        kinds = ("formula", "black box", "rule", "baseline")
        assert bold == [view.comparable(*kinds, scheme=scheme.name)[0].label]
    assert isinstance(rows[view.label("rule_vec")][1][0], Italic)


def test_brackets_hold_the_interval_or_the_range_of_the_parts(regression):
    view = View(regression)
    (table,) = overview(view)
    row = lines(table)[view.label("sisso")]
    bounds = view.bounds["grouped", "sisso", "mae"]
    places = view.decimals(view.primary) - 1
    assert plain(row[1]).endswith(f"({bounds.low:.{places}f}–{bounds.high:.{places}f})")
    own = regression.scores
    own = own[
        (own["scheme"] == LEFT_OUT)
        & (own["competitor"] == "sisso")
        & (own["metric"] == "mae")
        & (own["fold"] >= 0)
    ]["value"]
    assert plain(row[2]).endswith(f"({own.min():.{places}f}–{own.max():.{places}f})")


def test_more_than_six_schemes_are_split(regression):
    first = regression.schemes[0]
    more = [replace(first, name=f"s{i}", label=f"Scheme {i}") for i in range(6)]
    tables = overview(View(replace(regression, schemes=(first, *more))))
    assert [t.label for t in tables] == ["tab:overview", "tab:overview-2"]
    assert [len(t.columns) for t in tables] == [7, 2]


def test_heads_are_short_and_all_different():
    labels = ["Stratified grouped 5-fold", "Leave one source out", "Quality A alone"]
    schemes = [Scheme(str(i), label, "", 5) for i, label in enumerate(labels)]
    shown = ["5-fold", "source out", "Quality A alone"]
    assert list(short_heads(schemes).values()) == shown
    twice = [*schemes, Scheme("3", "Another 5-fold", "", 5)]
    assert list(short_heads(twice).values()) == [f"scheme {i}" for i in range(1, 5)]


def test_rules_found_on_these_labels_have_a_dagger_and_are_named(study):
    assert FOUND_HERE in SAID
    view = View(with_dagger(study))
    blocks = comparison.blocks(view)
    marked = ["tab:overview", "tab:comparison-grouped"]
    if ("grouped", "rule_vec", view.primary.key) in view.bounds:
        marked.append("tab:intervals-grouped")
    for label in marked:
        table = table_of(blocks, label)
        assert [n for n in lines(table) if n.endswith("†")] == ["Rule: VEC ≥ 9†"]
        assert "found on these labels" in plain(table.caption)
    said = " ".join(plain(b.content) for b in blocks if isinstance(b, Paragraph))
    assert "A dagger (†) marks the rule “Rule: VEC ≥ 9”" in said
    plainly = comparison.blocks(View(study))
    assert not any("†" in plain(b.content) for b in plainly if isinstance(b, Paragraph))


def test_the_appendix_says_what_each_competitor_is(study):
    view = View(with_dagger(study))
    rows = lines(competitors_table(view))
    assert len(rows) == sum(c.kind != "front" for c in study.competitors)
    assert plain(rows["Random forest"][1]) == "500 trees"
    assert "found on these labels" in plain(rows["Rule: VEC ≥ 9†"][1])


def test_parts_left_out_have_every_formula_and_the_best_rivals(study):
    view = View(study)
    blocks = left_out.blocks(view, study.schemes[1])
    table = table_of(blocks, f"tab:left-out-{LEFT_OUT}")
    heads = [plain(c.header) for c in table.columns]
    shown = [c.label for c in view.beside(LEFT_OUT)]
    assert heads[-len(shown) :] == shown
    assert {c.kind for c in view.beside(LEFT_OUT)[:2]} == {"formula"}
    for kind in ("black box", "rule", "baseline"):
        best = view.comparable(kind, scheme=LEFT_OUT)[0]
        assert best in view.beside(LEFT_OUT)


def test_an_accuracy_on_a_part_has_wilsons_interval(classification):
    blocks = left_out.blocks(View(classification), classification.schemes[1])
    table = table_of(blocks, f"tab:left-out-{LEFT_OUT}")
    row = next(
        r for r in table.rows if plain(r[0]) == "Ti" and plain(r[2]) == "accuracy"
    )
    own = classification.scores
    own = own[
        (own["scheme"] == LEFT_OUT)
        & (own["fold_label"] == "Ti")
        & (own["competitor"] == View(classification).beside(LEFT_OUT)[0].name)
        & (own["metric"] == "accuracy")
    ]
    share, n = own["value"].item(), own["n"].item()
    low, high = wilson(share, n)
    assert plain(row[3]) == f"{share:.2f} ({low:.2f}–{high:.2f})"
    assert plain(row[1]) == str(n)
    parts = table_of(left_out.of_parts(View(classification)), "tab:parts")
    low, high = wilson(0.8, 60)
    assert f"{low:.2f}–{high:.2f}" in [plain(c) for c in parts.rows[1]]


@pytest.mark.parametrize("scheme", ["grouped", LEFT_OUT])
def test_folds_without_a_term_are_named(study, scheme):
    choices = pd.DataFrame(
        {
            "scheme": scheme, "competitor": "sisso", "repeat": 0, "fold": range(5),
            "variables": [(), ("a",), (), None, ("b",)],
        }
    )  # fmt: skip
    blocks = front.blocks(View(replace(study, choices=choices)))
    (told,) = [b for b in blocks if isinstance(b, List)]
    (item,) = [plain(i) for i in told.items]
    assert "SISSO kept no term in 2 of 5 folds" in item
    assert item.endswith(": Ti, Hf." if scheme == LEFT_OUT else "folds.")
    quiet = front.blocks(View(replace(study, choices=choices.iloc[[1, 4]])))
    assert not any(isinstance(b, List) for b in quiet)


def test_the_front_is_shown_under_every_scheme_without_a_winner(study):
    view = View(study)
    blocks = front.blocks(view)
    table = table_of(blocks, "tab:front-schemes")
    rows = [r for r in table.rows if not isinstance(r, Group)]
    points = [c for c in study.competitors if c.kind == "front"]
    assert len(rows) == len(points) + 2
    assert not any(isinstance(n, Bold) for r in rows for cell in r for n in cell)
    said = " ".join(plain(b.content) for b in blocks if isinstance(b, Paragraph))
    assert "would be a choice on test rows" in said


def test_the_front_has_intervals_where_they_were_drawn(regression):
    view = View(regression)
    table = table_of(front.blocks(view), "tab:front")
    rows = [r for r in table.rows if not isinstance(r, Group)]
    bounds = view.bounds["grouped", "sisso:0", "mae"]
    places = view.decimals(view.primary) - 1
    assert plain(rows[0][2]) == f"{bounds.low:.{places}f}–{bounds.high:.{places}f}"
    assert np.isfinite(bounds.low)
