"""Formulas over the mixtures of three metals, or of three groups of metals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.report.figures.formula_map import COLORS, by_class, coloured, steps
from hecsr.report.figures.hover import sample, say
from hecsr.report.figures.style import BLACK, GREY, WIDE, canvas, one_axes
from hecsr.report.figures.words import of_target, plain
from hecsr.report.numbers import significant
from hecsr.report.view import in_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from hecsr.report.view import View
    from hecsr.study.ternaries import Ternary

    Array = NDArray[np.float64]

MOST: Final = 3
_TALL: Final = float(np.sqrt(3) / 2)
_TICKS: Final = (0.2, 0.4, 0.6, 0.8)
# How far a formula is to be trusted, by place; drawn over the map.
_DEPTH: Final = {"inside": 0.0, "edge": 1.0}


def draw(view: View, subject: str) -> Figure:
    """Return one triangle for each chosen formula; `subject` counts the sections."""
    assert view.result.maps is not None
    found = view.result.maps.ternaries[int(subject)]
    engines = engines_of(view, found)
    figure = canvas(WIDE, {1: 88, 2: 74}.get(len(engines), 58))
    panels = figure.subplots(1, len(engines), squeeze=False)[0]
    every = [found.values[e] for e in engines]
    trusted = [
        np.where(np.isin(found.places[e], list(_DEPTH)), found.values[e], np.nan)
        for e in engines
    ]
    levels, extend = steps(view, [*trusted, found.observed], every)
    filled: Any = None
    for ax, engine in zip(panels, engines, strict=True):
        filled = ternary(view, found, engine, levels, extend, ax)
        procedure = view.procedure(engine)
        ax.set_title(plain(procedure.label if procedure else engine), loc="center")
    bar = figure.colorbar(filled, ax=list(panels), aspect=30, pad=0.02, shrink=0.8)
    what = f"Probability of {_target(view)}" if view.classification else ""
    bar.set_label(what or of_target(view, "").strip())
    return figure


def engines_of(view: View, found: Ternary) -> list[str]:
    """Return the engines that are drawn, the better procedure first."""
    return [f.engine for f in view.chosen if f.engine in found.values][:MOST]


def ternary(
    view: View,
    found: Ternary,
    engine: str,
    levels: Array,
    extend: Any,
    ax: Axes | None = None,
) -> Any:
    """Draw one formula over a section, and the samples that lie on it."""
    from matplotlib.tri import Triangulation

    ax = one_axes(ax, 85, 80)
    x, y = flat(found.shares)
    value = found.values[engine]
    mesh = Triangulation(x, y, _triangles(found.shares))
    mesh.set_mask(np.isnan(value)[mesh.triangles].any(axis=1))
    ax.fill(*flat(np.eye(3)), facecolor="#eeeeee", edgecolor=GREY, hatch="xxxx",
            linewidth=0, zorder=0)  # fmt: skip
    known = np.where(np.isnan(value), levels[0], value)
    filled = ax.tricontourf(mesh, known, levels=levels, cmap=COLORS, extend=extend,
                            zorder=0.5)  # fmt: skip
    ax.tricontour(mesh, known, levels=levels, colors="white", linewidths=0.4,
                  zorder=0.6)  # fmt: skip
    _veil(found, engine, mesh, ax)
    _frame(found, ax)
    _points(view, found, filled, ax)
    return filled


def flat(shares: Array) -> tuple[Array, Array]:
    """Return the places of shares in a triangle, the first corner on the left."""
    return shares[:, 1] + shares[:, 2] / 2, shares[:, 2] * _TALL


def _triangles(shares: Array) -> list[tuple[int, int, int]]:
    """Join neighbours of the grid; no triangle leaves it."""
    steps_ = round(1 / (np.min(shares[shares > 0])))
    place = {
        tuple(np.rint(own * steps_).astype(int)): i for i, own in enumerate(shares)
    }
    found = []
    for (a, b, c), i in place.items():
        upward = (a - 1, b + 1, c), (a - 1, b, c + 1)
        downward = (a, b - 1, c + 1), (a - 1, b, c + 1)
        found += [
            (i, place[one], place[two])
            for one, two in (upward, downward)
            if one in place and two in place
        ]
    return found


def _veil(found: Ternary, engine: str, mesh: Any, ax: Axes) -> None:
    """Dot the edge of the domain, and pale and hatch what lies outside."""
    depth = np.array([_DEPTH.get(p, 2.0) for p in found.places[engine]])
    if (depth > 1.5).any():
        ax.tricontourf(mesh, depth, levels=[1.5, 2.5], colors=["white"], alpha=0.6,
                       zorder=0.7)  # fmt: skip
        ax.tricontourf(mesh, depth, levels=[1.5, 2.5], colors="none",
                       hatches=["//////"], zorder=0.8)  # fmt: skip
    if ((depth > 0.5) & (depth < 1.5)).any():
        ax.tricontourf(mesh, depth, levels=[0.5, 1.5], colors="none",
                       hatches=["...."], zorder=0.8)  # fmt: skip
    if (depth > 0.5).any() and (depth < 0.5).any():
        ax.tricontour(mesh, depth, levels=[0.5], colors=BLACK, linewidths=0.9,
                      linestyles="--", zorder=0.9)  # fmt: skip


def _frame(found: Ternary, ax: Axes) -> None:
    corners = np.vstack([np.eye(3), np.eye(3)[:1]])
    ax.plot(*flat(corners), color=BLACK, linewidth=0.8, zorder=2)
    for share in _TICKS:
        # each side counts the corner that it leads to, all the same way round
        for i in range(3):
            at, out = np.zeros(3), np.zeros(3)
            at[i], at[i - 1] = share, 1 - share
            out[i - 2] = -0.05
            out[i - 1] = 0.05
            _tick(at, at + out * 0.4, at + out * 1.35, f"{share:g}", ax)
    places = ((0.05, -0.13), (0.95, -0.13), (0.5, _TALL + 0.05))
    for corner, (x, y) in zip(found.corners, places, strict=True):
        ax.text(
            x,
            y,
            corner_name(corner, found.anions),
            ha="center",
            va="center",
            fontsize=8,
        )
    ax.set_xlim(-0.16, 1.16)
    ax.set_ylim(-0.2, _TALL + 0.1)
    ax.set_aspect("equal")
    ax.set_axis_off()


def _tick(at: Array, end: Array, text: Array, label: str, ax: Axes) -> None:
    x, y = flat(np.vstack([at, end]))
    ax.plot(x, y, color=BLACK, linewidth=0.6, zorder=2)
    (x,), (y,) = flat(text[None, :])
    ax.text(x, y, label, ha="center", va="center", fontsize=6)


def corner_name(metals: tuple[str, ...], anions: tuple[tuple[str, float], ...]) -> str:
    """Return a corner as ``(Ti,Zr)C``."""
    inner = ",".join(metals)
    text = f"({inner})" if len(metals) > 1 else inner
    for anion, amount in anions:
        text += anion + ("" if amount == 1 else f"$_{{{amount:.3g}}}$")
    return text


def _points(view: View, found: Ternary, filled: Any, ax: Axes) -> None:
    unit = in_unit(view.target_unit)
    words = []
    for i, composition in enumerate(found.compositions):
        seen = float(found.observed[i])
        facts = {
            "Observed": str(int(seen))
            if view.classification
            else significant(seen) + unit
        }
        for name in found.held:
            own = in_unit(view.descriptor(name).unit)
            facts[name] = significant(float(found.others[name].iloc[i])) + own
        words.append(sample(composition, **facts))
    x, y = flat(found.points)
    for _, mark, rows in by_class(view, found.observed):
        dots = coloured(x[rows], y[rows], found.observed[rows], filled, mark, 5.0, ax)
        say(dots, [words[i] for i in np.flatnonzero(rows)])


def _target(view: View) -> str:
    target = view.result.data.target
    return plain(target.label or target.name)
