"""The elements of a data set in the periodic table, shaded by frequency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hecsr.report.figures.style import BLACK, WIDE, one_axes
from hecsr.tables.periodic import ATOMIC_NUMBER, SYMBOLS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View

_NOBLE: Final = (2, 10, 18, 36, 54, 86, 118)


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return the periodic table of the study's rows."""
    data = view.result.data
    heavy = any(_lanthanide(ATOMIC_NUMBER.get(e, 0)) for e in data.element_counts)
    ax = elements(data.element_counts, one_axes(None, WIDE, 74 if heavy else 61))
    figure = ax.get_figure()
    assert figure is not None  # axes just made belong to a figure
    return figure  # type: ignore[return-value]


def elements(counts: Mapping[str, int], ax: Axes | None = None) -> Axes:
    """Draw every element up to radon as a cell; shade and number where there is one."""
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    ax = one_axes(ax, WIDE, 80)
    largest = max(counts.values(), default=1)
    shades = colormaps["Blues"]
    heavy = any(_lanthanide(ATOMIC_NUMBER.get(e, 0)) for e in counts)
    bottom = 6.0
    for symbol in SYMBOLS[:86]:
        column, row = position(ATOMIC_NUMBER[symbol])
        if row > 7 and not heavy:
            continue
        bottom = max(bottom, row + 0.0)
        n = counts.get(symbol, 0)
        share = n / largest
        face = shades(0.15 + 0.7 * share) if n else "#ffffff"
        cell = Rectangle(
            (column - 0.46, row - 0.46),
            0.92,
            0.92,
            facecolor=face,
            edgecolor=BLACK if n else "#cccccc",
            linewidth=0.5,
        )
        ax.add_patch(cell)
        ink = "white" if share > 0.6 else BLACK if n else "#b0b0b0"
        ax.text(
            column,
            row - (0.12 if n else 0),
            symbol,
            ha="center",
            va="center",
            color=ink,
            fontsize=8,
            weight="bold" if n else "normal",
        )
        if n:
            ax.text(
                column,
                row + 0.27,
                str(n),
                ha="center",
                va="center",
                color=ink,
                fontsize=6.5,
            )
    ax.set_xlim(0.4, 18.6)
    ax.set_ylim(bottom + 0.55, 0.45)
    ax.set_aspect("equal")
    ax.set_axis_off()
    return ax


def position(number: int) -> tuple[int, float]:
    """Return group and period of an element; the lanthanides stand below."""
    if _lanthanide(number):
        return number - 57 + 3, 7.4
    period = 1 + sum(number > noble for noble in _NOBLE)
    before = 0 if period == 1 else _NOBLE[period - 2]
    place, length = number - before, _NOBLE[period - 1] - before
    # groups 1 and 2 from the left, the others counted from the noble gas
    return (
        place if place <= (1 if period == 1 else 2) else 18 - (length - place)
    ), period


def _lanthanide(number: int) -> bool:
    return 57 <= number <= 70
