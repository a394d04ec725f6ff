"""Which descriptors the formulas of a set share, and whether its average holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.report.figures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    WIDE,
    canvas,
    one_axes,
)
from hecsr.report.figures.words import symbol

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View
    from hecsr.validation.rashomon import RashomonSet

_TOP: Final = 12
_KINDS: Final = {
    "average": ("average over the set", BLUE, "o", "-"),
    "best": ("best formula alone", ORANGE, "s", "--"),
    "conformal": ("conformal", GREEN, "^", ":"),
}
_ASIDE: Final = 0.008


def draw(view: View, subject: str = "") -> Figure:
    """Return inclusion of the descriptors, and coverage or reliability beside it."""
    found = [one for one in view.result.rashomon if one.engine == subject]
    if not found:
        found = list(view.result.rashomon)
    shown = min(len(found[0].descriptors), _TOP)
    figure = canvas(WIDE, max(78, 26 + 4.6 * shown))
    left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
    inclusion(view, found[0], left)
    if found[0].task == "classification":
        reliability(found[0], right)
    else:
        coverage(found[0], right)
    return figure


def inclusion(view: View, one: RashomonSet, ax: Axes | None = None) -> Axes:
    """Draw weight and share of the formulas that contain each descriptor."""
    ax = one_axes(ax, WIDE, 78)
    frame = one.descriptors.head(_TOP)
    y = np.arange(len(frame))
    for place in range(len(frame)):
        ax.axhline(place, color="#e6e6e6", linewidth=0.5, zorder=0)
    marks: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (
            "share",
            "share of the formulas",
            {"marker": "s", "color": ORANGE, "markerfacecolor": "none"},
        ),
        (
            "in_folds",
            "probability, mean of the folds",
            {"marker": "|", "color": GREY, "markersize": 8, "markeredgewidth": 1.4},
        ),
        ("probability", "probability", {"marker": "o", "color": BLUE}),
    )
    for key, label, look in marks:
        values = frame[key].to_numpy()
        if np.isfinite(values).any():
            ax.plot(values, y, linestyle="none", label=label, **look)
    ax.set_yticks(y, [symbol(view, str(name)) for name in frame["name"]])
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(-0.03, 1.03)
    ax.set_xlabel("Share or probability of inclusion")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return ax


def coverage(one: RashomonSet, ax: Axes | None = None) -> Axes:
    """Draw the share of held-out rows inside intervals against their level."""
    ax = one_axes(ax, 85, 78)
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=0.6, linestyle=":")
    lowest = 1.0
    for i, (kind, (label, color, marker, line)) in enumerate(_KINDS.items()):
        own = one.coverage[one.coverage["kind"] == kind].dropna(subset=["observed"])
        if not len(own):
            continue
        lowest = min(lowest, float(own["low"].min()), float(own["level"].min()))
        _bars(ax, own, "level", _ASIDE * (i - 1), label, (color, marker, line))
    low = max(np.floor(10 * lowest - 0.5) / 10, 0.0)
    ax.set_xlim(low, 1.02)
    ax.set_ylim(low, 1.02)
    ax.set_aspect("equal")
    ax.set_xlabel("Level of the interval")
    ax.set_ylabel("Share of held-out rows inside")
    ax.legend(loc="lower right")
    return ax


def reliability(one: RashomonSet, ax: Axes | None = None) -> Axes:
    """Draw the observed share of class 1 against the averaged probability."""
    ax = one_axes(ax, 85, 78)
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=0.6, linestyle=":")
    label, color, marker, line = _KINDS["average"]
    _bars(ax, one.calibration, "predicted", 0.0, label, (color, marker, line))
    ax.set_xlim(-0.03, 1.03)
    ax.set_ylim(-0.03, 1.03)
    ax.set_aspect("equal")
    ax.set_xlabel("Mean held-out probability")
    ax.set_ylabel("Observed share")
    ax.legend(loc="upper left")
    return ax


def _bars(
    ax: Axes,
    rows: Any,
    x: str,
    aside: float,
    label: str,
    look: tuple[str, str, str],
) -> None:
    color, marker, line = look
    share = rows["observed"].to_numpy()
    below = np.maximum(share - rows["low"].to_numpy(), 0)
    above = np.maximum(rows["high"].to_numpy() - share, 0)
    ax.errorbar(
        rows[x].to_numpy() + aside,
        share,
        [below, above],
        color=color,
        marker=marker,
        linestyle=line,
        capsize=2,
        elinewidth=0.7,
        label=label,
    )
