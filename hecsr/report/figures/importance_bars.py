"""Importance of the descriptors in one model, by each method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hecsr.report.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    WIDE,
    canvas,
    one_axes,
)
from hecsr.report.figures.words import symbol, with_unit
from hecsr.report.importances import METHODS, Importance, aggregate, ranked_names
from hecsr.report.metrics import metric

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View

_TOP = 12
_COLORS: Final = {"permutation": BLUE, "drop": ORANGE, "shap": GREEN}
_HATCHES: Final = {"permutation": "", "drop": "////", "shap": "xxxx"}


def draw(view: View, subject: str) -> Figure:
    """Return one panel a method; descriptors in the order of the first one."""
    frame = view.result.importance
    of = aggregate(frame[frame["competitor"] == subject])
    of = {key: value for key, value in of.items() if key[0] in METHODS}
    names = ranked_names(of)[:_TOP]
    methods = [m for m in METHODS if any(m == method for method, _ in of)]
    figure = canvas(WIDE, 20 + 4.4 * len(names))
    panels = figure.subplots(1, len(methods), squeeze=False, sharey=True)[0]
    for ax, method in zip(panels, methods, strict=True):
        importance_bars(view, of, names, method, ax)
    return figure


def importance_bars(
    view: View,
    of: Mapping[tuple[str, str], Importance],
    names: Sequence[str],
    method: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw the means of one method as bars with the spread over the folds."""
    ax = one_axes(ax, 85, 70)
    found = [of.get((method, name), Importance()) for name in names]
    ax.barh(
        range(len(names)),
        [f.mean for f in found],
        xerr=[f.sd for f in found],
        height=0.65,
        color=_COLORS[method],
        alpha=0.85,
        hatch=_HATCHES[method],
        edgecolor="white",
        linewidth=0,
        error_kw={"elinewidth": 0.7, "ecolor": BLACK, "capsize": 1.5},
    )
    ax.axvline(0, color=BLACK, linewidth=0.6)
    ax.set_yticks(range(len(names)), [symbol(view, name) for name in names])
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.set_title(METHODS[method])
    rise = metric(view.result.importance_metric)
    if method == "shap":
        ax.set_xlabel("Mean |SHAP value|")
    else:
        ax.set_xlabel(with_unit(f"Rise of {rise.label}", view.unit_of(rise)))
    return ax
