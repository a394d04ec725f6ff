"""One look for all figures: sizes, fonts, colours and marks, without global state."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hecsr.report.figures.compact import compacted
from hecsr.report.figures.hover import named, titled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NARROW: Final = 85.0
WIDE: Final = 175.0
_MM_PER_INCH: Final = 25.4

# Okabe and Ito, "Color universal design" (2008); told apart in grey by mark and line.
BLUE: Final = "#0072B2"
ORANGE: Final = "#D55E00"
GREEN: Final = "#009E73"
SKY: Final = "#56B4E9"
PURPLE: Final = "#CC79A7"
AMBER: Final = "#E69F00"
GREY: Final = "#666666"
BLACK: Final = "#1a1a1a"


@dataclass(frozen=True, slots=True)
class Look:
    """Colour, mark, line and hatch of one competitor."""

    color: str
    marker: str
    line: Any
    hatch: str


_BY_KIND: Final = {
    "formula": (
        Look(BLUE, "o", "-", ""),
        Look(SKY, "D", (0, (6, 1.5)), "////"),
        Look(GREEN, "v", (0, (4, 1, 1, 1)), "||||"),
    ),
    "black box": (Look(ORANGE, "s", "--", "xxxx"), Look(AMBER, "p", "-.", "\\\\\\\\")),
    "rule": (Look(PURPLE, "^", ":", "++++"),),
    "baseline": (Look(GREY, "X", ":", "----"),),
}


def look(kind: str, position: int = 0) -> Look:
    """Return the look of the n-th competitor of a kind; a front has its formula's."""
    looks = _BY_KIND["formula" if kind == "front" else kind]
    return looks[position % len(looks)]


@contextmanager
def journal() -> Iterator[None]:
    """Set the style for what is drawn and saved inside, and nothing outside."""
    import matplotlib as mpl

    # the keys are checked when they are set; matplotlib types them one by one
    settings: Any = {
        "font.family": "STIXGeneral",
        "font.size": 8,
        "mathtext.fontset": "stix",
        "axes.titlesize": 8,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.labelsize": 8,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "xtick.labelsize": 7.5,
        "ytick.labelsize": 7.5,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.major.size": 2.5,
        "ytick.major.size": 2.5,
        "legend.fontsize": 7.5,
        "legend.frameon": False,
        "legend.handlelength": 1.8,
        "lines.linewidth": 1.0,
        "lines.markersize": 4.0,
        "hatch.linewidth": 0.4,
        "grid.linewidth": 0.4,
        "grid.color": "#d9d9d9",
        "savefig.dpi": 300,
        # outlines look the same everywhere and need no font where they are shown
        "svg.fonttype": "path",
        "svg.hashsalt": "hecsr",
        "pdf.fonttype": 42,
    }
    with mpl.rc_context(settings):
        yield


def canvas(width: float, height: float) -> Figure:
    """Return an empty figure of a size in millimetres."""
    from matplotlib.figure import Figure

    return Figure(
        figsize=(width / _MM_PER_INCH, height / _MM_PER_INCH), layout="constrained"
    )


def one_axes(ax: Axes | None, width: float, height: float) -> Axes:
    """Return the axes given, or those of a new figure."""
    return canvas(width, height).subplots() if ax is None else ax


def rendered(figure: Figure) -> dict[str, bytes]:
    """Return the figure as SVG and PNG, the same bytes for the same figure.

    In the SVG each point that stands for a sample says which, see
    :mod:`hecsr.report.figures.hover`.
    """
    found = {}
    words = named(figure)
    metadata: dict[str, dict[str, Any]] = {
        "svg": {"Date": None, "Creator": None},
        "png": {"Software": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
    for kind, about in metadata.items():
        buffer = io.BytesIO()
        figure.savefig(buffer, format=kind, metadata=about)
        found[kind] = buffer.getvalue()
    found["svg"] = compacted(titled(found["svg"].decode(), words)).encode()
    return found
