"""Partial dependence of a black box, with the formula's own curve over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hecsr.report.figures.hover import compositions, sample, say
from hecsr.report.figures.style import (
    BLACK,
    BLUE,
    GREY,
    NARROW,
    ORANGE,
    WIDE,
    canvas,
    one_axes,
)
from hecsr.report.figures.words import of_target, symbol, with_unit
from hecsr.report.numbers import fixed, significant
from hecsr.report.view import in_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.importance.agreement import Agreement
    from hecsr.report.view import View

_MOST: Final = 9


def draw(view: View, subject: str) -> Figure:
    """Return one panel for each descriptor of an engine's printed formula."""
    found = view.result.agreement
    assert found is not None
    own = found.dependence[found.dependence["engine"] == subject]
    names = [str(n) for n in own["name"].unique()][:_MOST]
    across = 3 if len(names) in (3, 5, 6) or len(names) > 6 else min(len(names), 2)
    rows = -(-len(names) // across)
    figure = canvas(NARROW if across == 1 else WIDE, 14 + rows * 52)
    panels = figure.subplots(rows, across, squeeze=False, sharey=True)
    for ax in panels.flat[len(names) :]:
        ax.set_axis_off()
    for i, (ax, name) in enumerate(zip(panels.flat, names, strict=False)):
        dependence(view, found, subject, name, ax)
        if i % across:
            ax.set_ylabel("")
    lines = {
        label: line
        for ax in panels.flat
        for line, label in zip(*ax.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        lines.values(),
        lines.keys(),
        loc="outside upper center",
        ncols=1 if across == 1 else min(len(lines), 3),
    )
    return figure


def dependence(
    view: View, found: Agreement, engine: str, name: str, ax: Axes | None = None
) -> Axes:
    """Draw the curves along one descriptor, and a mark for each sample below."""
    ax = one_axes(ax, NARROW, 60)
    own = found.dependence
    own = own[(own["engine"] == engine) & (own["name"] == name)]
    x = own["value"].to_numpy()
    if own["box"].notna().any():
        label = view.label(found.box)
        ax.plot(x, own["box"], color=ORANGE, linestyle="--", linewidth=1.3, label=label)
        ax.fill_between(
            x,
            own["box_low"],
            own["box_high"],
            facecolor=ORANGE,
            alpha=0.18,
            linewidth=0,
            label="middle 80 % of its samples",
        )
    ax.plot(x, own["formula"], color=BLUE, linewidth=1.3, label="Formula")
    ax.plot(
        x,
        own["at_medians"],
        color=BLUE,
        linestyle=":",
        linewidth=1.0,
        label="Formula, others at medians",
    )
    relatives = found.relatives(name)
    if relatives:
        local = found.effects
        local = local[(local["engine"] == engine) & (local["name"] == name)]
        if local["box"].notna().any():
            ax.plot(
                local["value"],
                local["box"],
                color=BLACK,
                linestyle="-.",
                linewidth=0.9,
                label=f"{view.label(found.box)}, local effect",
            )
        other, r = relatives[0]
        ax.set_title(f"r = {fixed(r, 2)} with {symbol(view, other)}", fontweight=400)
    (marks,) = ax.plot(
        found.samples[name],
        [0.0] * len(found.samples),
        linestyle="none",
        marker="|",
        color=GREY,
        markersize=5,
        markeredgewidth=0.4,
        transform=ax.get_xaxis_transform(),
        clip_on=False,
    )
    say(marks, _words(view, found, name))
    ax.set_xlabel(_axis(view, name))
    ax.set_ylabel(
        "Probability" if view.classification else of_target(view, "Predicted")
    )
    return ax


def _words(view: View, found: Agreement, name: str) -> list[str]:
    """Return what the marks say; the rows of `found.samples` are those of the data."""
    of = compositions(view)
    descriptor = view.descriptor(name)
    unit = in_unit(descriptor.unit)
    return [
        sample(
            of.get(place, f"row {place}"),
            **{descriptor.label or name: significant(float(value)) + unit},
        )
        for place, value in enumerate(found.samples[name])
    ]


def _axis(view: View, name: str) -> str:
    # the symbol is mathematics already; only the unit is plain text
    unit = with_unit("", view.descriptor(name).unit)
    return f"{symbol(view, name)}{unit}"
