"""The section and the figure say what was computed, in words too."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from compared import comparison_of
from whole import with_significance

from hecsr.report.figures.ranks import listed, ranks, runs
from hecsr.report.figures.style import journal
from hecsr.report.markdown import to_markdown
from hecsr.report.model import Figure, Group, Report, Table
from hecsr.report.sections import comparison, significance
from hecsr.report.view import View
from hecsr.result import Competitor
from hecsr.validation.significance import NOT_SHOWN
from hecsr.validation.significance import significance as compute


def _plain(cell):
    return "".join(getattr(node, "text", "") for node in cell)


@pytest.fixture(scope="module")
def view(study):
    return View(with_significance(study))


def _text(view):
    return to_markdown(Report("t", "", "t", tuple(significance.blocks(view))))


def test_there_is_no_section_where_nothing_was_computed(study):
    assert significance.blocks(View(replace(study, significance=None))) == []


def test_the_table_has_every_rival_with_the_numbers_of_the_frame(view):
    found = view.result.significance
    table = next(
        b
        for b in significance.blocks(view)
        if isinstance(b, Table) and b.label == "tab:significance"
    )
    rows = {_plain(r[0]): r for r in table.rows if not isinstance(r, Group)}
    own = found.rivals[found.rivals["scheme"] == view.main.name]
    assert set(rows) == {view.label(n) for n in own["first"]}
    places = view.decimals(view.primary)
    for _, line in own.iterrows():
        cells = [_plain(c) for c in rows[view.label(line["first"])]]
        gap = f"{line['difference']:+.{places}f}".replace("-", "−")
        assert cells[1] == f"{gap} ± {line['se']:.{places}f}"
        assert cells[5] == line["word"]
        assert cells[6] == str(line["rows"])


def test_no_significant_difference_is_said_in_words(view):
    found = view.result.significance
    own = found.rivals[found.rivals["scheme"] == view.main.name]
    assert NOT_SHOWN in set(own["word"])
    text = _text(view)
    assert "no significant difference" in text
    best = view.label(found.reference)
    assert f", {len(own)} rivals: {best} is better than" in text


def test_what_is_left_out_by_name_has_no_t_test_and_the_reason_is_given(view):
    text = _text(view)
    assert "No t-test is made where single rows are left out, or kinds of rows" in text
    others = next(
        b
        for b in significance.blocks(view)
        if isinstance(b, Table) and b.label == "tab:significance-others"
    )
    assert not any("±" in _plain(r[1]) for r in others.rows if isinstance(r, tuple))


def test_the_difference_stands_in_one_place_only(view):
    heads = [
        _plain(c.header)
        for b in comparison.blocks(view)
        if isinstance(b, Table)
        for c in b.columns
    ]
    assert "Difference" not in heads


def test_the_caption_says_that_the_bars_are_not_nemenyi_s(view):
    figure = next(b for b in significance.blocks(view) if isinstance(b, Figure))
    assert "not Nemenyi's critical difference" in _plain(figure.caption)
    assert "1 is best" in _plain(figure.caption)


def test_one_bar_is_drawn_for_each_run_and_covers_its_members(view):
    found = view.result.significance
    names = listed(view, found)
    joined = runs(names, found)
    assert joined
    with journal():
        ax = ranks(view)
    bars = [line for line in ax.lines if line.get_linewidth() == 2.4]
    assert len(bars) == len(joined)
    for bar, run in zip(bars, joined, strict=True):
        low, high = bar.get_ydata()
        inside = [n for i, n in enumerate(names) if low <= i <= high]
        assert tuple(inside) == run
    order = [t.get_text() for t in ax.get_yticklabels()]
    own = found.ranks[found.ranks["scheme"] == view.main.name].set_index("competitor")
    assert order == [view.label(n) for n in own["rank"].sort_values().index]


def _with_rules(study, count):
    """The study with so many more rules, each a worse copy of the known one."""
    rule = study.predictions[study.predictions["competitor"] == "rule_vec"]
    frames, lines = [study.predictions], list(study.competitors)
    for k in range(count):
        worse = rule["predicted"] + (k + 1) * 3 * np.where(rule["sample"] % 2, 1, -1)
        frames.append(rule.assign(competitor=f"rule {k}", predicted=worse))
        lines.append(Competitor(f"rule {k}", f"Rule {k}", "rule", ""))
    frame = pd.concat(frames, ignore_index=True)
    made = comparison_of(frame, lines, named=("leave-one-element-out",))
    return View(
        replace(
            study,
            competitors=tuple(lines),
            predictions=frame,
            scores=made.scores,
            significance=compute(made, "mae", draws=50),
        )
    )


def test_of_many_rules_the_best_are_drawn_and_the_caption_says_so(regression):
    view = _with_rules(regression, 20)
    names = listed(view, view.result.significance)
    assert sum(view.competitors[n].kind == "rule" for n in names) == 5
    assert {"sisso", "lasso", "random_forest", "mlp", "mean"} <= set(names)
    figure = next(b for b in significance.blocks(view) if isinstance(b, Figure))
    caption = _plain(figure.caption)
    assert "Of the 21 rules scored on every row the 5 best are shown." in caption
    assert "among the 26 competitors" in caption


def test_a_scheme_in_which_nothing_can_be_tested_is_not_spoken_of(classification):
    made = comparison_of(
        classification.predictions,
        classification.competitors,
        "classification",
        named=("leave-one-element-out",),
        hard=("rule_vec",),
    )
    found = compute(made, "auc", draws=50)  # no mean over rows: no bootstrap
    view = View(replace(classification, primary_metric="auc", significance=found))
    text = _text(view)
    assert "Leave one element out" not in text
    assert "SISSO is better than" in text
