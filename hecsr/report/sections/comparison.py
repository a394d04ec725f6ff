"""Every competitor on identical held-out rows, scheme by scheme."""

from __future__ import annotations

import math
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
from hecsr.report.numbers import count, fixed, spread
from hecsr.report.units import unit_head, unit_text
from hecsr.report.view import KINDS, View

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
    for scheme in view.result.schemes:
        found += [Heading(2, scheme.label), Paragraph(_asked(view, scheme))]
        found.append(_table(view, scheme))
        if scheme is view.main:
            found.append(figure)
        found += _uncertain(view, scheme)
        found += _left_out(view, scheme)
    return found + _parts(view)


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
            cells: list[Rich] = [rich(competitor.label)]
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
        own = [c for c in result.competitors if c.kind == kind and c.name in scores]
        if own:
            rows.append(Group(title))
        for competitor in own:
            score = scores[competitor.name]
            rows.append(
                (
                    rich(competitor.label),
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
        "averaged over the repeats. "
        "Intervals by bootstrap over the groups of rows, the same draws for all: they "
        "hold the scatter of the rows, not that of other training sets."
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


def left_out(view: View, scheme: Scheme) -> tuple[str, ...]:
    """Return what was left out, one name a fold; empty for an ordinary k-fold."""
    scores = view.result.scores
    if "fold_label" not in scores:
        return ()
    own = scores[(scores["scheme"] == scheme.name) & (scores["fold"] >= 0)]
    names = [str(v) for v in own["fold_label"].dropna() if str(v)]
    # a single part stands in the table, and folds that are only numbered mean nothing
    if len(set(names)) < 2 or all(name.isdigit() for name in names):
        return ()
    return tuple(dict.fromkeys(names))


def _left_out(view: View, scheme: Scheme) -> list[Block]:
    names = left_out(view, scheme)
    if not names:
        return []
    one = view.primary
    own = view.result.scores
    own = own[
        (own["scheme"] == scheme.name) & (own["fold"] >= 0) & (own["metric"] == one.key)
    ]
    rows: list[tuple[Rich, ...]] = []
    for name in names:
        here = own[own["fold_label"] == name]
        cells = [rich(name), rich(count(float(here["n"].max())))]
        for competitor in view.shown:
            values = here.loc[here["competitor"] == competitor.name, "value"]
            mean = float(values.mean()) if len(values) else math.nan
            cells.append(rich(spread(mean, math.nan, view.decimals(one))))
        rows.append(tuple(cells))
    unit = unit_text(view.unit_of(one))
    in_brackets = f" ({unit})" if unit else ""
    columns = (
        Column(rich("Left out")),
        Column(rich("Rows"), align="right"),
        *(Column(rich(c.label), (), "right") for c in view.shown),
    )
    label = f"tab:left-out-{scheme.name}"
    caption = rich(
        f"{scheme.label}: {one.label}{in_brackets} on the rows of what was left out "
        "of the fit."
    )
    figure = Figure(
        stem=f"left-out-{scheme.name}",
        drawing="leave_one_out",
        subject=scheme.name,
        caption=rich(
            f"{scheme.label}: {one.label} on the rows left out, with their number "
            "in brackets."
        ),
        alt=f"{one.label} for each part left out, for the formula procedures, the "
        "best black box and the baseline.",
    )
    lead = Paragraph(
        rich(Ref(figure.label), " and ", Ref(label), " show each of them by itself.")
    )
    return [lead, figure, Table(columns, tuple(rows), caption, label)]


def _parts(view: View) -> list[Block]:
    frame = view.result.sub_scores
    if not len(frame):
        return []
    keys = list(dict.fromkeys(str(m) for m in frame["metric"]))
    metrics = [m for m in view.metrics() if m.key in keys]
    rows: list[tuple[Rich, ...] | Group] = []
    for part, own in frame.groupby("part", sort=False):
        rows.append(Group(str(part)))
        for name in dict.fromkeys(own["competitor"]):
            if name in view.competitors and view.competitors[name].kind == "front":
                continue
            here = own[own["competitor"] == name]
            cells = [rich(view.label(str(name)))]
            for one in metrics:
                line = here[here["metric"] == one.key]
                value, sd = (
                    (float(line["value"].iloc[0]), float(line["sd"].iloc[0]))
                    if len(line)
                    else (math.nan, math.nan)
                )
                cells.append(rich(spread(value, sd, view.decimals(one))))
            rows.append((*cells, rich(count(float(here["n"].max())))))
    heads = [
        Column(
            rich(m.head),
            unit_head(view.unit_of(m)),
            "right",
        )
        for m in metrics
    ]
    columns = (
        Column(rich("Model"), stretch=1),
        *heads,
        Column(rich("n"), align="right"),
    )
    caption = rich(
        f"Held-out scores on parts of the rows ({view.main.label}; trained on all "
        "training rows): all held-out rows of the part together, mean ± standard "
        "deviation over the repeats."
    )
    return [
        Heading(2, "Parts of the data"),
        Table(columns, tuple(rows), caption, "tab:parts", small=True),
    ]
