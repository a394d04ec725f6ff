"""Chance fit against the size of the feature space."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from hecsr.report.figures.style import (
    BLUE,
    GREY,
    NARROW,
    ORANGE,
    SKY,
    canvas,
    one_axes,
)
from hecsr.result import limited

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View
    from hecsr.validation.feature_space import FeatureSpace


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return the figure."""
    chance = view.result.chance
    assert chance is not None
    assert chance.space is not None
    figure = canvas(NARROW, 72)
    ax = growth(chance.space, figure.subplots())
    handles, labels = ax.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=2)
    return figure


def growth(space: FeatureSpace, ax: Axes | None = None) -> Axes:
    """Draw the shares by chance and on the true target against the candidates."""
    ax = one_axes(ax, NARROW, 66)
    lines = space.growth
    sizes = lines["candidates"].to_numpy(dtype=np.float64)
    ax.fill_between(
        sizes, lines["low"], lines["high"], color=SKY, alpha=0.45, linewidth=0
    )
    ax.plot(sizes, lines["mean"], color=BLUE, marker="o", label="chance, fitted rows")
    ax.plot(
        sizes,
        lines["true"],
        color=ORANGE,
        marker="s",
        markerfacecolor="white",
        linestyle="--",
        label="true target, fitted rows",
    )
    if math.isfinite(space.held_out):
        ax.axhline(
            space.held_out,
            color=ORANGE,
            linestyle=(0, (1, 1.5)),
            label="true target, held out",
        )
    ax.axvline(space.used["candidates"], color=GREY, linewidth=0.7, label="space used")
    if space.supported > 0 and not space.far:
        _limit(ax, space, sizes, lines["high"].to_numpy(dtype=np.float64))
    ax.set_xscale("log")
    ax.set_ylim(min(0.0, space.held_out if math.isfinite(space.held_out) else 0), 1)
    ax.set_xlabel("Candidate features")
    ax.set_ylabel(f"Share of variance, {limited(space.terms, 'terms')}")
    ax.grid(axis="y")
    return ax


def _limit(ax: Axes, space: FeatureSpace, sizes: np.ndarray, high: np.ndarray) -> None:
    """Mark where chance reaches the held-out share."""
    if space.extrapolated:
        ax.plot(
            [sizes[-1], space.supported],
            [high[-1], space.held_out],
            color=SKY,
            linestyle=":",
            label="95 % quantile, extrapolated",
        )
    ax.plot(
        space.supported,
        space.held_out,
        color=BLUE,
        marker="D",
        linestyle="none",
        label="largest supported space",
    )
