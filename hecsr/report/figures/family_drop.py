"""What leaving out a whole family of descriptors costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecsr.report.figures.style import BLACK, WIDE, canvas, look, one_axes
from hecsr.report.figures.words import plain, with_unit
from hecsr.report.importances import Importance, aggregate, ranked_families
from hecsr.report.metrics import metric

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View

_TOP = 14
_ACROSS = 4


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return one panel a model; families in the order of their largest effect."""
    frame = view.result.importance
    frame = frame[frame["method"] == "drop-family"]
    who = list(dict.fromkeys(str(c) for c in frame["competitor"]))
    of = {c: aggregate(frame[frame["competitor"] == c]) for c in who}
    names = ranked_families(of)[:_TOP]
    rows = -(-len(who) // _ACROSS)
    across = -(-len(who) // rows)
    figure = canvas(WIDE, rows * (20 + (4.6 if rows == 1 else 3.6) * len(names)))
    panels = figure.subplots(rows, across, squeeze=False, sharex=True, sharey=True)
    for ax in panels.flat[len(who) :]:
        ax.set_axis_off()
    for i, (ax, name) in enumerate(zip(panels.flat, who, strict=False)):
        family_drop(view, name, of[name], names, ax)
        # the axis is shared: the lowest panel of a column has it
        if i + across < len(who):
            ax.set_xlabel("")
        else:
            ax.tick_params(labelbottom=True)
    return figure


def family_drop(
    view: View,
    competitor: str,
    of: Mapping[tuple[str, str], Importance],
    names: Sequence[str],
    ax: Axes | None = None,
) -> Axes:
    """Draw the rise of the error for each family that was left out."""
    ax = one_axes(ax, 85, 70)
    found = [of.get(("drop-family", name), Importance()) for name in names]
    known = view.competitors.get(competitor)
    kind = known.kind if known is not None else "formula"
    style = look(kind, view.place(competitor))
    ax.barh(
        range(len(names)),
        [f.mean for f in found],
        xerr=[f.sd for f in found],
        height=0.65,
        color=style.color,
        alpha=0.85,
        hatch=style.hatch,
        edgecolor="white",
        linewidth=0,
        error_kw={"elinewidth": 0.7, "ecolor": BLACK, "capsize": 1.5},
    )
    ax.axvline(0, color=BLACK, linewidth=0.6)
    ax.set_yticks(range(len(names)), [plain(n) for n in names])
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.set_title(plain(view.label(competitor)))
    rise = metric(view.result.importance_metric)
    ax.set_xlabel(with_unit(f"Rise of {rise.label}", view.unit_of(rise)))
    return ax
