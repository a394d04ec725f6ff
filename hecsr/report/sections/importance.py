"""Which descriptors the models rest on, on held-out rows; in-sample apart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hecsr.report.figures.shap_beeswarm import MOST
from hecsr.report.importances import (
    METHODS,
    OF_GROUPS,
    Importance,
    aggregate,
    members,
    ranked_families,
    ranked_groups,
    ranked_names,
)
from hecsr.report.metrics import metric
from hecsr.report.model import (
    Block,
    Column,
    Figure,
    Heading,
    Inline,
    Note,
    Pair,
    Paragraph,
    Ref,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import count, decimals_for, fixed, spread
from hecsr.report.sections import relatives

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.report.view import View
    from hecsr.result import ShapValues

_ROWS = 15
# Descriptors whose relatives are named.
_LEADING = 8
# Black boxes whose numbers are printed; those of the others are in importance.csv.
_BOXES = 2
# Models side by side in a table, and from how many on its type is small.
_ACROSS = 5
_ROOM = 4


def blocks(view: View) -> list[Block]:
    """Return the section on importance; empty where none was computed."""
    result = view.result
    if not len(result.importance) and not len(result.in_sample_importance):
        return []
    rise = metric(result.importance_metric).label
    found: list[Block] = [
        Heading(1, "Importance of the descriptors"),
        Paragraph(
            rich(
                "Each fold's own model is examined on its own held-out rows, and the "
                "folds are aggregated by descriptor. Permutation: rise of the "
                f"{rise} when a descriptor's values are shuffled; correlated ones "
                "are shuffled together as well, as groups. Drop: rise of the "
                f"{rise} when the model is refitted without it, with the tuning or the "
                "number of terms that the fold chose. SHAP: mean absolute contribution "
                "to the prediction. Relatives stand in for each "
                "other, so a small value does not mean that a property is "
                "irrelevant; families are therefore dropped as a whole too."
            )
        ),
    ]
    for name in dict.fromkeys(str(c) for c in result.importance["competitor"]):
        found += _of_competitor(view, name)
    return found + _groups(view) + _swarms(view) + _families(view) + _in_sample(view)


def _of_competitor(view: View, name: str) -> list[Block]:
    label = view.label(name)
    own = view.result.importance
    own = own[(own["competitor"] == name) & ~own["method"].isin(OF_GROUPS)]
    if not len(own):
        return []
    figure = Figure(
        stem=f"importance-{_stem(name)}",
        drawing="importance_bars",
        subject=name,
        caption=rich(
            f"{label}: importance of the descriptors on held-out rows; bars are means "
            "and lines standard deviations over the folds."
        ),
        alt=f"Bars of permutation, drop and SHAP importance of {label} by descriptor.",
    )
    found: list[Block] = [Heading(2, label), figure]
    found += relatives.pairs(view, ranked_names(aggregate(own))[:_LEADING])
    if name in _in_full(view):
        found.append(_table(view, own, f"tab:importance-{_stem(name)}", label))
    return found


def _in_full(view: View) -> set[str]:
    """Return whose numbers are printed: the formulas, and a few black boxes."""
    who = [str(c) for c in view.result.importance["competitor"].unique()]
    kind = {c: view.competitors[c].kind for c in who if c in view.competitors}
    formulas = [c for c in who if kind.get(c) != "black box"]
    boxes = [c for c in who if kind.get(c) == "black box"]
    if len(boxes) <= _BOXES:
        return {*formulas, *boxes}
    best = [c.name for c in view.ranked("black box") if c.name in boxes]
    return {*formulas, *(best or boxes)[:_BOXES]}


def _groups(view: View) -> list[Block]:
    """Set the groups of correlated descriptors beside their single members."""
    own = view.result.importance
    own = own[own["method"].isin(["permutation", "permutation-group"])]
    who = list(dict.fromkeys(str(c) for c in own["competitor"]))
    of = {c: aggregate(own[own["competitor"] == c]) for c in who}
    best: dict[str, float] = {}
    for found in of.values():
        for name in ranked_groups(found):
            if len(members(name)) > 1:
                mean = found["permutation-group", name].mean
                best[name] = max(best.get(name, -math.inf), mean)
    names = sorted(best, key=lambda name: -best[name])
    if not names:
        return []
    agreement = view.result.agreement
    above = "" if agreement is None else f" (|r| above {agreement.threshold:g})"
    rise = metric(view.result.importance_metric).label
    blocks: list[Block] = [
        Heading(2, "Groups of correlated descriptors"),
        Paragraph(
            rich(
                "A model that reads two descriptors which say the same misses "
                "neither when one is shuffled. Descriptors that are correlated on "
                f"the training rows of a fold{above}, by average linkage, are "
                "therefore shuffled together, row by row. Where a group weighs more "
                "than its members one by one, these stand in for each other."
            )
        ),
    ]
    for i, some in enumerate(_by_kind(view, who)):
        blocks.append(_group_table(view, names, some, of, rise, i))
    return blocks


def _group_table(
    view: View,
    names: list[str],
    who: list[str],
    of: dict[str, dict[tuple[str, str], Importance]],
    rise: str,
    place: int,
) -> Table:
    largest = max(
        abs(of[c].get(("permutation-group", n), Importance(0.0)).mean)
        for c in who
        for n in names
    )
    places = decimals_for(largest, 3)
    rows = []
    for name in names:
        symbols: list[str | Inline] = []
        for i, one in enumerate(members(name)):
            symbols += [", " if i else "", view.symbol(one)]
        cells = [rich(*symbols)]
        for c in who:
            found = of[c].get(("permutation-group", name), Importance())
            alone = sum(
                of[c].get(("permutation", n), Importance(0.0)).mean
                for n in members(name)
            )
            text = f"{fixed(found.mean, places)} ({fixed(alone, places)})"
            cells.append(rich(text if found.folds else "–"))
        rows.append(tuple(cells))
    columns = (
        Column(rich("Group"), stretch=1),
        *(Column(rich(view.label(c)), align="right") for c in who),
    )
    caption = rich(
        f"Rise of the held-out {rise} when a group of correlated descriptors is "
        "shuffled together, mean over the folds where it is a group; in brackets the "
        "sum of its members shuffled one by one."
    )
    return Table(columns, tuple(rows), caption, f"tab:groups-{place + 1}", small=True)


def _by_kind(view: View, who: list[str]) -> list[list[str]]:
    """Return formulas and black boxes apart where one table would be too wide."""
    if len(who) <= _ACROSS:
        return [who]
    boxes = [
        c
        for c in who
        if c in view.competitors and view.competitors[c].kind != "formula"
    ]
    formulas = [c for c in who if c not in boxes]
    found = []
    for some in (formulas, boxes):
        found += [some[i : i + _ACROSS] for i in range(0, len(some), _ACROSS)]
    return found


def _swarms(view: View) -> list[Block]:
    """Show the swarms two by two."""
    figures = [
        Figure(
            stem=f"shap-{_stem(one.competitor)}",
            drawing="shap_beeswarm",
            subject=one.competitor,
            caption=rich(
                f"{view.label(one.competitor)}: SHAP values of the held-out rows of "
                f"every fold, one dot each{_thinned(one)}; the shade gives the "
                "descriptor's value. "
                f"Explained: {one.explains}."
            ),
            alt=f"Swarm of SHAP values of {view.label(one.competitor)} by descriptor.",
            width=85,
        )
        for one in view.result.shap
    ]
    if not figures:
        return []
    found: list[Block] = [
        Heading(2, "SHAP values"),
        Paragraph(rich(relatives.broken(view))),
        *relatives.pairs(view, _leading_swarms(view)),
    ]
    found += [
        Pair(left, right)
        for left, right in zip(figures[::2], figures[1::2], strict=False)
    ]
    return found + ([figures[-1]] if len(figures) % 2 else [])


def _thinned(one: ShapValues) -> str:
    if one.values.notna().sum().max() <= MOST:
        return ""
    return f", at most {MOST} a descriptor, evenly spaced by SHAP value"


def _leading_swarms(view: View) -> list[str]:
    """Return the descriptors of the largest SHAP values in any of the swarms."""
    largest: dict[str, float] = {}
    for one in view.result.shap:
        mean = one.values.abs().mean()
        top = float(mean.max())
        for name, value in mean.items():
            share = float(value) / top if top > 0 else 0.0
            largest[str(name)] = max(largest.get(str(name), 0.0), share)
    used = [name for name, share in largest.items() if share > 0]
    return sorted(used, key=lambda name: -largest[name])[:_LEADING]


def _table(view: View, own: pd.DataFrame, label: str, who: str) -> Table:
    of = aggregate(own)
    names = ranked_names(of)[:_ROWS]
    methods = [m for m in METHODS if any(m == method for method, _ in of)]
    scale = {
        m: decimals_for(max(abs(v.mean) for (k, _), v in of.items() if k == m), 2)
        for m in methods
    }
    rows = []
    for name in names:
        cells: list[Rich] = [
            (view.symbol(name),),
            rich(view.descriptor(name).label or name),
        ]
        for method in methods:
            found = of.get((method, name), Importance())
            cells.append(rich(spread(found.mean, found.sd, scale[method])))
        folds = max(of[m, name].folds for m in methods if (m, name) in of)
        rows.append((*cells, rich(count(folds))))
    columns = (
        Column(rich("Symbol")),
        Column(rich("Descriptor"), stretch=1),
        *(Column(rich(METHODS[m]), align="right") for m in methods),
        Column(rich("Folds"), align="right"),
    )
    caption = rich(
        f"{who}: importance on held-out rows, mean ± standard deviation over the "
        "folds in which the descriptor took part (last column; drop and SHAP use the "
        "folds of the first repeat)",
        f"; the first {_ROWS} of {len(ranked_names(of))}."
        if len(names) == _ROWS
        else ".",
    )
    return Table(columns, tuple(rows), caption, label, small=True)


def _families(view: View) -> list[Block]:
    own = view.result.importance
    own = own[own["method"] == "drop-family"]
    if not len(own):
        return []
    who = list(dict.fromkeys(str(c) for c in own["competitor"]))
    of = {c: aggregate(own[own["competitor"] == c]) for c in who}
    names = ranked_families(of)
    largest = max(abs(v.mean) for by in of.values() for v in by.values())
    rise = metric(view.result.importance_metric).label
    figure = Figure(
        stem="family-drop",
        drawing="family_drop",
        caption=rich(
            f"Rise of the held-out {rise} when a whole family of descriptors is left "
            "out: mean, and standard deviation over the folds as lines."
        ),
        alt=f"Bars of the rise of the {rise} by family of descriptors and model.",
    )
    caption = rich(
        f"Rise of the held-out {rise} without a family of descriptors, "
        "mean ± standard deviation over the folds."
    )
    tables = []
    for i, some in enumerate(_by_kind(view, who)):
        rows = tuple(
            (
                rich(name),
                *(_cell(of[c].get(("drop-family", name)), largest) for c in some),
            )
            for name in names
        )
        columns = (
            Column(rich("Family"), stretch=1),
            *(Column(rich(view.label(c)), align="right") for c in some),
        )
        label = "tab:families" if not i else f"tab:families-{i + 1}"
        wide = len(some) > _ROOM
        tables.append(Table(columns, rows, caption, label, small=wide))
    return [
        Heading(2, "Families of descriptors"),
        Paragraph(
            rich(
                "Element fractions sum to one, and mean, deviation and range of one "
                "property say much the same: ",
                Ref(figure.label),
                " and ",
                Ref("tab:families"),
                " leave them out together.",
            )
        ),
        figure,
        *tables,
    ]


def _cell(found: Importance | None, largest: float) -> Rich:
    if found is None:
        return rich("–")
    return rich(spread(found.mean, found.sd, decimals_for(largest, 2)))


def _in_sample(view: View) -> list[Block]:
    own = view.result.in_sample_importance
    if not len(own):
        return []
    who = list(dict.fromkeys(str(c) for c in own["competitor"]))
    methods = [m for m in METHODS if (own["method"] == m).any()]
    beside = relatives.known(view)
    rows = []
    for competitor in who:
        of = aggregate(own[own["competitor"] == competitor])
        for name in ranked_names(of):
            cells = [rich(view.label(competitor)), (view.symbol(name),)]
            for method in methods:
                found = of.get((method, name), Importance())
                cells.append(rich(fixed(found.mean, decimals_for(found.mean, 3))))
            if beside:
                cells.append(relatives.outside(view, [name]))
            rows.append(tuple(cells))
    columns = (
        Column(rich("Formula"), stretch=1),
        Column(rich("Symbol")),
        *(Column(rich(METHODS[m]), align="right") for m in methods),
        *([Column(rich("Correlated with"), rich("r"), stretch=1)] if beside else []),
    )
    caption = rich(
        "In-sample importance in the formula fitted to all rows.",
        " Descriptors that a descriptor is correlated with could stand in its place: "
        "a value is that of the formula, not of the property."
        if beside
        else "",
    )
    return [
        Heading(2, "The final formula, in-sample"),
        Note(
            "In-sample",
            rich(
                "These values describe how the printed formula uses its variables on "
                "the rows that it was fitted to; they do not estimate what holds for "
                "new rows."
            ),
        ),
        Table(columns, tuple(rows), caption, "tab:in-sample"),
    ]


def _stem(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in name)
