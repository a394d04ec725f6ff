"""Training and held-out error against the number of training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.errors import HecsrError
from hecsr.report.figures.style import BLACK, WIDE, canvas, look, one_axes
from hecsr.report.figures.words import plain, with_unit
from hecsr.report.learning import error_name, unit_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View
    from hecsr.validation.power_law import Outlook

_ACROSS: Final = 4


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return a panel for each competitor."""
    found = view.result.learning
    if found is None:
        raise HecsrError("no learning curves were computed")
    across = min(_ACROSS, len(found.competitors))
    down = -(-len(found.competitors) // across)
    figure = canvas(WIDE, 16 + 48 * down)
    grid = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    panels = grid.ravel()
    for ax, competitor in zip(panels, found.competitors, strict=False):
        own = found.curves[found.curves["competitor"] == competitor.name]
        style = look(competitor.kind, view.place(competitor.name))
        curve(own, found.outlooks.get(competitor.name), ax, color=style.color)
        ax.set_title(plain(competitor.label))
    for ax in panels[: len(found.competitors)][-across:]:
        # the lowest of its column, which need not be in the last row
        ax.tick_params(axis="x", labelbottom=True)
        ax.set_xlabel("Training rows")
    for ax in panels[len(found.competitors) :]:
        ax.set_axis_off()
    for row in grid:
        row[0].set_ylabel(with_unit(error_name(found.metric), unit_of(view)))
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    return figure


def curve(
    own: pd.DataFrame,
    said: Outlook | None,
    ax: Axes | None = None,
    *,
    color: str = BLACK,
) -> Axes:
    """Draw means and spreads over the folds, and the law up to twice the rows."""
    ax = one_axes(ax, 60, 60)
    # repeats of a fold share its held-out rows
    folds = own.groupby(["size", "fold"], as_index=False)[
        ["rows", "train", "held_out"]
    ].mean()
    by_size = folds.groupby("size")
    rows = by_size["rows"].mean().to_numpy()
    for column, marker, line, face, label in (
        ("held_out", "o", "-", color, "held-out rows"),
        ("train", "s", (0, (4, 2)), "white", "training rows"),
    ):
        ax.errorbar(
            rows,
            by_size[column].mean().to_numpy(),
            by_size[column].std(ddof=1).to_numpy(),
            color=color,
            marker=marker,
            linestyle=line,
            markerfacecolor=face,
            capsize=2,
            elinewidth=0.7,
            label=label,
        )
    if said is not None:
        n = np.geomspace(rows.min(), 2 * said.rows, 60)
        ax.plot(
            n, said.at(n), color=BLACK, linestyle=":", label="power law, extrapolated"
        )
    ax.set_ylim(bottom=0)
    ax.grid(axis="y")
    return ax
