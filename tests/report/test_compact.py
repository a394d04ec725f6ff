"""A compact drawing holds what it held, in fewer words."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from hecsr.report.figures import hover
from hecsr.report.figures.compact import compacted
from hecsr.report.figures.style import canvas, journal, rendered
from hecsr.report.svg import Shelf, inlined

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'
)


def drawn(inside):
    return compacted(f"{HEAD}{inside}</svg>")


@pytest.fixture(scope="module")
def dots():
    """Return the drawing of 40 points in one style, each with its words."""
    with journal():
        figure = canvas(85, 60)
        at = np.linspace(0, 1, 40)
        points = figure.subplots().scatter(at, at**2, color="#0072B2")
        hover.say(points, [f"sample {i % 3}\nvalue {i % 5}" for i in range(40)])
        return rendered(figure)["svg"].decode()


def test_neighbouring_groups_of_one_clip_are_one_and_say_the_style_once():
    use = '<g clip-path="url(#c)"><use xlink:href="#m" x="{}" style="fill: red"/></g>'
    got = drawn("<g>" + "".join(use.format(i) for i in range(5)) + "</g>")
    assert got.count("clip-path") == 1
    assert got.count("fill:red") == 1
    assert re.findall(r'x="(\d)"', got) == list("01234")


def test_what_a_group_does_not_hand_down_stays_with_its_members():
    path = '<path d="M 0 0" style="opacity: 0.5; fill: red"/>'
    got = drawn(f'<g id="a">{path}{path}</g>')
    assert got.count("opacity:0.5") == 2
    assert got.count("fill:red") == 1


def test_a_member_of_another_style_keeps_the_group_silent():
    got = drawn(
        '<g id="a"><path d="M 0 0" style="fill: red"/><path d="M 0 0"/>'
        '<g clip-path="url(#c)"><path d="M 0 0"/></g>'
        '<g clip-path="url(#d)"><path d="M 0 0"/></g></g>'
    )
    assert '<g id="a">' in got
    assert got.count("<g clip-path") == 2


def test_neighbours_of_one_style_among_others_share_it():
    use = '<use xlink:href="#m" x="{}" style="fill: {}"/>'
    fills = ["red"] * 4 + ["blue"]
    got = drawn(
        '<g id="a">'
        + "".join(use.format(i, fill) for i, fill in enumerate(fills))
        + "</g>"
    )
    assert got.count("fill:red") == 1
    assert re.findall(r'x="(\d)"', got) == list("01234")


def test_coordinates_keep_a_hundredth_of_a_point():
    got = drawn('<path d="M 1.23456 -0.000001 \nL 12.5 7 \nL 3.000000 1e-05 \nz"/>')
    assert 'd="M1.23 0L12.5 7 3 1e-05z"' in got


def test_many_equal_marks_of_a_hatch_are_drawn_once():
    marks = " ".join(f"M {i} {i}.5 L {i + 1} {i}.5" for i in range(200))
    got = drawn(
        f'<defs><pattern id="h"><path d="{marks}" style="fill: red"/></pattern></defs>'
        '<rect style="fill: url(#h)"/>'
    )
    assert got.count("<path") == 1
    assert got.count("<use") == 200
    assert 'd="M0 0L1 0"' in got
    name = re.search(r'pattern id="(\w+)"', got)[1]
    assert f"fill:url(#{name})" in got


def test_every_use_of_a_drawing_meets_its_definition(dots):
    root = ET.fromstring(dots)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    uses = re.findall(r'xlink:href="#([^"]+)"', dots) + re.findall(
        r"url\(#([^)]+)\)", dots
    )
    assert set(uses) <= set(ids)


def test_a_drawing_still_speaks_and_its_points_share_their_style(dots):
    titles = re.findall(r"<title>([^<]*)</title>", dots)
    assert titles == [f"sample {i % 3}\nvalue {i % 5}" for i in range(40)]
    group = dots[dots.index('<g id="samples_1">') :]
    assert group.count("clip-path", 0, group.index("</g>")) == 1
    assert group.count("style=", 0, group.index("</g>")) <= 2


def test_a_page_holds_what_two_drawings_share_once(dots):
    shelf = Shelf()
    first = inlined(dots, "f1-", "words", shelf)
    shapes, lines = list(shelf.shapes), shelf.lines
    second = inlined(dots, "f2-", "words", shelf)
    assert shelf.shapes == shapes
    assert shelf.lines == lines
    assert set(lines) == {f"sample {i}" for i in range(3)} | {
        f"value {i}" for i in range(5)
    }
    assert first.count("data-w=") == second.count("data-w=") == 40
    assert "<title>" not in first
    assert first.replace("f1-", "f2-") == second
    defined = set(re.findall(r' id="([^"]+)"', first + "".join(shapes)))
    assert set(re.findall(r'href="#([^"]+)"', first)) <= defined


def test_a_shape_within_a_clip_stays_in_its_drawing():
    svg = (
        f'{HEAD}<defs><clipPath id="c"><path id="p" d="M 0 0"/></clipPath></defs>'
        '<g clip-path="url(#c)"/></svg>'
    )
    shelf = Shelf()
    assert '<path id="f1-p"' in inlined(svg, "f1-", "words", shelf)
    assert shelf.shapes == []
