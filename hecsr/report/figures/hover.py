"""What a point of a figure says where a reader points at it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary
from xml.sax.saxutils import escape

import numpy as np

from hecsr.report.numbers import significant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from hecsr.report.view import View

# Artists have no place for words of ours; they are forgotten with their artist.
_WORDS: Final[WeakKeyDictionary[Artist, tuple[str, ...]]] = WeakKeyDictionary()
# A mark on the frame may be a rounding beyond it; in pixels.
_EDGE: Final = 0.01
_GROUP = re.compile(r"<g\b|</g>")
_POINT = re.compile(r"(<use\b[^>]*?)/>")
_UNWRITABLE = re.compile("[^\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def say(artist: Artist, words: Iterable[str]) -> None:
    """Give each point of a line or of a scatter, in order, what it says.

    The first line of a text names the sample, by which the same sample is found in
    other panels; each line after it is a fact.
    """
    _WORDS[artist] = tuple(words)


def sample(composition: object, **facts: str) -> str:
    """Return the words of a sample: its composition, then ``Fact: value`` by line."""
    lines = [f"{name.replace('_', ' ')}: {value}" for name, value in facts.items()]
    return "\n".join([" ".join(str(composition).split()), *lines])


def held_out(rows: pd.DataFrame, unit: str = "") -> list[str]:
    """Return the words of rows predicted while held out, the unit behind each value."""
    return [
        sample(
            row["composition"],
            Observed=significant(float(row["observed"])) + unit,
            Predicted=significant(float(row["predicted"])) + unit,
        )
        for row in rows.to_dict("records")
    ]


def compositions(view: View) -> dict[int, str]:
    """Return the composition of each sample by its position among the rows."""
    own = view.result.predictions.drop_duplicates("sample")
    return {
        int(row): str(text)
        for row, text in zip(own["sample"], own["composition"], strict=True)
    }


def named(figure: Figure) -> dict[str, tuple[str, ...]]:
    """Name the groups of all points that say something, in drawing order.

    Where a point lies outside of its axes the SVG may hold fewer or others. Then no
    point of the group says anything: words must not stand at another's point.
    """
    found: dict[str, tuple[str, ...]] = {}
    speaking: Sequence[Any] = figure.findobj(
        lambda artist: artist in _WORDS and _inside(artist)
    )
    for number, artist in enumerate(speaking, start=1):
        name = f"samples_{number}"
        artist.set_gid(name)
        found[name] = _WORDS[artist]
    return found


def titled(svg: str, words: dict[str, tuple[str, ...]]) -> str:
    """Put the words into the points of the named groups of an SVG as their titles."""
    for name, texts in words.items():
        start = svg.find(f'<g id="{name}">')
        if start < 0:
            continue
        end = _end(svg, start)
        group = svg[start:end]
        if len(_POINT.findall(group)) == len(texts):
            svg = svg[:start] + _spoken(group, texts) + svg[end:]
    return svg


def _inside(points: Any) -> bool:
    """Whether all points of a line or of a scatter are finite and in their axes."""
    line = hasattr(points, "get_xydata")
    places = np.asarray(points.get_xydata() if line else points.get_offsets())
    to = points.get_transform() if line else points.get_offset_transform()
    # asked for, the limits are brought up to date
    points.axes.get_xbound(), points.axes.get_ybound()
    low, high = points.axes.bbox.get_points()
    at = to.transform(places)
    return bool(((low - _EDGE <= at) & (at <= high + _EDGE)).all())


def _spoken(group: str, texts: tuple[str, ...]) -> str:
    rest = iter(texts)

    def one(point: re.Match[str]) -> str:
        shown = escape(_UNWRITABLE.sub(" ", next(rest)))
        return f"{point[1]}><title>{shown}</title></use>"

    return _POINT.sub(one, group)


def _end(svg: str, start: int) -> int:
    """Return where the group that begins at `start` ends."""
    depth = 0
    for mark in _GROUP.finditer(svg, start):
        depth += -1 if mark[0] == "</g>" else 1
        if depth == 0:
            return mark.end()
    return len(svg)
