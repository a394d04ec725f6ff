"""A formula along each of its variables, and over the two that matter most."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.report.figures.hover import sample, say
from hecsr.report.figures.style import BLACK, BLUE, GREY, NARROW, WIDE, canvas, one_axes
from hecsr.report.figures.words import of_target, symbol, with_unit
from hecsr.report.numbers import fixed, significant
from hecsr.report.view import in_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from hecsr.report.view import View
    from hecsr.study.maps import FormulaMap, Line, Plane

    Array = NDArray[np.float64]

# One hue order for all maps: it rises in lightness, so that it reads in grey.
COLORS: Final = "cividis"
MOST: Final = 9
_LEVELS: Final = 12


def draw_lines(view: View, subject: str) -> Figure:
    """Return one panel for each variable of an engine's formula."""
    found = _of(view, subject)
    lines = found.lines[:MOST]
    across = 3 if len(lines) in (3, 5, 6) or len(lines) > 6 else min(len(lines), 2)
    rows = -(-len(lines) // across)
    figure = canvas(NARROW if across == 1 else WIDE, 12 + rows * 48)
    panels = figure.subplots(rows, across, squeeze=False, sharey=True)
    for ax in panels.flat[len(lines) :]:
        ax.set_axis_off()
    for i, (ax, line) in enumerate(zip(panels.flat, lines, strict=False)):
        along(view, found, line, ax)
        if i % across:
            ax.set_ylabel("")
    labels: dict[str, Any] = {}
    for ax in panels.flat:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            labels.setdefault(label, handle)
    figure.legend(
        labels.values(),
        labels.keys(),
        loc="outside upper center",
        ncols=1 if across == 1 else len(labels),
    )
    return figure


def along(view: View, found: FormulaMap, line: Line, ax: Axes | None = None) -> Axes:
    """Draw the value along one variable over the observed values of the samples."""
    ax = one_axes(ax, NARROW, 60)
    _samples(view, found, line.name, ax)
    inside = np.where(line.inside, line.value, np.nan)
    ax.plot(line.at, line.value, color=BLACK, linestyle=(0, (3, 1.5)), linewidth=0.9,
            label="formula, outside of its domain")  # fmt: skip
    ax.plot(line.at, inside, color=BLACK, linewidth=1.8, label="formula, in its domain")
    if line.logarithmic:
        ax.set_xscale("log")
    ax.set_xlabel(axis(view, line.name))
    ax.set_ylabel(_value(view))
    return ax


def draw_plane(view: View, subject: str) -> Figure:
    """Return the map of an engine's formula over two variables."""
    found = _of(view, subject)
    assert found.plane is not None
    figure = canvas(WIDE, 96)
    plane(view, found, found.plane, figure.subplots())
    return figure


def plane(view: View, found: FormulaMap, of: Plane, ax: Axes | None = None) -> Axes:
    """Draw contours over two variables, the samples and the hull of these."""
    ax = one_axes(ax, WIDE, 96)
    levels, extend = steps(view, [of.value, found.observed], [of.value])
    undefined(ax)
    filled = ax.contourf(of.x, of.y, of.value, levels=levels, cmap=COLORS,
                         extend=extend, zorder=0.5)  # fmt: skip
    ax.contour(of.x, of.y, of.value, levels=levels, colors="white", linewidths=0.4,
               zorder=0.6)  # fmt: skip
    _hull(of, ax)
    x, y = (found.samples[n].to_numpy() for n in (of.first.name, of.second.name))
    points(view, found, x, y, filled, ax)
    for line, scale, bound in (
        (of.first, ax.set_xscale, ax.set_xlim),
        (of.second, ax.set_yscale, ax.set_ylim),
    ):
        if line.logarithmic:
            scale("log")
        # to the end of the map: a rim without colour would look undefined
        bound(line.at[0], line.at[-1])
    ax.set_xlabel(axis(view, of.first.name))
    ax.set_ylabel(axis(view, of.second.name))
    figure = ax.get_figure()
    assert figure is not None  # axes just made belong to a figure
    bar = figure.colorbar(filled, ax=ax, aspect=30, pad=0.02)
    bar.set_label(_value(view))
    return ax


def steps(
    view: View, shown: Sequence[Array], mapped: Sequence[Array]
) -> tuple[Array, Any]:
    """Return levels over the middle of all values, and which ends go on beyond them.

    A formula may rise without bounds at the rim of a map; the levels are those of the
    values that are common, so that the rest stays readable.
    """
    from matplotlib.ticker import MaxNLocator

    if view.classification:
        return np.linspace(0, 1, 11), "neither"
    every = np.concatenate([np.ravel(s) for s in shown])
    every = every[np.isfinite(every)]
    low, high = (float(v) for v in np.quantile(every, [0.01, 0.99]))
    levels = np.asarray(MaxNLocator(_LEVELS).tick_values(low, high))
    drawn = np.concatenate([np.ravel(m) for m in mapped])
    below, above = np.nanmin(drawn) < levels[0], np.nanmax(drawn) > levels[-1]
    both = "both" if above else "min"
    return levels, both if below else "max" if above else "neither"


def undefined(ax: Axes) -> None:
    """Hatch the ground; it is seen where nothing is drawn over it."""
    ax.patch.set(facecolor="#eeeeee", hatch="xxxx", edgecolor=GREY, linewidth=0)


def points(
    view: View,
    found: FormulaMap,
    x: Array,
    y: Array,
    filled: Any,
    ax: Axes,
) -> None:
    """Draw the samples with the observed value as colour, on the scale of the map."""
    words = _words(view, found)
    size = 4.2 if len(x) <= 150 else 3.4
    for value, mark, rows in by_class(view, found.observed):
        dots = coloured(x[rows], y[rows], found.observed[rows], filled, mark, size, ax)
        if value is not None:
            dots.set_label(f"observed {value}")
        say(dots, [words[i] for i in np.flatnonzero(rows)])
    if view.classification:
        ax.legend(loc="best", frameon=True, framealpha=0.9)


def by_class(
    view: View, observed: Array
) -> list[tuple[int | None, str, NDArray[np.bool_]]]:
    """Return class, mark and rows of each class that is there; all rows of numbers."""
    if not view.classification:
        return [(None, "o", np.ones(len(observed), np.bool_))]
    found = [(k, mark, observed == k) for k, mark in ((1, "o"), (0, "s"))]
    return [one for one in found if one[2].any()]


def coloured(
    x: Array, y: Array, value: Array, filled: Any, mark: str, size: float, ax: Axes
) -> Any:
    """Draw points in the colours of a map; those of one colour as one line of marks.

    A scatter of few points is written without the marks that a reader points at.
    """
    rim: dict[str, Any] = {"zorder": 4, "clip_on": False}
    if np.ptp(value) == 0:
        color = filled.get_cmap()(filled.norm(value[0]))
        (line,) = ax.plot(x, y, linestyle="none", marker=mark, markersize=size,
                          markerfacecolor=color, markeredgecolor="white",
                          markeredgewidth=0.6, **rim)  # fmt: skip
        return line
    return ax.scatter(
        x,
        y,
        c=value,
        cmap=filled.get_cmap(),
        norm=filled.norm,
        marker=mark,
        s=size**2,
        edgecolors="white",
        linewidths=0.6,
        **rim,
    )


def axis(view: View, name: str) -> str:
    """Return the axis title of a descriptor."""
    # the symbol is mathematics already; only the unit is plain text
    return f"{symbol(view, name)}{with_unit('', view.descriptor(name).unit)}"


def _of(view: View, engine: str) -> FormulaMap:
    assert view.result.maps is not None
    found = view.result.maps.of(engine)
    assert found is not None
    return found


def _value(view: View) -> str:
    return "Probability" if view.classification else of_target(view, "").strip()


def _samples(view: View, found: FormulaMap, name: str, ax: Axes) -> None:
    many = len(found.observed) > 150
    (dots,) = ax.plot(
        found.samples[name],
        found.observed,
        linestyle="none",
        marker="o",
        markersize=2.2 if many else 3,
        markerfacecolor=BLUE,
        markeredgecolor="white",
        markeredgewidth=0.2,
        alpha=0.45 if many else 0.6,
        label="samples, observed",
    )
    say(dots, _words(view, found))


def _words(view: View, found: FormulaMap) -> list[str]:
    unit = in_unit(view.target_unit)
    classes = view.classification
    return [
        sample(
            composition,
            Observed=str(int(observed)) if classes else significant(observed) + unit,
            Fitted=fixed(fitted, 3) if classes else significant(fitted) + unit,
        )
        for composition, observed, fitted in zip(
            found.compositions,
            map(float, found.observed),
            map(float, found.fitted),
            strict=True,
        )
    ]


def _hull(of: Plane, ax: Axes) -> None:
    """Outline the hull; straight in the variables, so bent on a logarithmic axis."""
    closed = np.vstack([of.hull, of.hull[:1]])
    share = np.linspace(0, 1, 60)[:, None]
    sides = [a + share * (b - a) for a, b in pairwise(closed)]
    outline = np.vstack(sides)
    for color, width, line in (("white", 2.2, "-"), (BLACK, 1.0, (0, (5, 1.5)))):
        ax.plot(*outline.T, color=color, linewidth=width, linestyle=line, zorder=2,
                clip_on=False)  # fmt: skip
