"""A drawing's SVG made fit to stand inside a page, beside others."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
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
_NUMBERS: Final = frozenset({"d", "x", "y", "points"})
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}(?![\de])")
_URL = re.compile(r"url\(\s*#([^)\s]*)\s*\)")
_PICTURE: Final = "data:image/png;base64,"
_NAME = re.compile(r"[^A-Za-z0-9_-]")


def inlined(svg: bytes | str, prefix: str, label: str) -> str:
    """Return an SVG element for a page.

    Parameters
    ----------
    svg
        A whole SVG file.
    prefix
        Begins every id, so that those of two drawings on a page differ.
    label
        What is seen, in words.

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
    inside = "".join(_written(child, prefix) for child in root)
    # a drawing whose points say something is walked through, others are one picture
    points = "<title>" in inside
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


def _written(element: ET.Element, prefix: str) -> str:
    name = _local(element.tag)
    if name not in _ELEMENTS:
        return ""
    if name == "title":
        return f"<title>{escape(element.text or '')}</title>"
    about = "".join(_attribute(k, v, prefix) for k, v in element.attrib.items())
    # white space between elements means nothing but in text
    text = element.text or ""
    inside = escape(text) if name in ("text", "tspan") else ""
    inside += "".join(_written(child, prefix) for child in element)
    return f"<{name}{about}>{inside}</{name}>" if inside else f"<{name}{about}/>"


def _attribute(key: str, value: str, prefix: str) -> str:
    name = _local(key)
    if name not in _ATTRIBUTES:
        return ""
    if name == "id":
        value = prefix + _NAME.sub("_", value)
    elif name == "href":
        if value.startswith("#"):
            value = f"#{prefix}{_NAME.sub('_', value[1:])}"
        elif not value.startswith(_PICTURE):
            return ""
        else:
            value = "".join(value.split())
    elif name in _NUMBERS:
        value = " ".join(_LONG_NUMBER.sub(_short, value).split())
    else:
        value = _URL.sub(lambda m: f"url(#{prefix}{_NAME.sub('_', m[1])})", value)
        if "url(" in _URL.sub("", value):
            return ""
        value = re.sub(r"\s*([:;])\s*", r"\1", value) if name == "style" else value
    return f' {name}="{escape(value)}"'


def _short(number: re.Match[str]) -> str:
    """Write a coordinate to a hundredth of a point."""
    shown = f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def _local(tag: object) -> str:
    """Return a name without its namespace; comments have none."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
