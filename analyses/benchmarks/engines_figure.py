"""Which engine finds which law: a row for each law, a circle for each table of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engines_table import columns_of, kinds_of, part

from hecsr.report.figures.style import BLACK, BLUE, GREY, WIDE, canvas, journal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from trials import Trial

_MARKS: Final = {
    "recovered": ("full", "chosen formula is the law"),
    "in front": ("left", "law on the front, not chosen"),
    "near": ("none", r"right variables, $R^2$ near 1"),
}
_ROW: Final = 4.6
"""Height of a row in millimetres."""
_MOST: Final = 4
"""Circles that fit into a cell; of more tables only the count is written."""


def draw(trials: Sequence[Trial]) -> Figure:
    """Return the table as a figure; cells are the darker the more is recovered."""
    columns = columns_of(trials)
    rows: list[tuple[str, str]] = []
    for kind in kinds_of(trials):
        rows += [(kind, "")]
        laws = dict.fromkeys(t.task.law for t in trials if t.kind == kind)
        rows += [(kind, law) for law in laws]
    with journal():
        figure = canvas(WIDE, 20 + _ROW * (len(rows) + 1))
        ax = figure.subplots()
        for y, (kind, law) in enumerate(rows):
            if not law:
                ax.text(
                    -0.62, y + 0.25, kind, ha="right", va="center", fontstyle="italic"
                )
                for x, (engine, noise) in enumerate(columns):
                    _total(ax, x, y + 0.25, part(trials, engine, noise, kind=kind))
                continue
            for x, (engine, noise) in enumerate(columns):
                _cell(ax, x, y, part(trials, engine, noise, law=law))
        _frame(ax, rows, columns)
        figure.legend(
            handles=_legend(), loc="outside lower center", ncols=5, columnspacing=1.2
        )
    return figure


def _cell(ax: Axes, x: int, y: int, trials: Sequence[Trial]) -> None:
    from matplotlib.patches import Rectangle

    if not trials:
        return
    share = sum(t.verdict == "recovered" for t in trials) / len(trials)
    box = Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, linewidth=0)
    # white for none; never so dark that a mark is lost on it
    box.set_facecolor((*_rgb(BLUE), 0.06 + 0.32 * share))
    ax.add_patch(box)
    if len(trials) > _MOST:
        _total(ax, x, y, trials)
        return
    step = 0.8 / max(len(trials), 3)
    for i, trial in enumerate(trials):
        at = x + step * (i - (len(trials) - 1) / 2)
        if trial.verdict == "failed":
            ax.plot(at, y, "x", color=GREY, markersize=3)
        elif trial.verdict == "missed":
            ax.plot(at, y, ".", color=GREY, markersize=1.6)
        else:
            fill, _ = _MARKS[trial.verdict]
            ax.plot(at, y, **_circle(fill))


def _total(ax: Axes, x: float, y: float, trials: Sequence[Trial]) -> None:
    count = sum(t.verdict == "recovered" for t in trials)
    if trials:
        ax.text(x, y, f"{count}/{len(trials)}", ha="center", va="center", fontsize=6.5)


def _frame(
    ax: Axes, rows: Sequence[tuple[str, str]], columns: Sequence[tuple[str, float]]
) -> None:
    laws = [(y, law) for y, (_, law) in enumerate(rows) if law]
    ax.set_yticks([y for y, _ in laws], [law for _, law in laws])
    ax.set_xticks(range(len(columns)), [f"{100 * n:g} %" for _, n in columns])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    engines = list(dict.fromkeys(engine for engine, _ in columns))
    width = len(columns) // len(engines)
    for i, engine in enumerate(engines):
        ax.annotate(
            engine,
            (width * (i + 0.5) - 0.5, 1),
            xytext=(0, 13),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            fontweight="bold",
        )
        if i:
            ax.axvline(width * i - 0.5, color=BLACK, linewidth=0.6)
    ax.set_xlim(-0.55, len(columns) - 0.45)
    ax.set_ylim(len(rows) - 0.4, -0.4)


def _legend() -> list[Artist]:
    from matplotlib.lines import Line2D

    small = {"linestyle": "none", "color": GREY}
    circles = {label: _circle(fill) for fill, label in _MARKS.values()}
    looks: dict[str, dict[str, Any]] = {
        **{label: {"linestyle": "none", **look} for label, look in circles.items()},
        "missed": {"marker": ".", "markersize": 1.6, **small},
        "failed": {"marker": "x", "markersize": 3.0, **small},
    }
    return [Line2D([], [], label=label, **look) for label, look in looks.items()]


def _circle(fill: str) -> dict[str, Any]:
    return {
        "marker": "o",
        "color": BLUE,
        "fillstyle": fill,
        "markerfacecoloralt": "white",
        "markeredgewidth": 0.7,
        "markersize": 4.0,
    }


def _rgb(color: str) -> tuple[float, float, float]:
    from matplotlib.colors import to_rgb

    return to_rgb(color)


def save(figure: Figure, folder: Path) -> None:
    """Write the figure as PDF and PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    with journal():
        figure.savefig(folder / "engines.pdf", metadata={"CreationDate": None})
        figure.savefig(folder / "engines.png", metadata={"Software": None})
