"""Reliability: how often what is called probable is true, on held-out rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.report.figures.style import GREY, NARROW, look, one_axes
from hecsr.report.figures.words import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from hecsr.report.view import View

    Array = NDArray[np.float64]

BINS = 5
_Z = 1.959963984540054


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return the reliability diagram of the best formula and black box."""
    figure = reliability(view).get_figure()
    assert figure is not None  # axes just made belong to a figure
    return figure  # type: ignore[return-value]


def reliability(view: View, ax: Axes | None = None) -> Axes:
    """Draw the observed share against the mean probability of equal parts."""
    ax = one_axes(ax, NARROW, 84)
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=0.6, linestyle=":")
    best = [view.best("formula"), view.best("black box")]
    for i, competitor in enumerate(c for c in best if c is not None):
        own = view.result.predictions
        own = own[
            (own["scheme"] == view.main.name) & (own["competitor"] == competitor.name)
        ].dropna(subset=["predicted"])
        # a row's probability is its mean over the repeats: rows count once
        rows = own.groupby("sample")[["observed", "predicted"]].mean()
        p, share, low, high = parts(
            rows["observed"].to_numpy(), rows["predicted"].to_numpy()
        )
        style = look(competitor.kind, view.place(competitor.name))
        ax.errorbar(
            p + 0.006 * (2 * i - 1),
            share,
            [np.maximum(share - low, 0), np.maximum(high - share, 0)],
            color=style.color,
            marker=style.marker,
            linestyle=style.line,
            capsize=2,
            elinewidth=0.7,
            label=plain(competitor.label),
        )
    ax.set_xlim(-0.03, 1.03)
    ax.set_ylim(-0.03, 1.03)
    ax.set_aspect("equal")
    ax.set_xlabel("Mean held-out probability")
    ax.set_ylabel("Observed share")
    ax.legend(loc="upper left")
    return ax


def parts(
    observed: Array, predicted: Array, bins: int = BINS
) -> tuple[Array, Array, Array, Array]:
    """Return mean probability and observed share of equal parts, with 95 % bounds.

    Bounds are Wilson's (J. Am. Stat. Assoc. 22, 209 (1927),
    10.1080/01621459.1927.10502953). Rows of equal probability are not parted.
    """
    edges = np.quantile(predicted, np.linspace(0, 1, bins + 1)[1:-1])
    code = np.searchsorted(np.unique(edges), predicted, side="left")
    found = []
    for one in np.unique(code):
        inside = code == one
        n, share = int(inside.sum()), float(observed[inside].mean())
        found.append((float(predicted[inside].mean()), share, *wilson(share, n)))
    p, share_of, low, high = np.array(found).T
    return p, share_of, low, high


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % bounds of a share among n rows."""
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    reach = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    reach = float(reach / (1 + _Z**2 / n))
    return centre - reach, centre + reach
