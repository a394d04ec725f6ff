"""The report holds every part, and its numbers are those of the frames."""

import re
from dataclasses import replace

import pytest

from hecsr.report.build import build
from hecsr.report.figures.catalogue import DRAWINGS
from hecsr.report.markdown import to_markdown
from hecsr.report.model import (
    Equation,
    Figure,
    Heading,
    Math,
    Ref,
    Table,
    Text,
    flat,
    numbering,
)
from hecsr.report.sections.summary import PROCEDURE
from hecsr.report.view import View
from hecsr.result import Verdict

SECTIONS = (
    "Summary",
    "Data and provenance",
    "Descriptors",
    "Search",
    "Complexity against error",
    "Formulas",
    "Comparison",
    "Held-out predictions",
    "Importance of the descriptors",
    "How to reproduce",
)
LONG = (
    "Chance",
    "Stability",
    "Formulas that cannot be told from the best one",
    "Applicability domain",
    "Would more data or larger formulas help?",
    "Agreement of formulas and black boxes",
)
LONG_FIGURES = {
    "agreement",
    "chance",
    "correlations",
    "dependence",
    "distance",
    "feature_space",
    "formula_lines",
    "formula_plane",
    "inclusion",
    "learning_curve",
    "overfitting",
    "ranks",
    "stability",
    "ternary",
    "williams",
}


def plain(cell) -> str:
    return "".join(getattr(node, "text", "") for node in cell)


def table(report, label: str) -> list[list[str]]:
    found = next(b for b in report.blocks if getattr(b, "label", None) == label)
    return [[plain(c) for c in row] for row in found.rows if isinstance(row, tuple)]


FOR_CLASSES = {
    "roc",
    "precision_recall",
    "confusion",
    "reliability",
    "class_map",
    "doubt",
}


@pytest.fixture(scope="module")
def report(study):
    return build(study)


@pytest.fixture(scope="module")
def long_report(complete):
    return build(complete)


def heads(report):
    return [b.text for b in report.blocks if isinstance(b, Heading) and b.level == 1]


def references(thing):
    if isinstance(thing, Ref):
        yield thing.label
    elif isinstance(thing, tuple):
        for one in thing:
            yield from references(one)
    elif hasattr(thing, "__dataclass_fields__"):
        for name in thing.__dataclass_fields__:
            yield from references(getattr(thing, name))


def test_every_section_is_there_in_order(report):
    known = (*SECTIONS, *LONG)
    assert [h for h in heads(report) if h in known] == list(SECTIONS)


def test_the_long_validation_adds_its_sections_where_they_belong(long_report):
    found = heads(long_report)
    assert [h for h in found if h in SECTIONS] == list(SECTIONS)
    assert [h for h in found if h in LONG] == list(LONG)
    assert found.index("Held-out predictions") + 1 == found.index(LONG[0])
    assert found.index("Importance of the descriptors") + 1 == found.index(LONG[-1])


def test_the_report_says_whose_error_it_is(report):
    assert "carries no held-out error of its own" in PROCEDURE
    assert PROCEDURE in to_markdown(report)


def test_the_goal_stands_before_the_verdict(study):
    told = replace(study, verdict=Verdict((), "Trust it.", "It is reached."))
    text = to_markdown(build(told))
    assert "**Goal.** It is reached.\n\n**Verdict.** Trust it." in text
    assert "**Goal.**" not in to_markdown(build(study))


def test_the_share_of_rows_stands_beside_an_interval(regression):
    held = regression.predictions
    own = held[(held["scheme"] == "grouped") & (held["competitor"] == "sisso")]
    share = ((own["observed"] - own["predicted"]).abs() <= 8.4).mean()
    text = to_markdown(build(regression))
    assert "Half width at 90\u00a0%, from the held-out errors of the procedure:" in text
    assert f"; {100 * share:.0f}\u00a0% of the held-out rows lie within." in text
    assert "weigh" not in text.split("## Formulas")[1].split("## ")[0]
    data = replace(regression.data, n_groups=20)
    grouped = to_markdown(build(replace(regression, data=data)))
    assert "each group weighs the same, however many rows it has." in grouped
    assert "of the held-out errors, groups of rows weighed equally, lay" in grouped


def test_every_reference_has_a_target(report, long_report):
    for one in (report, long_report):
        names = numbering(one)
        assert set(references(one.blocks)) <= set(names)
        assert len(names) == len(set(names.values()))


def test_every_figure_has_a_drawing_a_caption_and_an_alternative_text(
    study, report, long_report
):
    other = FOR_CLASSES if study.data.task == "regression" else {"parity"}
    for one, missing in ((report, LONG_FIGURES | {"doubt"}), (long_report, set())):
        figures = [b for b in flat(one.blocks) if isinstance(b, Figure)]
        assert {f.drawing for f in figures} == set(DRAWINGS) - other - missing
        assert all(f.caption and f.alt and f.width in (85, 175) for f in figures)
        assert len({f.stem for f in figures}) == len(figures)


def test_the_long_report_is_written_without_holes(long_report):
    text = to_markdown(long_report)
    assert [h for h in (*SECTIONS, *LONG) if f"# {h}" not in text] == []
    assert re.search(r"\b(nan|inf|None)\b", text) is None


def test_the_comparison_shows_the_mean_and_spread_of_the_folds(study, report):
    rows = {row[0]: row for row in table(report, "tab:comparison-grouped")}
    view, scores = View(study), study.scores
    shown = [c for c in study.competitors if c.kind != "front"]
    assert len(rows) == len(shown)
    for competitor in shown:
        own = scores[
            (scores["competitor"] == competitor.name)
            & (scores["scheme"] == "grouped")
            & (scores["metric"] == study.primary_metric)
        ]
        single = own.loc[own["fold"] >= 0, "value"]
        places = view.decimals(view.primary)
        expected = f"{single.mean():.{places}f} ± {single.std(ddof=1):.{places}f}"
        assert rows[competitor.label][1] == expected.replace("-", "−")
        assert rows[competitor.label][-1] == str(study.data.rows_used)


def test_pooled_values_are_those_of_fold_minus_one(study, report):
    if study.data.task == "classification":
        # the folds' models share no scale of probability: nothing is pooled
        assert "pooled" not in to_markdown(report)
        return
    metric = "r2"
    scores = study.scores
    own = scores[
        (scores["competitor"] == "random_forest")
        & (scores["scheme"] == "grouped")
        & (scores["metric"] == metric)
        & (scores["fold"] == -1)
    ]
    row = next(
        r for r in table(report, "tab:comparison-grouped") if r[0] == "Random forest"
    )
    assert f"{own['value'].mean():.3f}" in row


def test_each_element_left_out_has_its_line(study, report):
    rows = table(report, "tab:left-out-leave-one-element-out")
    own = study.scores
    own = own[(own["scheme"] == "leave-one-element-out") & (own["fold"] >= 0)]
    assert {r[0] for r in rows} == set(own["fold_label"])
    value = own[
        (own["fold_label"] == "Ti")
        & (own["competitor"] == "sisso")
        & (own["metric"] == study.primary_metric)
    ]["value"].item()
    ti = next(r for r in rows if r[0] == "Ti")
    places = View(study).decimals(View(study).primary)
    assert f"{value:.{places}f}" in ti[2:]


def test_importance_is_averaged_over_the_folds_where_the_descriptor_took_part(
    study, report
):
    rows = table(report, "tab:importance-sisso")
    assert {r[-1] for r in rows} == {"9", "10"}
    own = study.importance
    own = own[(own["competitor"] == "sisso") & (own["name"] == "delta_r")]
    mean = own.loc[own["method"] == "permutation", "value"].mean()
    first = next(r for r in rows if r[1] == "size mismatch")
    assert first[2].startswith(f"{mean:.1f}")


def test_coefficients_stand_with_their_standard_errors(study, report):
    best = next(f for f in study.formulas if f.engine == "sisso" and f.chosen)
    rows = table(report, "tab:coefficients-1")
    assert len(rows) == len(best.formula.coefficients)
    columns = next(
        b for b in report.blocks if getattr(b, "label", "") == "tab:coefficients-1"
    ).columns
    assert any("given this form" in plain(c.header) for c in columns)


def test_equations_are_numbered_once_and_repeated_with_their_number(report):
    shown = [b for b in report.blocks if isinstance(b, Equation) and b.number]
    assert [b.number for b in shown] == [1, 1, 2]
    assert [b.label for b in shown] == ["", "eq:1", "eq:2"]


def test_durations_do_not_enter_the_report(report):
    assert "61.23" not in to_markdown(report)


def test_rows_set_aside_and_skipped_engines_are_named(study, report):
    text = to_markdown(report)
    for piece in ("Mn, Ir, Si, Sc, Y", "PySR: not asked for", study.data.sha256):
        assert piece in text


def test_a_row_of_the_wrong_length_is_refused():
    from hecsr.report.model import Column

    with pytest.raises(ValueError, match="1 cells under 2 columns"):
        Table((Column(()), Column(())), (((Text("a"),),),), ())


def test_inline_mathematics_is_given_in_both_languages(report):
    nodes = [
        node
        for b in report.blocks
        if isinstance(b, Table)
        for row in b.rows
        if isinstance(row, tuple)
        for cell in row
        for node in cell
        if isinstance(node, Math)
    ]
    assert nodes
    assert all(node.latex and node.typst for node in nodes)
