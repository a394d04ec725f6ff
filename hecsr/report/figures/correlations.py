"""Correlation of the descriptors, the removed ones behind those that stayed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.report.figures.style import BLACK, ORANGE, WIDE, one_axes
from hecsr.report.figures.words import symbol

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from hecsr.report.view import View

_STEPS: Final = (0.0, 0.2, 0.4, 0.6, 0.8)
# Millimetres of a cell at most, and of the labels beside the cells.
_CELL: Final = 5.0
_BESIDE: Final = 32.0
_POINTS_PER_MM: Final = 72 / 25.4


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return the lower half of the matrix of absolute correlations."""
    found = view.result.correlations
    assert found is not None
    cell = min(_CELL, (WIDE - _BESIDE) / len(found))
    ax = correlations(view, found, one_axes(None, WIDE, 22 + cell * len(found)), cell)
    figure = ax.get_figure()
    assert figure is not None  # axes just made belong to a figure
    return figure  # type: ignore[return-value]


def correlations(
    view: View, found: pd.DataFrame, ax: Axes | None = None, cell: float = 2.0
) -> Axes:
    """Draw |r| in steps; a frame holds a descriptor and those it speaks for."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, ListedColormap

    ax = one_axes(ax, WIDE, 165)
    names = [str(n) for n in found.columns]
    n = len(names)
    threshold = view.result.descriptors.threshold
    bounds = [*(s for s in _STEPS if s < threshold - 0.02), threshold, 1.0]
    bounds = sorted({*bounds})
    shades = colormaps["Blues"](np.linspace(0.02, 0.72, max(len(bounds) - 2, 1)))
    colors = ListedColormap([*shades, BLACK])
    norm = BoundaryNorm(bounds, colors.N)
    _cells(found.abs().to_numpy(), bounds, colors, ax)
    entering = set(view.result.descriptors.entering)
    size = min(7.5, 0.95 * cell * _POINTS_PER_MM)
    shown = [symbol(view, name) for name in names]
    marked = [
        label if name in entering else f"– {label}"
        for name, label in zip(names, shown, strict=True)
    ]
    ax.set_yticks(range(n), marked, fontsize=size)
    ax.set_xticks([])
    for i, (name, label) in enumerate(zip(names, ax.get_yticklabels(), strict=True)):
        inside = name in entering
        label.set_color(BLACK if inside else ORANGE)
        ax.text(
            i,
            i - 0.4,
            f" {marked[i]}",
            rotation=90,
            ha="center",
            va="bottom",
            fontsize=size,
            color=BLACK if inside else ORANGE,
        )
    _frames(names, entering, ax)
    ax.set_xlim(-0.5, n + 0.5)
    ax.set_ylim(n - 0.5, -0.5 - _room(cell))
    ax.tick_params(axis="y", length=0, pad=1)
    ax.set_aspect("equal")
    for spine in ax.spines.values():
        spine.set_visible(False)
    figure = ax.get_figure()
    assert figure is not None  # axes just made belong to a figure
    inset = ax.inset_axes((0.55, 0.93, 0.4, 0.018))
    bar = figure.colorbar(
        ScalarMappable(norm, colors),
        cax=inset,
        orientation="horizontal",
        spacing="uniform",
    )
    bar.set_ticks(bounds, labels=[f"{b:g}" for b in bounds])
    bar.set_label("|r|, Pearson")
    return ax


def _room(cell: float) -> float:
    """Return the cells that the first label above the diagonal takes."""
    return 9.0 / cell


def _cells(r: NDArray[np.float64], bounds: list[float], colors: Any, ax: Axes) -> None:
    """Fill the cells below the diagonal, by one path a shade: thousands are slow."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    steps = np.digitize(r, bounds[1:-1])
    for step in range(len(bounds) - 1):
        boxes = []
        for i, row in enumerate(steps):
            start = 0
            for j in range(1, i + 1):
                # neighbours of one shade are one box
                if j == i or row[j] != row[start]:
                    if row[start] == step:
                        x, end, y = start - 0.5, j - 0.5, i - 0.5
                        boxes.append(
                            Path(
                                [(x, y), (end, y), (end, y + 1), (x, y + 1), (x, y)],
                                closed=True,
                            )
                        )
                    start = j
        if boxes:
            path = Path.make_compound_path(*boxes)
            ax.add_patch(PathPatch(path, facecolor=colors(step), linewidth=0))
    for i in range(1, len(r)):
        # rulings between rows and between columns, up to the diagonal
        ax.plot([-0.5, i - 0.5], [i - 0.5] * 2, color="white", linewidth=0.25)
        ax.plot([i - 0.5] * 2, [i - 0.5, len(r) - 0.5], color="white", linewidth=0.25)


def _frames(names: list[str], entering: set[str], ax: Axes) -> None:
    """Line the cells of each descriptor and those removed for it, left and below."""
    starts = [i for i, name in enumerate(names) if name in entering]
    for start, end in zip(starts, [*starts[1:], len(names)], strict=True):
        if end - start > 1:
            low, high = start - 0.5, end - 0.5
            ax.plot([low, low, high], [low, high, high], color=ORANGE, linewidth=1.1,
                    clip_on=False)  # fmt: skip
