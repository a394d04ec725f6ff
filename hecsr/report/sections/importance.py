"""Which descriptors the models rest on, on held-out rows; in-sample apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecsr.report.importances import (
    METHODS,
    Importance,
    aggregate,
    ranked_families,
    ranked_names,
)
from hecsr.report.metrics import metric
from hecsr.report.model import (
    Block,
    Column,
    Figure,
    Heading,
    Note,
    Pair,
    Paragraph,
    Ref,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import count, decimals_for, fixed, spread

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.report.view import View

_ROWS = 15


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
                f"{rise} when a descriptor's values are shuffled. Drop: rise of the "
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
    return found + _swarms(view) + _families(view) + _in_sample(view)


def _of_competitor(view: View, name: str) -> list[Block]:
    label = view.label(name)
    own = view.result.importance
    own = own[(own["competitor"] == name) & (own["method"] != "drop-family")]
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
    found: list[Block] = [Heading(2, label)]
    found += [figure, _table(view, own, f"tab:importance-{_stem(name)}", label)]
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
                "every fold, one dot each; the shade gives the descriptor's value. "
                f"Explained: {one.explains}."
            ),
            alt=f"Swarm of SHAP values of {view.label(one.competitor)} by descriptor.",
            width=85,
        )
        for one in view.result.shap
    ]
    if not figures:
        return []
    found: list[Block] = [Heading(2, "SHAP values")]
    found += [
        Pair(left, right)
        for left, right in zip(figures[::2], figures[1::2], strict=False)
    ]
    return found + ([figures[-1]] if len(figures) % 2 else [])


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
    rows = tuple(
        (
            rich(name),
            *(_cell(of[c].get(("drop-family", name)), largest) for c in who),
        )
        for name in names
    )
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
    columns = (
        Column(rich("Family"), stretch=1),
        *(Column(rich(view.label(c)), align="right") for c in who),
    )
    caption = rich(
        f"Rise of the held-out {rise} without a family of descriptors, "
        "mean ± standard deviation over the folds."
    )
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
        Table(columns, rows, caption, "tab:families"),
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
    rows = []
    for competitor in who:
        of = aggregate(own[own["competitor"] == competitor])
        for name in ranked_names(of):
            cells = [rich(view.label(competitor)), (view.symbol(name),)]
            for method in methods:
                found = of.get((method, name), Importance())
                cells.append(rich(fixed(found.mean, decimals_for(found.mean, 3))))
            rows.append(tuple(cells))
    columns = (
        Column(rich("Formula"), stretch=1),
        Column(rich("Symbol")),
        *(Column(rich(METHODS[m]), align="right") for m in methods),
    )
    caption = rich("In-sample importance in the formula fitted to all rows.")
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
