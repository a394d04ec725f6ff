"""Training and held-out error against the size that formulas may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecsr.errors import HecsrError
from hecsr.report.figures.style import BLACK, WIDE, canvas, look, one_axes
from hecsr.report.figures.words import plain, with_unit
from hecsr.report.learning import error_name, unit_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return a panel for each engine."""
    found = view.result.learning
    if found is None:
        raise HecsrError("no learning curves were computed")
    named = set(found.fronts["competitor"])
    engines = [c for c in found.competitors if c.name in named]
    figure = canvas(WIDE, 66)
    grid = figure.subplots(1, len(engines), squeeze=False, sharey=True)[0]
    for ax, engine in zip(grid, engines, strict=True):
        own = found.fronts[found.fronts["competitor"] == engine.name]
        style = look(engine.kind, view.place(engine.name))
        overfitting(own, ax, color=style.color)
        ax.set_title(plain(engine.label))
        word = "Terms" if engine.limit_by == "terms" else "Operators"
        ax.set_xlabel(f"{word} allowed")
    grid[0].set_ylabel(with_unit(error_name(found.metric), unit_of(view)))
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    return figure


def overfitting(
    own: pd.DataFrame, ax: Axes | None = None, *, color: str = BLACK
) -> Axes:
    """Draw both curves, means over the folds, and how often each size was chosen."""
    from matplotlib.ticker import MaxNLocator

    ax = one_axes(ax, 60, 66)
    by_limit = own.groupby("limit")
    limits = by_limit["held_out"].mean().index.to_numpy()
    for column, marker, line, face, label in (
        ("held_out", "o", "-", color, "held-out rows"),
        ("train", "s", (0, (4, 2)), "white", "training rows"),
    ):
        ax.errorbar(
            limits,
            by_limit[column].mean().to_numpy(),
            by_limit[column].std(ddof=1).to_numpy(),
            color=color,
            marker=marker,
            linestyle=line,
            markerfacecolor=face,
            capsize=2,
            elinewidth=0.7,
            label=label,
        )
    times = by_limit["chosen"].sum().to_numpy(dtype=float)
    top = max(times.max(), 1.0)
    label = "chosen by the inner folds, the wider the more often"
    for limit, count in zip(limits, times, strict=True):
        if count:
            ax.axvline(
                limit,
                color="#d0d0d0",
                linewidth=1 + 5 * count / top,
                zorder=0,
                label=label,
            )
            label = "_"
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylim(bottom=0)
    ax.grid(axis="y")
    return ax
