"""Importance of the descriptors in one model, by each method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hecsr.report.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    SKY,
    WIDE,
    canvas,
    one_axes,
)
from hecsr.report.figures.words import symbol, with_unit
from hecsr.report.importances import (
    METHODS,
    OF_GROUPS,
    Importance,
    aggregate,
    members,
    ranked_groups,
    ranked_names,
)
from hecsr.report.metrics import metric

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View

_TOP = 12
_COLORS: Final = {
    "permutation": BLUE,
    "drop": ORANGE,
    "shap": GREEN,
    "permutation-group": SKY,
}
_HATCHES: Final = {
    "permutation": "",
    "drop": "////",
    "shap": "xxxx",
    "permutation-group": "\\\\\\\\",
}
# More symbols than these do not fit beside a panel.
_SYMBOLS: Final = 3


def draw(view: View, subject: str) -> Figure:
    """Return one panel a method; descriptors in the order of the first one.

    Where correlated descriptors were shuffled together, a last panel shows them in an
    order of its own.
    """
    frame = view.result.importance
    whole = aggregate(frame[frame["competitor"] == subject])
    of = {key: value for key, value in whole.items() if key[0] in METHODS}
    names = ranked_names(of)[:_TOP]
    methods = [m for m in METHODS if any(m == method for method, _ in of)]
    groups = ranked_groups(whole)[:_TOP]
    if not any(len(members(g)) > 1 for g in groups):
        groups = []
    figure = canvas(WIDE, 20 + 4.4 * max(len(names), len(groups)))
    # the labels of the groups take room of their own
    panels = figure.subplots(1, len(methods) + bool(groups), squeeze=False)[0]
    for i, (ax, method) in enumerate(zip(panels, methods, strict=False)):
        importance_bars(view, of, names, method, ax)
        if i:
            ax.set_yticklabels([])
    if groups:
        importance_bars(view, whole, groups, "permutation-group", panels[-1])
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
    ax.set_yticks(range(len(names)), [_label(view, name) for name in names])
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.set_title((METHODS | OF_GROUPS)[method])
    rise = metric(view.result.importance_metric)
    if method == "shap":
        ax.set_xlabel("Mean |SHAP value|")
    else:
        ax.set_xlabel(with_unit(f"Rise of {rise.label}", view.unit_of(rise)))
    return ax


def _label(view: View, name: str) -> str:
    """Return the symbols of a descriptor or of a cluster of them."""
    symbols = [symbol(view, n) for n in members(name)]
    more = len(symbols) - _SYMBOLS
    return ", ".join(symbols[:_SYMBOLS]) + (f", +{more}" if more > 0 else "")
