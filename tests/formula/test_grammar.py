from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hecsr.errors import FormulaError
from hecsr.formula.expression import (
    FUNCTIONS,
    Binary,
    Call,
    Constant,
    Negative,
    Number,
    Power,
    Variable,
    complexity,
    constants,
    variables,
)
from hecsr.formula.grammar import parse
from hecsr.formula.printers.text import to_text

NAMES = st.one_of(
    st.sampled_from(
        ["x", "VEC", "N", "S", "O", "I", "E", "exp", "χ_P", "x %", "a`b", "c\\d"]
    ),
    st.text(
        st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8
    ).filter(lambda name: name.strip() == name),
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
LEAVES = st.one_of(
    NUMBERS.map(Number),
    NAMES.map(Variable),
    st.sampled_from(["c0", "c1"]).map(Constant),
)
EXPONENTS = st.builds(Fraction, st.integers(-6, 6), st.integers(1, 3))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
        st.builds(Power, inner, EXPONENTS),
        st.builds(Negative, inner),
        st.builds(Call, st.sampled_from(sorted(FUNCTIONS)), inner),
    ),
    max_leaves=8,
)


@given(TREES)
def test_what_is_printed_is_read_back_as_the_same_tree(tree):
    # a name that a constant has is a variable when quoted
    assert parse(to_text(tree), constants(tree)) == tree


def test_precedence():
    x, y = Variable("x"), Variable("y")
    assert parse("x - y - x") == Binary("-", Binary("-", x, y), x)
    assert parse("x / y * x") == Binary("*", Binary("/", x, y), x)
    assert parse("-x^2") == Negative(Power(x, Fraction(2)))
    assert parse("-2^2") == Negative(Power(Number(2.0), Fraction(2)))
    assert parse("x^(-1/2)") == Power(x, Fraction(-1, 2))
    assert parse("2 * -3") == Binary("*", Number(2.0), Number(-3.0))


def test_quoted_names_are_variables_whatever_they_are():
    tree = parse("`Young's modulus / GPa` * `exp` + `c0`", ["c0"])
    assert variables(tree) == ("Young's modulus / GPa", "exp", "c0")
    assert constants(tree) == ()


def test_complexity_counts_operators():
    assert complexity(parse("x")) == 0
    assert complexity(parse("exp(x) / (y + z)^2")) == 4


@pytest.mark.parametrize(
    "hostile",
    [
        "__import__('os').system('x')",
        "eval(x)",
        "x.__class__",
        "lambda: x",
        "[x]",
        "x if y else z",
        "open(`f`)",
        "x; y",
        "x == y",
        "f'{x}'",
        "x ** 2",
        "1e999",
        "x^(1/0)",
        "x^99999",
        "exp",
        "exp()",
        "exp(x, y)",
        "(x",
        "x)",
        "x y",
        "`x",
        "",
        "+",
        "(" * 500 + "x" + ")" * 500,
        "-" * 500 + "x",
        "exp(" * 500 + "x" + ")" * 500,
        "x" * 30_000,
        "\x00",
        "𝑥",
    ],
)
def test_hostile_or_broken_text_is_refused(hostile):
    with pytest.raises(FormulaError):
        parse(hostile)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        tree = parse(text)
    except FormulaError:
        return
    assert parse(to_text(tree)) == tree


def test_an_error_points_at_its_place():
    with pytest.raises(FormulaError, match="unknown function 'sine'") as caught:
        parse("x + sine(y)")
    assert str(caught.value).splitlines()[-1].index("^") == 2 + 4
