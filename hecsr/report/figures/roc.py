"""ROC curves of held-out probabilities; rules as points."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from hecsr.report.figures.parity import once
from hecsr.report.figures.style import GREY, NARROW, look, one_axes
from hecsr.report.figures.words import plain
from hecsr.report.numbers import fixed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from hecsr.report.view import View
    from hecsr.result import Competitor

    Array = NDArray[np.float64]

# More lines of a kind cannot be told apart.
_MOST = 3


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return the ROC figure."""
    figure = roc(view).get_figure()
    assert figure is not None  # axes just made belong to a figure
    return figure  # type: ignore[return-value]


def roc(view: View, ax: Axes | None = None) -> Axes:
    """Draw the best formulas and black boxes as curves, the best rules as points."""
    ax = one_axes(ax, NARROW, 92)
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=0.6, linestyle=":")
    for kind in ("formula", "black box", "rule"):
        for competitor in view.ranked(kind)[:_MOST]:
            own = once(view, competitor.name)
            if not len(own):
                continue
            x, y = curve(own["observed"].to_numpy(), own["predicted"].to_numpy())
            style = look(kind, view.place(competitor.name))
            # two classes as predictions give one point between the corners
            if len(x) <= 3:
                ax.plot(
                    x[1:-1],
                    y[1:-1],
                    linestyle="none",
                    marker="^v<>"[view.place(competitor.name) % 4],
                    color=style.color,
                    markersize=6,
                    label=plain(view.label_with_rows(competitor.name)),
                )
                continue
            ax.plot(
                x,
                y,
                color=style.color,
                linestyle=style.line,
                marker=style.marker,
                markevery=max(len(x) // 6, 1),
                markersize=3.5,
                label=plain(competitor.label + _area(view, competitor)),
            )
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(-0.02, 1.02)
    ax.set_aspect("equal")
    ax.set_xlabel("False positive rate")
    ax.set_ylabel("True positive rate")
    ax.legend(loc="lower right")
    return ax


def curve(observed: Array, predicted: Array) -> tuple[Array, Array]:
    """Return false and true positive rates at every distinct threshold."""
    order = np.argsort(-predicted, kind="stable")
    label, value = observed[order] == 1, predicted[order]
    last = np.append(np.flatnonzero(np.diff(value)), len(value) - 1)
    true = np.cumsum(label)[last] / max(int(label.sum()), 1)
    false = np.cumsum(~label)[last] / max(int((~label).sum()), 1)
    return np.concatenate([[0.0], false]), np.concatenate([[0.0], true])


def _area(view: View, competitor: Competitor) -> str:
    pooled = view.score(competitor.name, "auc").pooled
    return f" (AUC {fixed(pooled, 2)})" if math.isfinite(pooled) else ""
