"""Both classes in the features of a formula: domains, boundary, probability."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.formula.expression import logistic
from hecsr.report.equation import term
from hecsr.report.figures.hover import sample, say
from hecsr.report.figures.style import (
    BLACK,
    BLUE,
    GREY,
    NARROW,
    ORANGE,
    WIDE,
    canvas,
    one_axes,
)
from hecsr.report.figures.words import drawable, plain
from hecsr.report.numbers import fixed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from hecsr.report.view import View
    from hecsr.result import ClassMap

_CLASSES = ((True, BLUE, "o"), (False, ORANGE, "x"))


def draw(view: View, subject: str = "") -> Figure:
    """Return the map of the formula of one engine."""
    (found,) = (m for m in view.result.class_maps if m.engine == subject)
    if len(found.features) == 1:
        figure = canvas(NARROW, 62)
        _line(view, found, figure.subplots())
        return figure
    figure = canvas(WIDE, 92)
    _plane(view, found, figure.subplots())
    return figure


def _line(view: View, found: ClassMap, ax: Axes | None = None) -> Axes:
    """Draw the probability along one feature, with the samples above and below."""
    ax = one_axes(ax, NARROW, 62)
    x = found.values[:, 0]
    level, slope = _coefficients(view, found)
    width = float(np.ptp(x))
    at = np.linspace(x.min() - 0.05 * width, x.max() + 0.05 * width, 400)
    ax.plot(at, logistic(level + slope[0] * at), color=BLACK)
    for single, color, marker in _CLASSES:
        rows = np.flatnonzero(found.single == single)
        rows = rows[np.argsort(x[rows], kind="stable")]
        own = x[rows]
        # apart by a fixed pattern, so that equal values can be told
        step = 0.02 * (np.arange(len(own)) % 5)
        place = 1.05 + step if single else -0.05 - step
        (dots,) = ax.plot(
            own,
            place,
            linestyle="none",
            marker=marker,
            color=color,
            markersize=3,
            label=_name(found, single=single),
        )
        say(dots, _words(view, found, rows))
    ax.axhline(found.threshold, color=GREY, linestyle=":", linewidth=0.7)
    ax.axvline(_limit(found, level, slope[0]), color=GREY, linewidth=0.7)
    ax.set_xlabel(_feature(view, found, 0))
    ax.set_ylabel(f"Probability of {_target(view)}")
    ax.legend(loc="center right" if slope[0] < 0 else "center left")
    return ax


def _plane(view: View, found: ClassMap, ax: Axes | None = None) -> Axes:
    """Draw both classes in two features, their domains and the boundary."""
    ax = one_axes(ax, NARROW, 92)
    level, slope = _coefficients(view, found)
    for single, color, marker in _CLASSES:
        rows = np.flatnonzero(found.single == single)
        own = found.values[rows]
        corners = _corners(own)
        ax.fill(*corners.T, facecolor=color, alpha=0.10, edgecolor="none")
        ax.plot(*np.vstack([corners, corners[:1]]).T, color=color, linewidth=0.7)
        (dots,) = ax.plot(
            *own.T,
            linestyle="none",
            marker=marker,
            color=color,
            markersize=3.5,
            label=_name(found, single=single),
        )
        say(dots, _words(view, found, rows))
    low, high = ax.get_xlim(), ax.get_ylim()
    odds = np.log(found.threshold / (1 - found.threshold))
    if slope[1]:
        x = np.array(low)
        ax.plot(
            x,
            (odds - level - slope[0] * x) / slope[1],
            color=BLACK,
            label=f"probability {found.threshold:.2g}",
        )
    ax.set_xlim(low)
    ax.set_ylim(high)
    ax.set_xlabel(_feature(view, found, 0))
    ax.set_ylabel(_feature(view, found, 1))
    ax.legend(loc="best")
    return ax


def _words(view: View, found: ClassMap, rows: NDArray[np.intp]) -> list[str]:
    """Return what each sample says: composition, class, fitted probability."""
    if not found.samples:
        return []
    level, slope = _coefficients(view, found)
    fitted = logistic(level + found.values @ slope)
    return [
        sample(
            found.samples[i],
            Observed=str(int(found.single[i])),
            Fitted_probability=fixed(float(fitted[i]), 3),
        )
        for i in rows
    ]


def _corners(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the corners of the hull in order; of a flat one its ends."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        return points[ConvexHull(points).vertices]
    except QhullError:
        order = np.lexsort(points.T)
        return points[[order[0], order[-1]]]


def _coefficients(view: View, found: ClassMap) -> tuple[float, NDArray[np.float64]]:
    """Return the intercept and the slopes of the link's argument in the features."""
    (formula,) = (f.formula for f in view.chosen if f.engine == found.engine)
    if found.features == (formula.linear_predictor,):
        return 0.0, np.ones(1)
    values = [c.value for c in formula.coefficients]
    return values[0], np.array(values[1:])


def _limit(found: ClassMap, level: float, slope: float) -> float:
    odds = np.log(found.threshold / (1 - found.threshold))
    return float((odds - level) / slope) if slope else float("nan")


def _feature(view: View, found: ClassMap, which: int) -> str:
    (formula,) = (f.formula for f in view.chosen if f.engine == found.engine)
    if found.features == (formula.linear_predictor,):
        return "Argument $z$ of the logistic link"
    shown = term(formula, found.features[which])
    return drawable(shown.latex) or plain(f"feature {which + 1}")


def _name(found: ClassMap, *, single: bool) -> str:
    count = int((found.single == single).sum())
    return f"observed {int(single)} ({count})"


def _target(view: View) -> str:
    target = view.result.data.target
    return plain(target.label or target.name)
