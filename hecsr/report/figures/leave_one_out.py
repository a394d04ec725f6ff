"""The error on what was left out: element by element, source by source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.report.figures.style import WIDE, look, one_axes
from hecsr.report.figures.words import of_metric, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View


def draw(view: View, subject: str) -> Figure:
    """Return the figure of one leave-one-out scheme."""
    ax = leave_one_out(view, subject, one_axes(None, WIDE, 70))
    figure = ax.get_figure()
    assert figure is not None  # axes just made belong to a figure
    return figure  # type: ignore[return-value]


def leave_one_out(view: View, scheme: str, ax: Axes | None = None) -> Axes:
    """Draw the primary metric of each part left out, hardest for the formula first."""
    ax = one_axes(ax, WIDE, 70)
    one = view.primary
    frame = view.result.scores
    own = frame[
        (frame["scheme"] == scheme)
        & (frame["metric"] == one.key)
        & (frame["fold"] >= 0)
    ]
    table = own.pivot_table(index="fold_label", columns="competitor", values="value")
    rows = own.groupby("fold_label")["n"].max()
    shown = [c for c in view.shown if c.name in table.columns]
    if shown:
        table = table.sort_values(
            shown[0].name, ascending=one.more_is_better, kind="stable"
        )
    place = np.arange(len(table))
    for i, competitor in enumerate(shown):
        style = look(competitor.kind, view.place(competitor.name))
        shift = 0.16 * (i - (len(shown) - 1) / 2)
        ax.plot(
            place + shift,
            table[competitor.name].to_numpy(),
            linestyle="none",
            marker=style.marker,
            color=style.color,
            markersize=4.5,
            label=plain(competitor.label),
        )
    for x in place[:-1]:
        ax.axvline(x + 0.5, color="#e6e6e6", linewidth=0.5, zorder=0)
    names = [f"{label} ({int(rows[label])})" for label in table.index.astype(str)]
    # about this many letters fit side by side
    long = sum(max(map(len, names)) + 2 for _ in names) > 130
    ax.set_xticks(
        place,
        [plain(n) for n in names],
        rotation=90 if long else 0,
        ha="center",
    )
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(-0.6, len(table) - 0.4)
    ax.set_ylabel(of_metric(view, one))
    ax.grid(axis="y")
    figure = ax.get_figure()
    if figure is not None:
        figure.legend(loc="outside upper center", ncols=len(shown))
    return ax
