"""Held-out errors against the distance from the training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.errors import HecsrError
from hecsr.report.applicability import hardest, of_repeat, shown
from hecsr.report.figures.hover import held_out, say
from hecsr.report.figures.style import (
    AMBER,
    BLACK,
    BLUE,
    GREY,
    WIDE,
    canvas,
    one_axes,
)
from hecsr.report.figures.words import plain, with_unit
from hecsr.report.view import in_unit

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View

_BINS: Final = 8
_FEWEST: Final = 5
_LOOKS: Final = (
    (BLUE, "o", "-", "white"),
    (AMBER, "^", (0, (5, 2)), BLACK),
)


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return a panel for the best formula and one for the best black box."""
    found = view.result.applicability
    if found is None:
        raise HecsrError("no applicability domain was computed")
    competitors = shown(view)
    schemes = [view.main, *hardest(view)]
    figure = canvas(WIDE, 74)
    grid = figure.subplots(1, len(competitors), squeeze=False, sharex=True, sharey=True)
    for ax, competitor in zip(grid[0], competitors, strict=True):
        rows = {
            s.label: of_repeat(found.places, s.name, competitor.name) for s in schemes
        }
        away(
            rows,
            ax,
            scaled=not view.classification,
            unit=in_unit(view.target_unit),
        )
        ax.set_title(plain(competitor.label))
    what = "Absolute held-out error"
    if view.classification:
        what = "Squared error of the probability"
    grid[0][0].set_ylabel(with_unit(what, view.target_unit))
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    return figure


def away(
    rows: dict[str, pd.DataFrame],
    ax: Axes | None = None,
    *,
    scaled: bool = True,
    unit: str = "",
) -> Axes:
    """Draw loss against relative distance, with medians of equally filled bins.

    Of classes, whose losses crowd at 0 and 1, the lines are means. The points are
    those of each scheme; the line of a bin stands at the median distance.
    """
    ax = one_axes(ax, 85, 74)
    for (label, of_scheme), style in zip(rows.items(), _LOOKS, strict=False):
        color, marker, line, face = style
        known = of_scheme[of_scheme["distance"].notna() & of_scheme["loss"].notna()]
        x, y = known["distance"].to_numpy(), known["loss"].to_numpy()
        dots = ax.scatter(
            x, y, s=5, marker=marker, color=color, alpha=0.35, linewidths=0, zorder=1
        )
        say(dots, held_out(known, unit))
        middle = np.median if scaled else np.mean
        bins = np.array_split(
            np.argsort(x, kind="stable"), max(1, min(_BINS, len(x) // _FEWEST))
        )
        ax.plot(
            [np.median(x[b]) for b in bins if len(b)],
            [middle(y[b]) for b in bins if len(b)],
            color=color if face == "white" else BLACK,
            marker=marker,
            markerfacecolor=face if face == "white" else color,
            linestyle=line,
            label=plain(label),
            zorder=3,
        )
    ax.axvline(1, color=GREY, linestyle=(0, (1, 1.5)))
    ax.set_xscale("log")
    ticks = [0.25, 0.35, 0.5, 0.7, 1, 1.5, 2, 3, 4, 6, 8, 12, 16]
    low, high = ax.get_xlim()
    ax.set_xticks([t for t in ticks if low <= t <= high])
    ax.set_xticks([], minor=True)
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:g}")
    ax.set_ylim(bottom=0)
    ax.set_xlabel("Distance / that which 95 % of the training rows keep within")
    return ax
