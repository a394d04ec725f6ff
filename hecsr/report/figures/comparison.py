"""The primary metric of every competitor, with the single folds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hecsr.report.figures.style import WIDE, look, one_axes
from hecsr.report.figures.words import of_metric, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View

_TITLES: Final = {
    "formula": "Formulas",
    "black box": "Black boxes",
    "rule": "Trivial rules",
    "baseline": "Baselines",
}


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return the dot plot."""
    lines = len(view.ranked(*_TITLES)) + len(_TITLES)
    ax = comparison(view, one_axes(None, WIDE, 16 + 4.3 * lines))
    figure = ax.get_figure()
    assert figure is not None  # axes just made belong to a figure
    return figure  # type: ignore[return-value]


def comparison(view: View, ax: Axes | None = None) -> Axes:
    """Draw one line a competitor, grouped by kind, the best of a kind on top."""
    ax = one_axes(ax, WIDE, 90)
    frame = view.result.scores
    own = frame[
        (frame["scheme"] == view.main.name)
        & (frame["metric"] == view.primary.key)
        & (frame["fold"] >= 0)
    ]
    y, ticks, names = 0.0, [], []
    for kind, title in _TITLES.items():
        ranked = view.ranked(kind)
        if not ranked:
            continue
        ticks.append(y)
        names.append(title)
        y += 1
        style = look(kind)
        for competitor in ranked:
            values = own.loc[own["competitor"] == competitor.name, "value"].dropna()
            score = view.score(competitor.name)
            ax.axhline(y, color="#e6e6e6", linewidth=0.5, zorder=0)
            ax.plot(values, [y] * len(values), ".", color=style.color, ms=3, alpha=0.45)
            ax.plot(
                score.mean,
                y,
                marker=style.marker,
                markersize=5.5,
                color=style.color,
                linestyle="none",
            )
            ticks.append(y)
            names.append(plain(view.label_with_rows(competitor.name)))
            y += 1
    best = view.best("formula")
    if best is not None:
        ax.axvline(
            view.score(best.name).mean, color=look("formula").color, linewidth=0.6
        )
    ax.set_yticks(ticks, names)
    for label in ax.get_yticklabels():
        if label.get_text() in _TITLES.values():
            label.set_fontstyle("italic")
    ax.set_ylim(y - 0.3, -0.7)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(of_metric(view, view.primary))
    return ax
