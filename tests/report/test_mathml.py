"""Every equation that a report may hold becomes MathML; none is lost."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hecsr.descriptors.catalogue import catalogue
from hecsr.formula.expression import FUNCTIONS, Binary, Call, Number, Power, Variable
from hecsr.formula.printers.latex import to_latex
from hecsr.report.mathml import not_known, to_mathml
from hecsr.units import parse_unit

REPORTS = sorted(Path(__file__).parents[2].glob("reports/*/report.md"))
ALLOWED = set(
    "math mrow mi mn mo mtext mspace msub msup msubsup munder mover munderover mfrac "
    "msqrt mroot mstyle".split()
)


def mathematics(markdown: str) -> list[str]:
    """Return all LaTeX of a Markdown report, its displays term by term."""
    fenceless = re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)
    found = []
    for display in re.findall(r"\$\$(.*?)\$\$", fenceless, flags=re.DOTALL):
        bare = re.sub(r"\\(begin|end)\{aligned\}|\\tag\{\d+\}|&\\quad|&", "", display)
        found += bare.split(r"\cr")
    rest = re.sub(r"\$\$.*?\$\$", "", fenceless, flags=re.DOTALL)
    codeless = re.sub(r"`+[^`]*`+", "", rest)
    return found + re.findall(r"(?<!\\)\$([^$\n]+)(?<!\\)\$", codeless)


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.parent.name)
def test_every_equation_of_a_shipped_report_is_known(path):
    found = mathematics(path.read_text(encoding="utf-8"))
    assert len(found) > 50
    assert {latex: not_known(latex) for latex in found if not_known(latex)} == {}


def test_symbol_equation_and_unit_of_every_descriptor_are_known():
    descriptors = [c.descriptor for c in catalogue().values()]
    texts = {t for d in descriptors for t in (d.latex, d.equation, d.unit.latex) if t}
    texts |= {parse_unit(u).latex for u in ("um^2", "°C", "%", "GPa m^(1/2)", "Å")}
    assert {text: not_known(text) for text in texts if not_known(text)} == {}


def test_every_function_that_a_formula_may_hold_is_known():
    x = Variable("x")
    for name in FUNCTIONS:
        inner = Binary("/", Call(name, x), Power(Binary("+", x, Number(1e-9)), 2))
        assert not_known(to_latex(inner, {"x": r"\overline{T_\mathrm{m}}"}, {})) == ()


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"c_{1} \, x", "<mrow><msub><mi>c</mi><mn>1</mn></msub>"),
        (r"\frac{1}{2}", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        (r"\sqrt[3]{x}", "<mroot><mi>x</mi><mn>3</mn></mroot>"),
        (r"\mathrm{VEC}", "<mi>VEC</mi>"),
        (r"T_\mathrm{m}", '<mi mathvariant="normal">m</mi>'),
        (r"\mathrm{single\ phase}", "<mtext>single\u00a0phase</mtext>"),
        (r"10^{-3}", "<msup><mn>10</mn><mrow><mo>−</mo><mn>3</mn></mrow></msup>"),
        (r"{x}^{2}", "<msup><mi>x</mi><mn>2</mn></msup>"),
        (r"\Delta", '<mi mathvariant="normal">Δ</mi>'),
        (r"\sum_{i<j}", "<munder><mo>∑</mo><mrow><mi>i</mi><mo>&lt;</mo><mi>j</mi>"),
        (r"\left|x\right|", '<mo form="postfix" fence="true" stretchy="true">|</mo>'),
    ],
)
def test_a_construct_is_written_as_its_element(latex, expected):
    assert expected in to_mathml(latex)


def test_a_sign_that_joins_two_terms_stands_between_them():
    assert '<mo form="infix">−</mo>' in to_mathml("- 2 x", continues=True)
    assert "<mo>−</mo>" in to_mathml("- 2 x")


def test_an_unknown_command_is_shown_by_its_name():
    assert not_known(r"\wobble{x} + 1") == (r"\wobble",)
    assert "<mtext>wobble</mtext>" in to_mathml(r"\wobble{x} + 1")


@pytest.mark.parametrize("latex", ["{x", "x}", r"\frac{1}", r"\left(x", "x_", "{" * 99])
def test_what_cannot_be_read_is_shown_as_it_stands(latex):
    assert to_mathml(latex) == f"<math><mtext>{latex}</mtext></math>"
    assert not_known(latex) == (latex,)


PIECES = st.sampled_from(
    r"\frac \sqrt \mathrm \left \right \sum _ ^ { } ( ) [ ] | ' x 2.5 - \, \ < & \text"
    r" \overline . \foo % \{ α 一".split(" ")
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=12).map(" ".join))
def test_any_text_gives_well_formed_mathml_of_known_elements(latex):
    root = ET.fromstring(to_mathml(latex, continues=True))
    assert {element.tag for element in root.iter()} <= ALLOWED
    for element in root.iter("mfrac"):
        assert len(element) == 2
