"""Held-out error against the number of terms, or of operators, allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hecsr.report.figures.style import GREY, WIDE, Look, canvas, look, one_axes
from hecsr.report.figures.words import of_metric, plain, with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.metrics import Metric
    from hecsr.report.view import View
    from hecsr.result import FormulaResult, LimitBy

# Criteria of a wider ratio are shown by their logarithms.
_WIDE: Final = 3.0


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return the front in the primary metric and the next one, and what chose.

    Engines that are limited by operators have panels of their own, below.
    """
    metrics = view.metrics()[:2]
    kinds = view.limits
    across = len(metrics) + bool(_choosing(view))
    figure = canvas(WIDE, 66 if len(kinds) == 1 else 110)
    grid = figure.subplots(len(kinds), across, squeeze=False, sharey="col")
    for panels, by in zip(grid, kinds, strict=True):
        for ax, one in zip(panels, metrics, strict=False):
            front(view, one, ax, by=by)
        if across > len(metrics):
            choice(view, panels[-1], by=by)
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
    ax = one_axes(ax, 85, 66)
    points = [
        c for c in view.result.competitors if c.kind == "front" and c.limit_by == by
    ]
    engines = list(dict.fromkeys(c.engine for c in points))
    limits = sorted({c.limit or 0 for c in points})
    for i, engine in enumerate(engines):
        own = sorted((c for c in points if c.engine == engine), key=_limit)
        procedure = view.procedure(engine)
        style = _look(view, engine, i)
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
    _limits(ax, limits, by)
    ax.set_ylabel(of_metric(view, one))
    ax.grid(axis="y")
    return ax


def choice(view: View, ax: Axes | None = None, *, by: LimitBy = "terms") -> Axes:
    """Draw the criterion that chose, with a band of one standard error at its least.

    The chosen point, filled, is the first one that lies in or below the band.
    """
    ax = one_axes(ax, 85, 66)
    found = [f for f in _choosing(view) if f.limit_by == by]
    limits = sorted({f.limit for f in found})
    engines = list(dict.fromkeys(f.engine for f in found))
    for i, engine in enumerate(engines):
        own = sorted((f for f in found if f.engine == engine), key=_limit)
        style = _look(view, engine, i)
        best = min(own, key=lambda f: f.inner_error or 0.0)
        low = best.inner_error or 0.0
        high = low + (best.inner_se or 0.0)
        ax.axhspan(low, high, facecolor=style.color, alpha=0.15, linewidth=0)
        ax.axhline(high, color=style.color, linestyle=style.line, linewidth=0.6)
        ax.plot(
            [f.limit for f in own],
            [f.inner_error or 0.0 for f in own],
            color=style.color,
            marker=style.marker,
            linestyle=style.line,
            markerfacecolor="white",
        )
        for one in own:
            if one.chosen:
                ax.plot(
                    one.limit,
                    one.inner_error or 0.0,
                    color=style.color,
                    marker=style.marker,
                    markersize=6.5,
                    zorder=4,
                )
    values = [f.inner_error or 0.0 for f in found]
    if values and min(values) > 0 and max(values) > _WIDE * min(values):
        _logarithmic(ax)
    _limits(ax, limits, by)
    unit = view.target_unit
    ax.set_ylabel(
        "Inner Brier score"
        if view.classification
        else with_unit("Inner squared error", unit if unit.text == "1" else unit**2)
    )
    ax.grid(axis="y")
    return ax


def _choosing(view: View) -> list[FormulaResult]:
    """Return the formulas whose inner criterion, with its error, is known."""
    return [
        f
        for f in view.result.formulas
        if f.inner_error is not None and f.inner_se is not None
    ]


def _look(view: View, engine: str, position: int) -> Look:
    procedure = view.procedure(engine)
    return look("front", position if procedure is None else view.place(procedure.name))


def _limits(ax: Axes, limits: list[int], by: LimitBy) -> None:
    from matplotlib.ticker import MaxNLocator

    if by == "terms":
        ax.set_xticks(limits)
    else:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(f"{'Terms' if by == 'terms' else 'Operators'} allowed")


def _logarithmic(ax: Axes) -> None:
    """Show a wide scale by logarithms, its numbers written out."""
    from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    formatter = ScalarFormatter()
    formatter.set_scientific(False)
    ax.yaxis.set_major_formatter(formatter)
    ax.yaxis.set_minor_formatter(NullFormatter())


def _limit(competitor: object) -> int:
    return getattr(competitor, "limit", None) or 0
