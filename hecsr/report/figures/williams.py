"""Williams plot: standardised held-out residuals against relative leverage."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hecsr.errors import HecsrError
from hecsr.report.applicability import hardest, of_repeat
from hecsr.report.figures.hover import held_out, say
from hecsr.report.figures.style import BLACK, BLUE, GREY, ORANGE, WIDE, canvas, one_axes
from hecsr.report.figures.words import plain
from hecsr.report.view import in_unit
from hecsr.validation.applicability import WARNING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

    from hecsr.report.view import View

_NAMED: Final = 4
_SIZE: Final = 6
_STEPS: Final = 3
"""How many lines a name moves down at most, so that it stays near its point."""
_TICKS: Final = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000, 10000)
_ELEMENT: Final = re.compile("[A-Z][a-z]?")


def draw(view: View, subject: str = "") -> Figure:
    """Return the plots of a formula procedure under the main and a harder scheme."""
    found = view.result.applicability
    if found is None:
        raise HecsrError("no applicability domain was computed")
    schemes = [view.main, *hardest(view)]
    figure = canvas(WIDE, 74)
    grid = figure.subplots(1, len(schemes), squeeze=False, sharey=True)[0]
    shown: list[tuple[Axes, pd.DataFrame]] = []
    for ax, scheme in zip(grid, schemes, strict=True):
        rows = of_repeat(found.places, scheme.name, subject)
        williams(rows, ax, in_unit(view.target_unit))
        ax.set_title(plain(scheme.label))
        shown.append((ax, rows))
    grid[0].set_ylabel(
        "Deviance residual" if view.classification else "Standardised residual"
    )
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    # names find room only where all panels have their size and the axis they share
    figure.draw_without_rendering()
    for ax, rows in shown:
        name_worst(ax, rows)
    return figure


def williams(rows: pd.DataFrame, ax: Axes | None = None, unit: str = "") -> Axes:
    """Draw held-out rows, with warning lines."""
    ax = one_axes(ax, 85, 74)
    known = _known(rows)
    x, y = known["_x"].to_numpy(), known["_y"].to_numpy()
    inside = known["inside_ranges"].to_numpy(dtype=bool)
    within = ax.scatter(
        x[inside],
        y[inside],
        s=7,
        marker="o",
        facecolors="none",
        edgecolors=BLUE,
        linewidths=0.5,
        label="inside the ranges of the training rows",
    )
    outside = ax.scatter(
        x[~inside],
        y[~inside],
        s=11,
        marker="^",
        color=ORANGE,
        linewidths=0,
        label="outside them",
    )
    say(within, held_out(known[inside], unit))
    say(outside, held_out(known[~inside], unit))
    ax.set_xscale("log")
    low, high = ax.get_xlim()
    ax.set_xticks([t for t in _TICKS if low <= t <= high])
    ax.set_xticks([], minor=True)
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:g}")
    ax.set_xlabel("Leverage / warning value")
    ax.axhline(0, color=GREY, linewidth=0.5)
    for limit in (-WARNING, WARNING):
        ax.axhline(limit, color=BLACK, linestyle=(0, (4, 2)), linewidth=0.7)
    ax.axvline(1, color=BLACK, linestyle=(0, (4, 2)), linewidth=0.7)
    return ax


def _known(rows: pd.DataFrame) -> pd.DataFrame:
    known = rows[rows["leverage"].notna() & rows["residual"].notna()]
    return known.assign(
        _x=known["leverage"] / known["leverage_limit"], _y=known["residual"]
    )


def name_worst(ax: Axes, rows: pd.DataFrame) -> None:
    """Write the elements of the largest residuals beyond the warning lines.

    A name that would stand on another moves below it, and is left out where there is
    no room. The figure must be laid out: names are measured.
    """
    known = _known(rows)
    beyond = known[known["_y"].abs() > WARNING]
    order = beyond["_y"].abs().sort_values(ascending=False, kind="stable").index
    worst = beyond.loc[order].drop_duplicates("composition").head(_NAMED)
    left, right = ax.get_xlim()
    middle = (left * right) ** 0.5
    taken: list[Bbox] = []
    for row in worst.to_dict("records"):
        begins = bool(row["_x"] <= middle)
        name = ax.annotate(
            plain("".join(_ELEMENT.findall(str(row["composition"])))),
            (row["_x"], row["_y"]),
            xytext=(4 if begins else -4, 0),
            textcoords="offset points",
            ha="left" if begins else "right",
            va="center",
            fontsize=_SIZE,
        )
        for step in range(_STEPS):
            name.set_position((name.get_position()[0], -step * _SIZE * 1.1))
            box = name.get_window_extent()
            if not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
        else:
            name.remove()
