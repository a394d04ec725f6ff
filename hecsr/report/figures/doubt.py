"""The score with doubtful labels turned over, case by case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecsr.report.figures.style import BLUE, GREY, ORANGE, WIDE, one_axes
from hecsr.report.figures.words import plain
from hecsr.report.sections.doubt import case_words, spread_before

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return the dot plot of all cases."""
    frame = view.result.doubt
    lines = 0 if frame is None else len(frame)
    ax = doubt(view, one_axes(None, WIDE, 24 + 5 * lines))
    figure = ax.get_figure()
    assert figure is not None  # axes just made belong to a figure
    return figure  # type: ignore[return-value]


def doubt(view: View, ax: Axes | None = None) -> Axes:
    """Draw one line a case: all rows, and the rows that are not turned over."""
    ax = one_axes(ax, WIDE, 70)
    frame = view.result.doubt
    if frame is None or not len(frame):
        return ax
    before, *cases = frame.to_dict("records")
    band = spread_before(view)
    if band is not None:
        ax.axvspan(*band, color=GREY, alpha=0.15, linewidth=0, label="all repeats")
    ax.axvline(before["score"], color=GREY, linewidth=0.8, label="labels as they are")
    for y in range(len(cases)):
        ax.axhline(y, color="#e6e6e6", linewidth=0.5, zorder=0)
    marks = (
        ("score", "all rows", BLUE, "o", BLUE),
        ("score_others", "rows not turned over", ORANGE, "s", "none"),
    )
    for key, label, color, marker, face in marks:
        ax.plot(
            [case[key] for case in cases],
            range(len(cases)),
            linestyle="none",
            marker=marker,
            color=color,
            markerfacecolor=face,
            markersize=4.5,
            label=label,
        )
    ax.set_yticks(range(len(cases)), [plain(case_words(case)) for case in cases])
    ax.set_ylim(len(cases) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("Held-out balanced accuracy")
    figure = ax.get_figure()
    if figure is not None:
        figure.legend(loc="outside upper center", ncols=4)
    return ax
