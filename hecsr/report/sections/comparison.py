"""Every competitor on identical held-out rows, scheme by scheme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecsr.report.model import (
    Block,
    Bold,
    Column,
    Figure,
    Group,
    Heading,
    Inline,
    List,
    Paragraph,
    Ref,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import count, fixed
from hecsr.report.sections import left_out
from hecsr.report.sections.overview import NOTE, overview
from hecsr.report.units import unit_head
from hecsr.report.view import DAGGER, KINDS, View
from hecsr.sentences import all_of

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.result import Scheme

# Of R2 the value on all held-out rows together says more than a mean over folds. Not
# of AUC: the folds' models do not share one scale of probability.
POOLED = ("r2",)


def blocks(view: View) -> list[Block]:
    """Return the comparison."""
    figure = Figure(
        stem="comparison",
        drawing="comparison",
        caption=rich(
            f"Held-out {view.primary.label} of every competitor ({view.main.label}): "
            "mean (symbol) and single folds (small dots)."
        ),
        alt=f"Dot plot of the held-out {view.primary.label} of every competitor, "
        "grouped by kind, with the single folds.",
    )
    found: list[Block] = [
        Heading(1, "Comparison"),
        Paragraph(
            rich(
                "All competitors are fitted to the same training rows and scored on "
                "the same held-out rows; whatever learns from data learns inside the "
                "fold. The errors belong to these procedures; a formula refitted on "
                "all rows carries none of its own."
            )
        ),
    ]
    verdict = view.result.verdict
    if verdict.paragraph and verdict.sentences:
        found.append(List(tuple(rich(s) for s in verdict.sentences)))
    found += _under_all(view)
    for scheme in view.result.schemes:
        found += [Heading(2, scheme.label), Paragraph(_asked(view, scheme))]
        found.append(_table(view, scheme))
        if scheme is view.main:
            found.append(figure)
        found += _uncertain(view, scheme)
        found += left_out.blocks(view, scheme)
    return found + left_out.of_parts(view)


def _under_all(view: View) -> list[Block]:
    """Lead into the section with one table of all competitors under all schemes."""
    tables = overview(view)
    said = rich(
        Ref(tables[0].label),
        " has every competitor under every scheme, ",
        Ref("tab:competitors"),
        " says what each of them is. ",
        _found_here(view),
    )
    return [Paragraph(said), *tables]


def _found_here(view: View) -> str:
    """Name the rules that were found on the labels on which they are scored."""
    names = [f"“{c.label}”" for c in view.found_here]
    if not names:
        return ""
    listed = all_of(names)
    one = len(names) == 1
    return (
        f"A dagger ({DAGGER}) marks {'the rule' if one else 'the rules'} {listed}, "
        f"which {'was' if one else 'were'} found on these labels: a thing to compare "
        "with, whose error is that of a choice already made and looks better than it "
        "would on other rows."
    )


def _asked(view: View, scheme: Scheme) -> Rich:
    described = scheme.description.rstrip(".")
    times = f", repeated {scheme.n_repeats} times" if scheme.n_repeats > 1 else ""
    meanings = "; ".join(
        f"{m.label}, {m.meaning}" for m in view.metrics(scheme.name) if m.meaning
    )
    splits = f"{scheme.n_splits} split{'' if scheme.n_splits == 1 else 's'}"
    text = f"{described[:1].upper()}{described[1:]} ({splits}{times}). "
    return rich(text, f"Metrics: {meanings}." if scheme is view.main else "")


def _heads(view: View, scheme: Scheme) -> list[Column]:
    heads = []
    for one in view.metrics(scheme.name):
        shown = unit_head(view.unit_of(one))
        heads.append(Column(rich(one.head), shown, "right"))
        if one.key in POOLED:
            heads.append(Column(rich(f"{one.head}, pooled"), (), "right"))
    return heads


def _table(view: View, scheme: Scheme) -> Table:
    metrics = view.metrics(scheme.name)
    rows: list[tuple[Rich, ...] | Group] = []
    leaders = {m.key: _leader(view, scheme, m.key) for m in metrics}
    for kind, title in KINDS.items():
        if kind == "front":
            continue  # they have a table of their own
        own = [c for c in view.result.competitors if c.kind == kind]
        own = [c for c in own if view.score(c.name, scheme=scheme.name).folds]
        if own:
            rows.append(Group(title))
        for competitor in own:
            cells: list[Rich] = [rich(view.marked(competitor))]
            n = 0
            for one in metrics:
                score = view.score(competitor.name, one.key, scheme.name)
                n = max(n, score.n)
                shown = view.written(score, one)
                first = leaders[one.key] == competitor.name
                cell: Inline | str = Bold(shown) if first else shown
                cells.append(rich(cell))
                if one.key in POOLED:
                    cells.append(rich(view.written_pooled(score, one)))
            rows.append((*cells, rich(count(n))))
    columns = (
        Column(rich("Model"), stretch=1),
        *_heads(view, scheme),
        Column(rich("n"), align="right"),
    )
    caption = rich(
        f"{scheme.label}: mean ± standard deviation over the folds; the best mean of "
        "each metric in bold. ",
        "Pooled: all held-out rows of a repeat together, mean over the repeats. "
        if view.result.data.task == "regression"
        else "",
        "n: held-out predictions in one repeat; where it is smaller, the model says "
        "nothing of the other rows, and its score is not comparable.",
        f" {DAGGER}: {NOTE}." if view.found_here else "",
    )
    label = f"tab:comparison-{scheme.name}"
    return Table(columns, tuple(rows), caption, label, small=True)


def _uncertain(view: View, scheme: Scheme) -> list[Block]:
    """Return the primary score of each competitor with its interval.

    Differences between competitors have a section of their own.
    """
    result, one = view.result, view.primary
    if result.intervals is None:
        return []
    scores = _by_name(result.intervals, scheme, one.key)
    plain = _by_name(result.intervals, scheme, "accuracy")
    rows: list[tuple[Rich, ...] | Group] = []
    for kind, title in KINDS.items():
        if kind == "front":
            continue
        own = [c for c in result.competitors if c.kind == kind and c.name in scores]
        if own:
            rows.append(Group(title))
        for competitor in own:
            score = scores[competitor.name]
            rows.append(
                (
                    rich(view.marked(competitor)),
                    rich(_value(view, score)),
                    rich(_ends(view, score)),
                    *_accuracy(view, plain, competitor.name),
                    rich(count(score["n"])),
                )
            )
    if not rows:
        return []
    unit = unit_head(view.unit_of(one))
    columns = (
        Column(rich("Model"), stretch=1),
        Column(rich(one.head), unit, "right"),
        Column(rich("95 % interval"), unit, "right"),
        *([Column(rich("Accuracy, 95 % interval"), (), "right")] if plain else []),
        Column(rich("n"), align="right"),
    )
    label = f"tab:intervals-{scheme.name}"
    caption = rich(
        f"{scheme.label}: {one.label} of all held-out rows together, each row's score "
        "averaged over the times it was held out and predicted; n: rows. "
        "Intervals by bootstrap over the groups of rows, the same draws for all: they "
        "hold the scatter of the rows, not that of other training sets.",
        f" {DAGGER}: {NOTE}." if view.found_here else "",
    )
    return [Table(columns, tuple(rows), caption, label, small=True)]


def _accuracy(view: View, scores: dict[str, Any], name: str) -> tuple[Rich, ...]:
    """Return the plain accuracy with its interval, where classes are told."""
    if not scores:
        return ()
    row = scores[name]
    return (rich(f"{_value(view, row)} ({_ends(view, row)})"),)


def _by_name(frame: pd.DataFrame, scheme: Scheme, key: str) -> dict[str, Any]:
    own = frame[(frame["scheme"] == scheme.name) & (frame["metric"] == key)]
    return {str(row["competitor"]): row for row in own.to_dict("records")}


def _value(view: View, row: Any) -> str:
    return fixed(row["value"], view.decimals(view.primary))


def _ends(view: View, row: Any) -> str:
    decimals = view.decimals(view.primary)
    return f"{fixed(row['low'], decimals)} to {fixed(row['high'], decimals)}"


def _leader(view: View, scheme: Scheme, key: str) -> str:
    ranked = view.comparable(
        "formula", "black box", "rule", "baseline", scheme=scheme.name, key=key
    )
    return ranked[0].name if ranked else ""
