"""Recovery rate against time, one curve for each way to search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.report.figures.style import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    WIDE,
    canvas,
    journal,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from recovery import Rate

_LOOKS: Final = (
    (BLUE, "o", "-"),
    (ORANGE, "s", "--"),
    (GREEN, "^", "-."),
    (PURPLE, "D", ":"),
)
_VARIES: Final = {
    "k": "lists of $k$ features",
    "q": "of $q$ models, lists of {k}",
    "b": "of $b$ models, lists of {k}",
}
_SIGMA: Final = 1.0


def draw(rates: Sequence[Rate]) -> Figure:
    """Return a panel for each noise."""
    noises = list(dict.fromkeys(r.noise for r in rates))
    with journal():
        figure = canvas(WIDE, 72)
        panels = figure.subplots(
            1, len(noises), sharey=True, sharex=True, squeeze=False
        )
        for letter, ax, noise in zip("abcdefgh", panels[0], noises, strict=False):
            _panel(ax, [r for r in rates if r.noise == noise])
            kind = f"noise {100 * noise:g} %" if noise else "no noise"
            ax.set_title(f"({letter}) {rates[0].laws} laws, {kind}")
            ax.set_xlabel("Median processor time of a fit (s)")
        panels[0, 0].set_ylabel("Laws recovered (%)")
        handles, labels = panels[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    return figure


def _panel(ax: Axes, rates: Sequence[Rate]) -> None:
    from matplotlib.patheffects import withStroke

    labels = list(dict.fromkeys(r.method.label for r in rates))
    for i, label in enumerate(labels):
        color, marker, line = _LOOKS[i % len(_LOOKS)]
        own = [r for r in rates if r.method.label == label]
        share = np.array([r.recovered / r.laws for r in own])
        low, high = np.transpose([_interval(r) for r in own])
        ax.errorbar(
            [r.seconds for r in own],
            100 * share,
            100 * np.stack([share - low, high - share]),
            color=color,
            marker=marker,
            linestyle=line,
            markerfacecolor="white",
            elinewidth=0.5,
            capsize=1.5,
            label=f"{label}: {_varies(own[-1])}",
            clip_on=False,
        )
        for r, y in zip(own, share, strict=True):
            ax.annotate(
                _short(r),
                (r.seconds, 100 * y),
                # curves rise to the right: the other side is free
                xytext=(-4, 3),
                ha="right",
                textcoords="offset points",
                fontsize=6.5,
                color=color,
                path_effects=[withStroke(linewidth=1.5, foreground="white")],
            )
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter("{x:g}")
    # room for what is written beside the first mark
    low, high = ax.get_xlim()
    ax.set_xlim(low / (high / low) ** 0.05, high)
    ax.set_ylim(-3, 103)
    ax.grid(axis="y")


def _letter(r: Rate) -> str:
    """Return the letter of the setting that varies along a curve."""
    return "b" if r.method.beam else "q" if r.method.n_residuals > 1 else "k"


def _varies(r: Rate) -> str:
    return _VARIES[_letter(r)].format(k=r.method.sis)


def _short(r: Rate) -> str:
    value = {"b": r.method.beam, "q": r.method.n_residuals, "k": r.method.sis}
    return str(value[_letter(r)])


def _interval(r: Rate) -> tuple[float, float]:
    """Return Wilson's score interval of one standard error.

    E. B. Wilson, J. Am. Stat. Assoc. 22, 209 (1927), 10.1080/01621459.1927.10502953.
    """
    n, p, z = r.laws, r.recovered / r.laws, _SIGMA
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return min(middle - half, p), max(middle + half, p)


def save(figure: Figure, folder: Path) -> None:
    """Write the figure as PDF and PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    with journal():
        figure.savefig(folder / "recovery.pdf", metadata={"CreationDate": None})
        figure.savefig(folder / "recovery.png", metadata={"Software": None})
