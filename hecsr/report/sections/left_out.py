"""Scores on what was left out, part by part, and on parts of the rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hecsr.report.figures.reliability import wilson
from hecsr.report.metrics import metric
from hecsr.report.model import (
    Block,
    Column,
    Figure,
    Group,
    Heading,
    Paragraph,
    Ref,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import NONE, count, ends, fixed, spread
from hecsr.report.sections.overview import NOTE, parts_of
from hecsr.report.units import unit_head, unit_text
from hecsr.report.view import DAGGER, View

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.report.metrics import Metric
    from hecsr.result import Scheme

_ACCURACY = "accuracy"
_WILSON = "Wilson's 95 % interval, which takes the rows as independent"


def blocks(view: View, scheme: Scheme) -> list[Block]:
    """Show each part left out by itself; nothing for an ordinary k-fold."""
    names = parts_of(view, scheme)
    if not names:
        return []
    one = view.primary
    own = view.result.scores
    own = own[(own["scheme"] == scheme.name) & (own["fold"] >= 0)]
    metrics = [one]
    if one.key != _ACCURACY and (own["metric"] == _ACCURACY).any():
        metrics.append(metric(_ACCURACY))
    shown = view.beside(scheme.name)
    rows: list[tuple[Rich, ...]] = []
    for name in names:
        part = own[own["fold_label"] == name]
        n = rich(count(float(part["n"].max())))
        for each in metrics:
            here = part[part["metric"] == each.key]
            cells = [
                rich(_on_part(view, here[here["competitor"] == c.name], each))
                for c in shown
            ]
            words = (rich(each.head),) if len(metrics) > 1 else ()
            rows.append((rich(name), n, *words, *cells))
    unit = unit_text(view.unit_of(one))
    in_brackets = f" ({unit})" if unit else ""
    told = any(m.key == _ACCURACY for m in metrics)
    columns = (
        Column(rich("Left out"), stretch=1),
        Column(rich("Rows"), align="right"),
        *([Column(rich("Metric"))] if len(metrics) > 1 else []),
        *(Column(rich(view.marked(c)), (), "right", 1) for c in shown),
    )
    label = f"tab:left-out-{scheme.name}"
    daggers = any(c in view.found_here for c in shown)
    caption = rich(
        f"{scheme.label}: {one.label}{in_brackets} on the rows of what was left out "
        "of the fit, of every formula procedure and of the black box, rule and "
        "baseline that are best under this scheme.",
        f" Behind the accuracy {_WILSON}: on few rows it is wide." if told else "",
        f" {DAGGER}: {NOTE}." if daggers else "",
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
    table = Table(columns, tuple(rows), caption, label, small=len(metrics) > 1)
    return [lead, figure, table]


def _on_part(view: View, own: pd.DataFrame, one: Metric) -> str:
    """Write the score of a competitor on a part, an accuracy with its interval."""
    known = own[own["value"].notna()]
    if not len(known):
        return NONE
    mean = float(known["value"].mean())
    if one.key != _ACCURACY:
        return fixed(mean, view.decimals(one))
    return f"{fixed(mean, 2)} ({_interval(mean, float(known['n'].max()))})"


def _interval(share: float, n: float) -> str:
    """Write Wilson's interval of a share; a dash where nothing was scored."""
    if not n > 0 or not math.isfinite(share):
        return NONE
    return ends(*wilson(share, int(n)), 2)


def of_parts(view: View) -> list[Block]:
    """Return the scores on parts of the rows; nothing where none was asked for."""
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
            known = view.competitors.get(str(name))
            cells = [rich(str(name) if known is None else view.marked(known))]
            for one in metrics:
                line = here[here["metric"] == one.key]
                value, sd = (
                    (float(line["value"].iloc[0]), float(line["sd"].iloc[0]))
                    if len(line)
                    else (math.nan, math.nan)
                )
                cells.append(rich(spread(value, sd, view.decimals(one))))
                if one.key == _ACCURACY:
                    n = float(line["n"].iloc[0]) if len(line) else 0.0
                    cells.append(rich(_interval(value, n)))
            rows.append((*cells, rich(count(float(here["n"].max())))))
    heads = []
    for m in metrics:
        heads.append(Column(rich(m.head), unit_head(view.unit_of(m)), "right"))
        if m.key == _ACCURACY:
            heads.append(Column(rich("95 %"), align="right"))
    columns = (
        Column(rich("Model"), stretch=1),
        *heads,
        Column(rich("n"), align="right"),
    )
    caption = rich(
        f"Held-out scores on parts of the rows ({view.main.label}; trained on all "
        "training rows): all held-out rows of the part together, mean ± standard "
        "deviation over the repeats.",
        f" Behind the accuracy {_WILSON}." if _ACCURACY in keys else "",
        f" {DAGGER}: {NOTE}." if view.found_here else "",
    )
    return [
        Heading(2, "Parts of the data"),
        Table(columns, tuple(rows), caption, "tab:parts", small=True),
    ]
