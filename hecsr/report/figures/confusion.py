"""Counts of observed against predicted classes on held-out rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.report.figures.parity import once
from hecsr.report.figures.style import BLACK, NARROW, canvas, one_axes
from hecsr.report.figures.words import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View
    from hecsr.result import Competitor


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return the counts of the best formula procedure and the best black box."""
    best = [view.best("formula"), view.best("black box")]
    shown = [c for c in best if c is not None]
    figure = canvas(NARROW, 92 if len(shown) > 1 else 60)
    panels = figure.subplots(len(shown), 1, squeeze=False)[:, 0]
    for ax, competitor in zip(panels, shown, strict=True):
        confusion(view, competitor, ax)
        if ax is not panels[-1]:
            ax.set_xlabel("")
    return figure


def confusion(view: View, competitor: Competitor, ax: Axes | None = None) -> Axes:
    """Draw the two by two table of one competitor."""
    ax = one_axes(ax, NARROW, 46)
    own = once(view, competitor.name)
    observed = (own["observed"].to_numpy() == 1).astype(int)
    predicted = (own["predicted"] >= own["threshold"]).to_numpy().astype(int)
    counts = np.zeros((2, 2), dtype=int)
    np.add.at(counts, (observed, predicted), 1)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    edges = (-0.5, 0.5, 1.5)
    ax.pcolormesh(edges, edges, share, cmap="Blues", vmin=0, vmax=1.4)
    ax.set_ylim(1.5, -0.5)
    for i in range(2):
        for j in range(2):
            text = f"{counts[i, j]}\n({100 * share[i, j]:.0f} % of row)"
            color = "white" if share[i, j] > 0.75 else BLACK
            ax.text(j, i, text, ha="center", va="center", color=color)
    ax.set_xticks([0, 1], ["0", "1"])
    ax.set_yticks([0, 1], ["0", "1"])
    ax.tick_params(length=0)
    ax.set_xlabel(f"Predicted ({_class(view)})")
    ax.set_ylabel("Observed")
    ax.set_title(plain(competitor.label))
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax


def _class(view: View) -> str:
    target = view.result.data.target
    return plain(f"1: {target.label or target.name}")
