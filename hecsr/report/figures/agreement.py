"""What the terms of a formula add, against the SHAP values of a black box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.report.equation import term
from hecsr.report.figures.hover import compositions, sample, say
from hecsr.report.figures.style import (
    BLACK,
    BLUE,
    GREY,
    NARROW,
    WIDE,
    canvas,
    one_axes,
)
from hecsr.report.figures.thinned import evenly
from hecsr.report.figures.words import drawable, plain, with_unit
from hecsr.report.numbers import fixed, significant
from hecsr.report.view import in_unit

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.importance.agreement import Agreement
    from hecsr.importance.term_agreement import TermAgreement
    from hecsr.report.view import View

MOST: Final = 600
"""How many dots a panel has at most."""
_MOST: Final = 6
# A longer term is named by its place.
_LONG: Final = 90


def draw(view: View, subject: str) -> Figure:
    """Return one panel for each term of an engine's printed formula."""
    found = view.result.agreement
    assert found is not None
    terms = [t for t in found.terms if t.engine == subject and len(t.rows)][:_MOST]
    across = 3 if len(terms) in (3, 5, 6) else min(len(terms), 2)
    rows = -(-len(terms) // across)
    width = NARROW if across == 1 else WIDE
    figure = canvas(width, rows * (68 if across < 3 else 58))
    panels = figure.subplots(rows, across, squeeze=False, sharey=True)
    for ax in panels.flat[len(terms) :]:
        ax.set_axis_off()
    for i, (ax, one) in enumerate(zip(panels.flat, terms, strict=False)):
        term_scatter(view, found, one, ax, place=i + 1)
        if i % across:
            ax.set_ylabel("")
    return figure


def term_scatter(
    view: View,
    found: Agreement,
    one: TermAgreement,
    ax: Axes | None = None,
    *,
    place: int = 1,
) -> Axes:
    """Draw one dot a held-out row, of very many some; on the line both are equal."""
    ax = one_axes(ax, NARROW, 68)
    x, y = one.rows["contribution"].to_numpy(), one.rows["shap"].to_numpy()
    ax.axhline(0, color=GREY, linewidth=0.4, zorder=0)
    ax.axvline(0, color=GREY, linewidth=0.4, zorder=0)
    shown = evenly(x, MOST)
    dots = ax.scatter(x[shown], y[shown], s=5, c=BLUE, alpha=0.45, linewidths=0)
    say(dots, _words(view, one.rows.iloc[shown]))
    if not view.classification:
        ends = np.array([min(x.min(), y.min()), max(x.max(), y.max())])
        limits = ax.get_xlim(), ax.get_ylim()
        ax.plot(ends, ends, color=BLACK, linewidth=0.7, linestyle="--", zorder=1)
        ax.set_xlim(limits[0])
        ax.set_ylim(limits[1])
    ax.set_title(_title(view, one, place))
    ax.text(
        0.03,
        0.97,
        f"r = {fixed(one.pearson, 2)}, ρ = {fixed(one.spearman, 2)}",
        transform=ax.transAxes,
        va="top",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 1},
    )
    if view.classification:
        ax.set_xlabel("Contribution (log-odds)")
        ax.set_ylabel("SHAP, sum (probability)")
    else:
        ax.set_xlabel(with_unit("Contribution", view.target_unit))
        label = f"SHAP, {view.label(found.box).lower()}"
        ax.set_ylabel(with_unit(label, view.target_unit))
    return ax


def _words(view: View, rows: pd.DataFrame) -> list[str]:
    of = compositions(view)
    unit = in_unit(view.target_unit)
    return [
        sample(
            of.get(int(row["sample"]), f"row {row['sample']}"),
            Contribution=significant(row["contribution"], 3)
            + ("" if view.classification else unit),
            SHAP=significant(row["shap"], 3) + ("" if view.classification else unit),
        )
        for row in rows.to_dict("records")
    ]


def _title(view: View, one: TermAgreement, place: int) -> str:
    formula = next(
        f.formula for f in view.result.formulas if f.engine == one.engine and f.chosen
    )
    latex = term(formula, one.expression).latex
    shown = drawable(latex) if len(latex) <= _LONG else ""
    return shown or plain(f"Term {place}")
