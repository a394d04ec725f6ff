"""Mean ranks, and which competitors are not shown to differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hecsr.report.figures.style import WIDE, look, one_axes
from hecsr.report.figures.words import plain
from hecsr.validation.ranks import cliques

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View
    from hecsr.validation.significance import Significance

_KINDS: Final = {
    "formula": "Formula",
    "black box": "Black box",
    "rule": "Trivial rule",
    "baseline": "Baseline",
}
# More rules than these would hide the models.
_RULES: Final = 5
_BAR: Final = "#333333"


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return the figure."""
    found = view.result.significance
    lines = 0 if found is None else len(listed(view, found))
    ax = ranks(view, one_axes(None, WIDE, 22 + 4.6 * lines))
    figure = ax.get_figure()
    assert figure is not None  # axes just made belong to a figure
    return figure  # type: ignore[return-value]


def listed(view: View, found: Significance) -> tuple[str, ...]:
    """Return the competitors that are drawn, best mean rank first.

    None where the main scheme has no t-test or no ranks.
    """
    own = found.ranks[found.ranks["scheme"] == found.main]
    tested = found.pairs.loc[found.pairs["scheme"] == found.main, "test"]
    if own.empty or set(tested) != {"t"}:
        return ()
    names = [str(n) for n in own.sort_values("rank", kind="stable")["competitor"]]
    rules = [n for n in names if view.competitors[n].kind == "rule"]
    return tuple(n for n in names if n not in rules[_RULES:])


def runs(names: Sequence[str], found: Significance) -> tuple[tuple[str, ...], ...]:
    """Return the runs of neighbours of which no two are shown to differ."""
    unlike = found.unlike
    return cliques(names, lambda a, b: frozenset((a, b)) in unlike)


def ranks(view: View, ax: Axes | None = None) -> Axes:
    """Draw one line a competitor, the best on top, and bars that join the alike."""
    from matplotlib.lines import Line2D

    ax = one_axes(ax, WIDE, 90)
    found = view.result.significance
    if found is None:
        return ax
    names = listed(view, found)
    own = found.ranks[found.ranks["scheme"] == found.main].set_index("competitor")
    for y, name in enumerate(names):
        style = look(view.competitors[name].kind)
        line = own.loc[name]
        ax.axhline(y, color="#ececec", linewidth=0.5, zorder=0)
        ax.plot([line["low"], line["high"]], [y, y], color="#a6a6a6", linewidth=1.6)
        ax.plot(
            line["rank"],
            y,
            marker=style.marker,
            markersize=5.5,
            color=style.color,
            linestyle="none",
        )
    last = len(own)
    step = 0.022 * last
    joined = runs(names, found)
    for k, run in enumerate(joined):
        x = last + 0.02 * last + (k + 1) * step
        ends = [names.index(run[0]) - 0.25, names.index(run[-1]) + 0.25]
        ax.plot([x, x], ends, color=_BAR, linewidth=2.4, solid_capstyle="butt")
        # a dot at each that is joined, so that a bar is counted where it passes
        ax.plot([x] * len(run), [names.index(n) for n in run], ".", color="w", ms=1.6)
    kinds = [k for k in _KINDS if any(view.competitors[n].kind == k for n in names)]
    handles = [
        Line2D([], [], marker=look(k).marker, color=look(k).color, linestyle="none")
        for k in kinds
    ]
    figure_titles = [_KINDS[k] for k in kinds]
    if joined:
        handles.append(Line2D([], [], color=_BAR, linewidth=2.4))
        figure_titles.append("not shown to differ")
    ax.legend(
        handles,
        figure_titles,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=len(handles),
    )
    ax.set_yticks(range(len(names)), [plain(view.label(n)) for n in names])
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(1 - 0.02 * last, last + 0.02 * last + (len(joined) + 1) * step)
    every = max(1, round(last / 12))
    ax.set_xticks([1, *range(1 + every, last + 1, every)])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_bounds(1, last)
    ax.set_xlabel(f"Mean rank by held-out {view.primary.label} (1 is best)")
    return ax
