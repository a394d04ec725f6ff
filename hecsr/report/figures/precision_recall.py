"""Precision against recall of held-out probabilities, for each class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.report.figures.parity import once
from hecsr.report.figures.style import BLACK, GREY, WIDE, Look, canvas, look, one_axes
from hecsr.report.figures.words import plain
from hecsr.report.numbers import fixed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from hecsr.report.view import View

    Array = NDArray[np.float64]

# More lines of a kind cannot be told apart.
_MOST: Final = {"formula": 3, "black box": 2, "rule": 3}


def rarer(view: View) -> int:
    """Return the class with fewer rows: the one that is harder to find."""
    counts = view.result.data.target_summary
    return 0 if counts.get("0", 0.0) <= counts.get("1", 0.0) else 1


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return one panel a class, the rarer one first."""
    figure = canvas(WIDE, 118)
    first = rarer(view)
    # the average precisions differ, so that each panel has a legend of its own, below
    grid = figure.subplots(2, 2, gridspec_kw={"height_ratios": (3, 1)})
    for (ax, below), positive in zip(grid.T, (first, 1 - first), strict=True):
        precision_recall(view, positive, ax)
        below.set_axis_off()
        below.legend(*ax.get_legend_handles_labels(), loc="upper left", ncols=2,
                     columnspacing=0.8, borderaxespad=0, fontsize=6.5)  # fmt: skip
    return figure


def precision_recall(view: View, positive: int, ax: Axes | None = None) -> Axes:
    """Draw the best formulas and black boxes as steps, the best rules as points."""
    ax = one_axes(ax, 85, 92)
    share = None
    used: list[Look] = []
    for kind, most in _MOST.items():
        for competitor in view.comparable(kind)[:most]:
            own = once(view, competitor.name)
            if not len(own):
                continue
            observed, predicted = (
                own["observed"].to_numpy(),
                own["predicted"].to_numpy(),
            )
            found = observed == positive
            score = predicted if positive else 1 - predicted
            recall, precision = curve(found, score)
            style = look(kind, view.place(competitor.name))
            if kind == "black box" and style in used:
                # there are more of them than looks
                style = look(kind, view.place(competitor.name) + 1)
            used.append(style)
            # two classes as predictions give one point before the end
            if len(np.unique(predicted)) <= 2:
                ax.plot(
                    recall[:1],
                    precision[:1],
                    linestyle="none",
                    marker="^v<>"[view.place(competitor.name) % 4],
                    color=style.color,
                    markersize=6,
                    label=plain(competitor.label),
                )
                continue
            share = float(found.mean()) if share is None else share
            area = average(found, score)
            ax.plot(
                np.concatenate([[0.0], recall]),
                np.concatenate([precision[:1], precision]),
                drawstyle="steps-pre",
                color=style.color,
                linestyle=style.line,
                marker=style.marker,
                markevery=max(len(recall) // 6, 1),
                markersize=3.5,
                label=plain(f"{competitor.label} (AP {fixed(area, 2)})"),
            )
    if share is not None:
        ax.axhline(share, color=GREY, linestyle=":", linewidth=0.8)
        ax.text(0.0, share + 0.012, f"share of the class {fixed(share, 2)}",
                color=BLACK, fontsize=7)  # fmt: skip
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(-0.02, 1.02)
    ax.set_aspect("equal")
    ax.set_title(f"Positive: observed {positive}")
    ax.set_xlabel("Recall")
    ax.set_ylabel("Precision")
    return ax


def curve(found: NDArray[np.bool_], score: Array) -> tuple[Array, Array]:
    """Return recall and precision at every distinct threshold, the highest first."""
    order = np.argsort(-score, kind="stable")
    hit, value = found[order], score[order]
    last = np.append(np.flatnonzero(np.diff(value)), len(value) - 1)
    hits = np.cumsum(hit)[last]
    return hits / max(int(found.sum()), 1), hits / (last + 1)


def average(found: NDArray[np.bool_], score: Array) -> float:
    """Return the average precision: precision weighted by the recall it gains."""
    recall, precision = curve(found, score)
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))
