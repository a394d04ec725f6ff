"""Held-out error against the number of terms, or of operators, allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecsr.report.figures.style import GREY, WIDE, canvas, look, one_axes
from hecsr.report.figures.words import of_metric, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.metrics import Metric
    from hecsr.report.view import View
    from hecsr.result import LimitBy


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return the front in the primary metric and the next one.

    Engines that are limited by operators have panels of their own, below.
    """
    metrics = view.metrics()[:2]
    kinds = view.limits
    figure = canvas(WIDE, 66 if len(kinds) == 1 else 110)
    grid = figure.subplots(len(kinds), len(metrics), squeeze=False, sharey="col")
    for panels, by in zip(grid, kinds, strict=True):
        for ax, one in zip(panels, metrics, strict=True):
            front(view, one, ax, by=by)
    found: dict[str, Any] = {}
    for ax in grid[:, 0]:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    labels, handles = list(found), list(found.values())
    # engines before the lines, which matplotlib lists first
    order = sorted(range(len(labels)), key=lambda i: hasattr(handles[i], "get_xdata"))
    handles, labels = [handles[i] for i in order], [labels[i] for i in order]
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    return figure


def front(
    view: View, one: Metric, ax: Axes | None = None, *, by: LimitBy = "terms"
) -> Axes:
    """Draw one metric of every front point, with black box and baseline as lines."""
    from matplotlib.ticker import MaxNLocator

    ax = one_axes(ax, 85, 66)
    points = [
        c for c in view.result.competitors if c.kind == "front" and c.limit_by == by
    ]
    engines = list(dict.fromkeys(c.engine for c in points))
    limits = sorted({c.limit or 0 for c in points})
    for i, engine in enumerate(engines):
        own = sorted((c for c in points if c.engine == engine), key=_limit)
        procedure = view.procedure(engine)
        style = look("front", i if procedure is None else view.place(procedure.name))
        # side by side, so that bars of two engines do not hide each other
        shift = 0.08 * (i - (len(engines) - 1) / 2)
        scores = [view.score(c.name, one.key) for c in own]
        x = [_limit(c) + shift for c in own]
        ax.errorbar(
            x,
            [s.mean for s in scores],
            [s.sd for s in scores],
            color=style.color,
            marker=style.marker,
            linestyle=style.line,
            markerfacecolor="white",
            capsize=2,
            elinewidth=0.7,
            label=plain(procedure.label if procedure else engine),
        )
        chosen = {f.limit for f in view.result.best_formulas if f.engine == engine}
        for place, c, score in zip(x, own, scores, strict=True):
            if c.limit in chosen:
                ax.plot(
                    place,
                    score.mean,
                    color=style.color,
                    marker=style.marker,
                    markersize=6.5,
                    zorder=4,
                )
    for kind, dashes in (("black box", (0, (5, 2))), ("baseline", (0, (1, 1.5)))):
        best = view.best(kind)
        if best is not None:
            color = look(kind).color if kind == "black box" else GREY
            level = view.score(best.name, one.key).mean
            ax.axhline(level, color=color, linestyle=dashes, label=plain(best.label))
    if by == "terms":
        ax.set_xticks(limits)
    else:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(f"{'Terms' if by == 'terms' else 'Operators'} allowed")
    ax.set_ylabel(of_metric(view, one))
    ax.grid(axis="y")
    return ax


def _limit(competitor: object) -> int:
    return getattr(competitor, "limit", None) or 0
