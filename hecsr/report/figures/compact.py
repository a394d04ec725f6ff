"""A drawing's SVG that looks the same and says nothing twice."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape, quoteattr

_SVG: Final = "{http://www.w3.org/2000/svg}"
_LINK: Final = "{http://www.w3.org/1999/xlink}href"
_HEAD: Final = '<?xml version="1.0" encoding="utf-8" standalone="no"?>\n'
_SPACES: Final = (
    ' xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
)
_NUMBERS: Final = frozenset({"d", "x", "y", "points"})
_LONG_NUMBER = re.compile(r"-?\d+\.(?:\d{3,}|\d*0)(?![\de])")
_MOVED = re.compile(r"translate\([^)]*\)")
_STEP = re.compile(r"\s*([A-Za-z])\s*")
_AGAIN = re.compile(r"([LQC])([^A-Za-z]*)(?:\1[^A-Za-z]*)+")
_PART = re.compile(r"M (-?[\d.]+) (-?[\d.]+)([^M]*)")
_POINT = re.compile(r"(-?[\d.]+) (-?[\d.]+)")
_URL = re.compile(r"url\(#([^)]*)\)")
# Of a group these are not the same as of each of its members.
_OWN: Final = frozenset({"opacity", "clip-path", "mask", "filter"})
# Fewer marks of a hatch than these are not worth a definition.
_MANY: Final = 100
_RUN: Final = 3


def compacted(svg: str) -> str:
    """Return the SVG with its coordinates in hundredths of a point, shorter.

    What all members of a group share is said by the group, neighbouring groups that
    differ in nothing are one, the equal marks of a hatch are drawn once and placed,
    and what only describes the file is left out. The order of drawing stays.
    """
    # made by matplotlib, not read from elsewhere
    root = ET.fromstring(svg)  # noqa: S314
    for meta in root.findall(f"{_SVG}metadata"):
        root.remove(meta)
    for pattern in list(root.iter(f"{_SVG}pattern")):
        _stamp(pattern)
    for element in root.iter():
        for key, value in element.attrib.items():
            element.set(key, _tidy(key, value))
    _named_shortly(root)
    _gather(root)
    return _HEAD + _written(root, _SPACES) + "\n"


def _tidy(key: str, value: str) -> str:
    if key == "d":
        value = _STEP.sub(r"\1", " ".join(_LONG_NUMBER.sub(_short, value).split()))
        # a step of the same kind as the one before needs no letter
        return _AGAIN.sub(lambda m: m[1] + m[0][1:].replace(m[1], " "), value)
    if key in _NUMBERS:
        return " ".join(_LONG_NUMBER.sub(_short, value).split())
    if key == "transform":
        return _MOVED.sub(lambda m: _LONG_NUMBER.sub(_short, m[0]), value)
    if key == "style":
        return re.sub(r"\s*([:;])\s*", r"\1", value).strip().rstrip(";")
    return value


def _short(number: re.Match[str]) -> str:
    shown = f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def _stamp(pattern: ET.Element) -> None:
    """Draw the marks of a hatch once, and place them."""
    for path in pattern.findall(f"{_SVG}path"):
        marks = _PART.findall(" ".join(path.get("d", "").split()))
        shapes = {_from_start(mark) for mark in marks}
        if len(marks) < _MANY or len(shapes) > 1:
            continue
        name = f"{pattern.get('id')}-mark"
        defs = ET.Element(f"{_SVG}defs")
        ET.SubElement(defs, f"{_SVG}path", {"id": name, "d": shapes.pop()})
        stamps = ET.Element(f"{_SVG}g", {"style": path.get("style", "")})
        for x, y, _ in marks:
            ET.SubElement(stamps, f"{_SVG}use", {_LINK: f"#{name}", "x": x, "y": y})
        at = list(pattern).index(path)
        pattern[at : at + 1] = [defs, stamps]


def _from_start(mark: tuple[str, str, str]) -> str:
    """Return a mark as if it began at the origin."""
    x, y, rest = mark

    def moved(point: re.Match[str]) -> str:
        along, down = float(point[1]) - float(x), float(point[2]) - float(y)
        return f"{along:.2f} {down:.2f}".replace("-0.00", "0.00")

    return "M 0 0" + _POINT.sub(moved, rest).rstrip()


def _named_shortly(root: ET.Element) -> None:
    """Count what is defined, so that the many uses of it are short."""
    names: dict[str, str] = {}
    for defs in root.iter(f"{_SVG}defs"):
        for element in defs.iter():
            if element.get("id"):
                names.setdefault(element.attrib["id"], f"d{len(names)}")
    for element in root.iter():
        if element.get("id") in names:
            element.set("id", names[element.attrib["id"]])
        to = element.get(_LINK, "")
        if to[1:] in names:
            element.set(_LINK, f"#{names[to[1:]]}")
        for key in ("style", "clip-path"):
            if key in element.attrib:
                value = element.attrib[key]
                element.set(
                    key, _URL.sub(lambda m: f"url(#{names.get(m[1], m[1])})", value)
                )


def _gather(group: ET.Element) -> None:
    """Let groups say what their members share, the innermost first."""
    for child in group:
        if child.tag == f"{_SVG}g":
            _gather(child)
    _join(group)
    if group.tag == f"{_SVG}g":
        _hoist(group)
        _wrap(group)


def _join(group: ET.Element) -> None:
    """Resolve groups that say nothing; make one of neighbours with the same clip."""
    found: list[ET.Element] = []
    for child in group:
        plain = child.tag == f"{_SVG}g"
        if plain and not child.attrib:
            found += child
        elif (
            plain
            and found
            and set(child.attrib) == {"clip-path"}
            and found[-1].tag == child.tag
            and found[-1].attrib == child.attrib
        ):
            found[-1].extend(child)
        else:
            found.append(child)
    group[:] = found
    for child in group:
        if child.tag == f"{_SVG}g" and set(child.attrib) == {"clip-path"}:
            _hoist(child)
            _wrap(child)


def _hoist(group: ET.Element) -> None:
    """Move the style that all members share to the group, and their clip."""
    members = _members(group)
    if len(members) < 2:
        return
    styles = [_style(member) for member in members]
    first = styles[0].items()
    shared = {
        key: value
        for key, value in first
        if key not in _OWN and all(style.get(key) == value for style in styles)
    }
    if shared:
        _restyle(group, _style(group) | shared)
        for member, style in zip(members, styles, strict=True):
            left = {k: v for k, v in style.items() if k not in shared}
            _restyle(member, left)
    clips = {member.get("clip-path") for member in members}
    paths = all(m.tag == f"{_SVG}path" and m.get("transform") is None for m in members)
    clip = clips.pop()
    if clip and not clips and paths and "clip-path" not in group.attrib:
        group.set("clip-path", clip)
        for member in members:
            del member.attrib["clip-path"]


def _wrap(group: ET.Element) -> None:
    """Group the neighbouring uses of one style."""
    found: list[ET.Element] = []
    for style, run in groupby(group, lambda e: e.get("style") if _is_use(e) else None):
        members = list(run)
        inherited = style and not _OWN & set(_style(members[0]))
        if inherited and _RUN <= len(members) < len(group):
            around = ET.Element(f"{_SVG}g", {"style": str(style)})
            for member in members:
                del member.attrib["style"]
            around.extend(members)
            members = [around]
        found += members
    group[:] = found


def _is_use(element: ET.Element) -> bool:
    return element.tag == f"{_SVG}use"


def _members(group: ET.Element) -> list[ET.Element]:
    return [c for c in group if c.tag not in (f"{_SVG}defs", f"{_SVG}title")]


def _style(element: ET.Element) -> dict[str, str]:
    parts = [p.partition(":") for p in element.get("style", "").split(";") if p]
    return {key: value for key, _, value in parts}


def _restyle(element: ET.Element, style: dict[str, str]) -> None:
    element.attrib.pop("style", None)
    if style:
        element.set("style", ";".join(f"{k}:{v}" for k, v in style.items()))


def _written(element: ET.Element, spaces: str = "") -> str:
    name = element.tag.removeprefix(_SVG)
    about = "".join(
        f" {'xlink:href' if key == _LINK else key}={quoteattr(value)}"
        for key, value in element.attrib.items()
    )
    # white space between elements means nothing but in words
    words = element.text or ""
    inside = escape(words) if words.strip() else ""
    inside += "".join(_written(child) for child in element)
    return (
        f"<{name}{spaces}{about}>{inside}</{name}>"
        if inside
        else (f"<{name}{spaces}{about}/>")
    )
