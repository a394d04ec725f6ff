"""How often descriptors are chosen again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hecsr.report.figures.style import BLUE, ORANGE, SKY, WIDE, canvas, one_axes
from hecsr.report.figures.words import plain, symbol
from hecsr.report.recurrences import BOOTSTRAPS, counted_over, engines, name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View

_TOP: Final = 15
_ACROSS: Final = 3
_PALE: Final = "#cfe6f5"
_LINE: Final = 4.2
"""Millimetres that a bar takes up."""


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return one panel an engine."""
    found = view.result.stability
    names = [] if found is None else engines(view, found)
    across = max(1, min(_ACROSS, len(names)))
    down = -(-len(names) // across) or 1
    lines = max((len(shown(view, name)) for name in names), default=0)
    figure = canvas(WIDE, down * (14 + _LINE * max(lines, 3)) + 8)
    panels = list(figure.subplots(down, across, squeeze=False).flat)
    for ax, name in zip(panels, names, strict=False):
        # bars of one height in all panels
        stability(view, name, ax).set_ylim(max(lines, 3) - 0.4, -0.6)
    for ax in panels[len(names) :]:
        ax.set_axis_off()
    handles, labels = _legend(view)
    if handles:
        figure.legend(handles, labels, loc="outside upper center", ncols=4)
    return figure


def shown(view: View, engine: str) -> list[dict[str, Any]]:
    """Return the most frequent descriptors of an engine, and those printed."""
    found = view.result.stability
    if found is None:
        return []
    overs = counted_over(view, found)
    if not overs:
        return []
    own = found.descriptors[found.descriptors["engine"] == engine]
    rows = own[own["over"] == overs[0]].to_dict("records")
    folds = own[own["over"] == view.main.name]
    in_folds = dict(zip(folds["name"], folds["share"], strict=True))
    kept = rows[:_TOP] + [row for row in rows[_TOP:] if row["printed"]]
    boots = overs[0] == BOOTSTRAPS
    return [
        {str(key): value for key, value in row.items()}
        | {
            "bar": row["share"] if boots else float("nan"),
            "pale": row["share_or_relative"] if boots else float("nan"),
            "folds": in_folds.get(row["name"], 0.0) if in_folds else float("nan"),
        }
        for row in kept
    ]


def stability(view: View, engine: str, ax: Axes | None = None) -> Axes:
    """Draw the shares of the bootstraps as bars and those of the folds as circles."""
    ax = one_axes(ax, 85, 70)
    rows = shown(view, engine)
    places = range(len(rows))
    ax.barh(places, [100 * r["pale"] for r in rows], height=0.7, color=_PALE)
    for y, row in enumerate(rows):
        printed = row["printed"]
        ax.barh(
            y,
            100 * row["bar"],
            height=0.7,
            color=BLUE if printed else SKY,
            hatch="////" if printed else "",
            edgecolor="white",
            linewidth=0,
        )
    ax.plot(
        [100 * r["folds"] for r in rows],
        places,
        linestyle="none",
        marker="o",
        markersize=3.6,
        markerfacecolor="white",
        markeredgecolor=ORANGE,
        markeredgewidth=1.0,
        clip_on=False,
        zorder=3,
    )
    names = [symbol(view, r["name"]) + (" *" if r["printed"] else "") for r in rows]
    ax.set_yticks(places, names)
    ax.set_ylim(max(len(rows), 3) - 0.4, -0.6)
    ax.set_xlim(0, 100)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("Chosen in (%)")
    ax.set_title(plain(name_of(view, engine)))
    return ax


def _legend(view: View) -> tuple[list[Any], list[str]]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    found = view.result.stability
    overs = [] if found is None else counted_over(view, found)
    handles: list[Any] = []
    labels: list[str] = []
    if BOOTSTRAPS in overs:
        handles += [
            Patch(facecolor=BLUE, hatch="////", edgecolor="white", linewidth=0),
            Patch(facecolor=SKY),
            Patch(facecolor=_PALE),
        ]
        labels += ["bootstraps, printed", "bootstraps, not printed", "or a relative"]
    if view.main.name in overs:
        circle = Line2D([], [], linestyle="none", marker="o", markersize=3.6)
        circle.set(markerfacecolor="white", markeredgecolor=ORANGE)
        handles.append(circle)
        labels.append("folds")
    return handles, labels
