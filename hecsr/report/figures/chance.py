"""Errors on scrambled targets beside that on the true one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.report.figures.style import BLACK, GREY, WIDE, canvas, look, one_axes
from hecsr.report.figures.words import plain, with_unit
from hecsr.report.metrics import metric
from hecsr.report.sections.chance import label, p_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hecsr.report.view import View
    from hecsr.validation.chance import Chance


def draw(view: View, subject: str = "") -> Figure:  # noqa: ARG001
    """Return a histogram for each engine."""
    found = view.result.chance
    assert found is not None
    engines = [str(e) for e in found.tests["engine"]]
    figure = canvas(WIDE, 58)
    panels = figure.subplots(1, len(engines), squeeze=False, sharex=True, sharey=True)
    edges = _edges(found)
    for ax, engine in zip(panels[0], engines, strict=True):
        histogram(view, found, engine, ax, edges=edges)
    one = metric(found.metric)
    figure.supxlabel(
        with_unit(f"Cross-validated {one.label}", view.unit_of(one)), fontsize=8
    )
    panels[0][0].set_ylabel("Scrambled targets")
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    return figure


def histogram(
    view: View,
    chance: Chance,
    engine: str,
    ax: Axes | None = None,
    *,
    edges: np.ndarray | None = None,
) -> Axes:
    """Draw one engine's scores on scrambled targets, and that on the true one."""
    from matplotlib.ticker import MaxNLocator

    ax = one_axes(ax, 60, 55)
    procedure = view.procedure(engine)
    style = look("formula", 0 if procedure is None else view.place(procedure.name))
    ax.hist(
        _values(chance, engine, true=False),
        bins=list(_edges(chance) if edges is None else edges),
        color=style.color,
        alpha=0.75,
        edgecolor="white",
        linewidth=0.4,
        hatch=style.hatch,
        label="scrambled targets",
    )
    test = chance.tests[chance.tests["engine"] == engine].iloc[0]
    ax.axvline(test["value"], color=BLACK, linewidth=1.6, label="true target")
    ax.axvline(
        test["constant"],
        color=GREY,
        linewidth=0.9,
        linestyle=(0, (1, 1.5)),
        label="mean alone",
    )
    ax.set_title(plain(label(view, engine)))
    ax.text(
        0.5,
        0.93,
        f"p = {p_words(float(test['p']))}",
        transform=ax.transAxes,
        ha="center",
        va="top",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
    )
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.xaxis.set_major_locator(MaxNLocator(5))
    return ax


def _values(chance: Chance, engine: str, *, true: bool) -> np.ndarray:
    scores = chance.scores
    own = scores[(scores["engine"] == engine) & (scores["metric"] == chance.metric)]
    values = own[(own["scramble"] < 0) == true]["value"].to_numpy()
    return np.asarray(values[np.isfinite(values)], dtype=np.float64)


def _edges(chance: Chance) -> np.ndarray:
    """Return the bins of all engines, over true and scrambled targets alike."""
    every = np.concatenate(
        [
            _values(chance, str(engine), true=true)
            for engine in chance.tests["engine"]
            for true in (True, False)
        ]
    )
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)
    room = 0.03 * (high - low) or 0.05 * abs(high) or 0.5
    return np.linspace(low - room, high + room, 41)
