"""SHAP values of held-out rows, one dot a row and fold; of very many, some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.report.figures.hover import compositions, sample, say
from hecsr.report.figures.style import BLACK, NARROW, one_axes
from hecsr.report.figures.thinned import evenly
from hecsr.report.figures.words import plain, symbol, with_unit
from hecsr.report.numbers import significant
from hecsr.report.view import in_unit

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from hecsr.report.view import View
    from hecsr.result import ShapValues

    Array = NDArray[np.float64]

MOST: Final = 250
"""How many dots a descriptor has at most."""
_TOP: Final = 10
# As few as can be told apart; of more, the bar beside them would be a picture.
_SHADES: Final = 24


def draw(view: View, subject: str) -> Figure:
    """Return the swarm of one competitor."""
    one = next(s for s in view.result.shap if s.competitor == subject)
    lines = min(_TOP, one.values.shape[1])
    ax = shap_beeswarm(view, one, one_axes(None, NARROW, 26 + 5.6 * lines))
    figure = ax.get_figure()
    assert figure is not None  # axes just made belong to a figure
    return figure  # type: ignore[return-value]


def shap_beeswarm(view: View, one: ShapValues, ax: Axes | None = None) -> Axes:
    """Draw the descriptors with the largest mean absolute value, that one on top."""
    import matplotlib as mpl

    ax = one_axes(ax, NARROW, 80)
    shades = mpl.colormaps["cividis"].resampled(_SHADES)
    size = (
        one.values.abs().mean(skipna=True).sort_values(ascending=False, kind="stable")
    )
    names = [str(n) for n in size.index[:_TOP] if np.isfinite(size[n])]
    dots = None
    for line, name in enumerate(names):
        every = one.values[name].dropna()
        shown = evenly(every.to_numpy(dtype=float), MOST)
        own = one.data[name][one.values[name].notna()].to_numpy(dtype=float)
        shade = _rank(own)[shown]
        value = every.to_numpy(dtype=float)[shown]
        dots = ax.scatter(
            value,
            line + 0.36 * _swarm(value),
            c=shade,
            cmap=shades,
            vmin=0,
            vmax=1,
            s=3.5,
            linewidths=0,
        )
        say(dots, _words(view, name, every.iloc[shown], own[shown]))
    ax.axvline(0, color=BLACK, linewidth=0.6, zorder=0)
    ax.set_yticks(range(len(names)), [symbol(view, name) for name in names])
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    unit = view.target_unit if not view.classification else None
    label = "SHAP value"
    ax.set_xlabel(label if unit is None else with_unit(label, unit))
    ax.set_title(plain(view.label(one.competitor)))
    figure = ax.get_figure()
    if dots is not None and figure is not None:
        bar = figure.colorbar(dots, ax=ax, ticks=[0, 1], aspect=30, pad=0.02)
        bar.ax.set_yticklabels(["low", "high"])
        bar.ax.tick_params(length=0)
        bar.set_label("Descriptor value (rank)", labelpad=-10)
        bar.outline.set_visible(False)
    return ax


def _words(view: View, name: str, values: pd.Series, own: Array) -> list[str]:
    """Return what the dots of a descriptor say; samples are known by their place."""
    if "sample" not in values.index.names:
        return []
    of = compositions(view)
    descriptor = view.descriptor(name)
    unit = in_unit(descriptor.unit)
    shap = "" if view.classification else in_unit(view.target_unit)
    label = descriptor.label or name
    return [
        sample(
            of.get(int(place), f"row {place}"),
            **{label: significant(at) + unit},
            SHAP_value=significant(value, 3) + shap,
        )
        for place, at, value in zip(
            values.index.get_level_values("sample"), own, values, strict=True
        )
    ]


def _rank(value: Array) -> Array:
    """Return ranks from 0 to 1; equal values share one, so shades spread evenly."""
    distinct, place = np.unique(value, return_inverse=True)
    return place / max(len(distinct) - 1, 1)


def _swarm(value: Array) -> Array:
    """Return offsets from -1 to 1: dots that would overlap step aside alternately."""
    offset = np.zeros(len(value))
    if not len(value):
        return offset
    low, high = value.min(), value.max()
    bins = np.zeros(len(value), dtype=int)
    if high > low:
        bins = np.minimum((60 * (value - low) / (high - low)).astype(int), 59)
    crowd = max(int(np.bincount(bins).max()), 1)
    for one in np.unique(bins):
        inside = np.flatnonzero(bins == one)
        inside = inside[np.argsort(value[inside], kind="stable")]
        step = np.arange(len(inside))
        sides = np.where(step % 2, 1, -1) * ((step + 1) // 2)
        # a thin crowd stays near the line, a thick one fills the band
        offset[inside] = 2 * sides / max(crowd, 8)
    return np.clip(offset, -1, 1)
