"""A drawing's SVG made fit to stand inside a page, beside others."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from html import escape
from typing import Final

from hecsr.errors import OutputError

# What is not named here is left out: a drawing brings no script, no style for the
# whole page and nothing that is fetched.
_ELEMENTS: Final = frozenset(
    "svg g defs path use rect circle ellipse line polyline polygon clipPath pattern "
    "mask image text tspan title linearGradient radialGradient stop".split()
)
_ATTRIBUTES: Final = frozenset(
    "id d x y x1 y1 x2 y2 cx cy r rx ry width height viewBox points transform "
    "style clip-path fill fill-opacity stroke stroke-width stroke-opacity opacity "
    "patternUnits patternTransform gradientUnits gradientTransform offset href "
    "preserveAspectRatio".split()
)
# What another drawing may define alike: letters, marks and hatches.
_SHARED: Final = frozenset({"path", "pattern"})
_URL = re.compile(r"url\(\s*#([^)\s]*)\s*\)")
_PICTURE: Final = "data:image/png;base64,"
_NAME = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(slots=True)
class Shelf:
    """What the drawings of a page have in common, each once.

    Attributes
    ----------
    shapes
        The letters, marks and hatches that the drawings use, by their id.
    lines
        The lines of what the points say; a point names its own by their places.
    """

    ids: dict[str, str] = field(default_factory=dict)
    shapes: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of what the points say, each once."""
        return tuple(self.places)

    def shape(self, name: str, about: str, inside: str) -> str:
        """Return the id of a shape, a new one if no drawing had it yet."""
        written = f"{name}{about}>{inside}"
        if written not in self.ids:
            self.ids[written] = f"k{len(self.ids)}"
            begin = f'<{name} id="{self.ids[written]}"{about}'
            self.shapes.append(f"{begin}>{inside}</{name}>" if inside else f"{begin}/>")
        return self.ids[written]

    def words(self, text: str) -> str:
        """Return the places of the lines of a text."""
        places = self.places
        return " ".join(
            str(places.setdefault(line, len(places))) for line in text.split("\n")
        )


def inlined(
    svg: bytes | str, prefix: str, label: str, shelf: Shelf | None = None
) -> str:
    """Return an SVG element for a page.

    Parameters
    ----------
    svg
        A whole SVG file.
    prefix
        Begins every id, so that those of two drawings on a page differ.
    label
        What is seen, in words.
    shelf
        Takes what the drawings of a page have in common; without one the drawing
        keeps all that it needs.

    Raises
    ------
    OutputError
        If the file is no SVG.
    """
    try:
        # a drawing is made by this package; entities are read by no document of others
        root = ET.fromstring(svg)  # noqa: S314
    except ET.ParseError as error:
        raise OutputError(f"a figure is no SVG: {error}") from error
    if _local(root.tag) != "svg":
        raise OutputError(f"a figure is no SVG but <{_local(root.tag)}>")
    writer = _Writer(prefix, shelf)
    writer.share(root)
    inside = "".join(writer.element(child) for child in root)
    # a drawing whose points say something is walked through, others are one picture
    points = "<title>" in inside or ' data-w="' in inside
    role = "graphics-document document" if points else "img"
    about = ' class="points" tabindex="0"' if points else ""
    return (
        f'<svg viewBox="{escape(_view(root))}" role="{role}"{about} '
        f'aria-label="{escape(label)}">{inside}</svg>'
    )


def _view(root: ET.Element) -> str:
    """Return the part of the plane that is shown; by it a drawing is scaled."""
    sides = [re.sub(r"[^\d.]", "", root.get(k, "")) for k in ("width", "height")]
    return root.get("viewBox") or f"0 0 {' '.join(side or '1' for side in sides)}"


class _Writer:
    def __init__(self, prefix: str, shelf: Shelf | None) -> None:
        self.prefix = prefix
        self.shelf = shelf
        self.shared: dict[str, str] = {}

    def share(self, element: ET.Element, *, defined: bool = False) -> None:
        """Put what is defined for use on the shelf, the inner before the outer."""
        for child in element:
            self.share(child, defined=_local(element.tag) == "defs")
        name, own = _local(element.tag), element.get("id")
        if self.shelf is None or not defined or name not in _SHARED or not own:
            return
        about = "".join(
            self.attribute(k, v) for k, v in element.attrib.items() if k != "id"
        )
        inside = "".join(self.element(child) for child in element)
        self.shared[own] = self.shelf.shape(name, about, inside)

    def element(self, element: ET.Element) -> str:
        name = _local(element.tag)
        if name not in _ELEMENTS or element.get("id") in self.shared:
            return ""
        if name == "title":
            return f"<title>{escape(element.text or '')}</title>"
        about = "".join(self.attribute(k, v) for k, v in element.attrib.items())
        # white space between elements means nothing but in text
        text = element.text or ""
        inside = escape(text) if name in ("text", "tspan") else ""
        children = list(element)
        title = children[0] if name == "use" and children else None
        if self.shelf is not None and title is not None and _is_title(title):
            about += f' data-w="{self.shelf.words(title.text or "")}"'
            children = children[1:]
        inside += "".join(self.element(child) for child in children)
        if not inside and name == "defs":
            return ""
        return f"<{name}{about}>{inside}</{name}>" if inside else f"<{name}{about}/>"

    def attribute(self, key: str, value: str) -> str:
        name = _local(key)
        if name not in _ATTRIBUTES:
            return ""
        if name == "id":
            value = self.prefix + _NAME.sub("_", value)
        elif name == "href":
            if value.startswith("#"):
                value = f"#{self.to(value[1:])}"
            elif not value.startswith(_PICTURE):
                return ""
            else:
                value = "".join(value.split())
        elif name == "d":
            value = " ".join(value.split())
        else:
            value = _URL.sub(lambda m: f"url(#{self.to(m[1])})", value)
            if "url(" in _URL.sub("", value):
                return ""
            value = re.sub(r"\s*([:;])\s*", r"\1", value) if name == "style" else value
        return f' {name}="{escape(value)}"'

    def to(self, name: str) -> str:
        """Return the id in the page of what a drawing calls `name`."""
        return self.shared.get(name) or self.prefix + _NAME.sub("_", name)


def _is_title(element: ET.Element) -> bool:
    return _local(element.tag) == "title"


def _local(tag: object) -> str:
    """Return a name without its namespace; comments have none."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
