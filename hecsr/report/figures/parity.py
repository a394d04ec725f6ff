"""Observed values against held-out predictions, with residuals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.report.figures.hover import held_out, say
from hecsr.report.figures.style import (
    BLACK,
    GREY,
    WIDE,
    Look,
    canvas,
    look,
    one_axes,
)
from hecsr.report.figures.words import of_target, plain, with_unit
from hecsr.report.numbers import fixed, significant
from hecsr.report.view import in_unit

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View
    from hecsr.result import Competitor

_SMALL: Final = 7.5
_BOUNDS: Final[dict[str, Any]] = {
    "color": BLACK,
    "linewidth": 0.7,
    "linestyle": (0, (4, 2)),
}


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return one panel, with its residuals below, for each model shown."""
    shown = [c for c in view.shown if c.kind != "baseline"]
    figure = canvas(WIDE, 96 if len(shown) > 2 else 112)
    panels = figure.subplots(
        2,
        len(shown),
        squeeze=False,
        sharex=True,
        sharey="row",
        gridspec_kw={"height_ratios": (2.6, 1)},
    )
    for column, competitor in enumerate(shown):
        top, bottom = panels[0, column], panels[1, column]
        parity(view, competitor, top)
        residuals(view, competitor, bottom)
        if column:
            top.set_ylabel("")
            bottom.set_ylabel("")
    figure.align_ylabels()
    return figure


def once(view: View, name: str) -> pd.DataFrame:
    """Return a competitor's held-out predictions of the first repeat."""
    frame = view.result.predictions
    own = frame[(frame["scheme"] == view.main.name) & (frame["competitor"] == name)]
    first = own[own["repeat"] == own["repeat"].min()]
    there: pd.DataFrame = first.dropna(subset=["predicted"])
    return there


def interval(view: View, competitor: Competitor) -> tuple[float, float] | None:
    """Return level and half width of the interval of a procedure's formula, if any."""
    if competitor.kind != "formula":
        return None
    for one in view.chosen:
        if one.engine == competitor.engine and one.formula.interval is not None:
            return one.formula.interval.level, one.formula.interval.half_width
    return None


def parity(view: View, competitor: Competitor, ax: Axes | None = None) -> Axes:
    """Draw observed against predicted; the scores stand above, on no point."""
    ax = one_axes(ax, 85, 80)
    own = once(view, competitor.name)
    observed, predicted = own["observed"].to_numpy(), own["predicted"].to_numpy()
    style = look(competitor.kind, view.place(competitor.name))
    words = held_out(own, in_unit(view.target_unit))
    _dots(ax, observed, predicted, style, words)
    low = np.nanmin(observed)
    ax.axline((low, low), slope=1, color=BLACK, linewidth=0.7)
    bounds = interval(view, competitor)
    if bounds is not None:
        level, half = bounds
        for sign in (-1, 1):
            line = ax.axline((low, low + sign * half), slope=1, **_BOUNDS)
        line.set_label(f"{fixed(100 * level, 0)} % interval, ±{significant(half, 2)}")
        ax.legend(handles=[line], loc="lower right", handlelength=2.4)
    ax.margins(x=0.04)  # of the rows of all panels, which share the axis
    lines = []
    for one in view.metrics()[:3]:
        score = view.score(competitor.name, one.key)
        lines.append(f"{one.label} {view.written(score, one)}")
    ax.annotate(
        plain("\n".join(lines)),
        (0, 1),
        xytext=(0, 3),
        xycoords="axes fraction",
        textcoords="offset points",
        va="bottom",
        fontsize=_SMALL,
    )
    ax.set_title(plain(competitor.label), pad=5 + 1.5 * _SMALL * len(lines))
    ax.set_ylabel(of_target(view, "Predicted"))
    return ax


def residuals(view: View, competitor: Competitor, ax: Axes | None = None) -> Axes:
    """Draw predicted minus observed against observed."""
    ax = one_axes(ax, 85, 40)
    own = once(view, competitor.name)
    observed, predicted = own["observed"].to_numpy(), own["predicted"].to_numpy()
    style = look(competitor.kind, view.place(competitor.name))
    words = held_out(own, in_unit(view.target_unit))
    _dots(ax, observed, predicted - observed, style, words)
    ax.axhline(0, color=GREY, linewidth=0.7)
    bounds = interval(view, competitor)
    if bounds is not None:
        for side in (-bounds[1], bounds[1]):
            ax.axhline(side, **_BOUNDS)
    ax.set_xlabel(of_target(view, "Observed"))
    ax.set_ylabel(with_unit("Residual", view.target_unit))
    return ax


def _dots(
    ax: Axes, x: np.ndarray, y: np.ndarray, style: Look, words: list[str]
) -> None:
    """Draw dots that stay readable when there are hundreds."""
    many = len(x) > 150
    (dots,) = ax.plot(
        x,
        y,
        linestyle="none",
        marker=style.marker,
        markersize=2.2 if many else 3.2,
        markerfacecolor=style.color,
        markeredgecolor="white",
        markeredgewidth=0.2,
        alpha=0.65 if many else 0.85,
    )
    say(dots, words)
