from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hecsr.errors import FormulaError
from hecsr.formula.expression import (
    COMPARISONS,
    FUNCTIONS,
    Binary,
    Call,
    Comparison,
    Constant,
    Negative,
    Number,
    Power,
    Variable,
    complexity,
    constants,
    evaluate,
    variables,
)
from hecsr.formula.grammar import parse
from hecsr.formula.printers.text import to_text

AWKWARD = [
    *("x", "VEC", "N", "S", "O", "I", "E", "Q", "nan", "inf", "and", "ln", "lambda"),
    *sorted(FUNCTIONS),
    *("χ_P", "δ", "µ", "μ", "Δ", "А", "é", "x₁", "𝑥", "混合熵"),
    *("x %", "a`b", "c\\d", "\\", "`", "\\n", "a\nb", "\t", "\r", " ", " x ", "1"),
    *("x^2", "a.b", "__class__", "c0", "{x}", "$x$", "#", "<b>", "&", "_", "a|b"),
    *("a\u202eb", "\x00", "\ud800", "\u2028", "\u200b", "x\u00a0y", "\\u{41}"),
]
NAMES = st.one_of(
    st.sampled_from(AWKWARD), st.text(st.characters(), min_size=1, max_size=8)
)
LEAVES = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(Number),
    NAMES.map(Variable),
    st.sampled_from(["c0", "c1"]).map(Constant),
)
EXPONENTS = st.one_of(
    st.builds(Fraction, st.integers(-6, 6), st.integers(1, 3)),
    st.builds(Fraction, st.integers(-999, 999), st.integers(1, 10**18 - 1)),
    st.floats(-999, 999).map(lambda value: Fraction(repr(value))),
)


def with_exponent(base, exponent):
    # a number there is a Power; its negative is not
    number = isinstance(exponent, Number)
    return Binary("^", base, Negative(exponent) if number else exponent)


TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
        st.builds(with_exponent, inner, inner),
        st.builds(Comparison, st.sampled_from(sorted(COMPARISONS)), inner, inner),
        st.builds(Power, inner, EXPONENTS),
        st.builds(Negative, inner),
        st.builds(Call, st.sampled_from(sorted(FUNCTIONS)), inner),
    ),
    max_leaves=10,
)
x, y, c1 = Variable("x"), Variable("y"), Constant("c1")


@given(TREES)
@settings(max_examples=200, deadline=None)
def test_what_is_printed_is_read_back_as_the_same_tree(tree):
    # a name that a constant has is a variable when quoted
    text = to_text(tree)
    assert parse(text, constants(tree)) == tree
    assert text.isprintable() or not any(c in text for c in "\n\t\r\x00\u202e\u2028")
    text.encode()


@pytest.mark.parametrize("name", AWKWARD)
def test_any_name_of_a_column_can_be_written_and_read(name):
    tree = Binary("*", Variable(name), Constant("c0"))
    assert parse(to_text(tree), ["c0"]) == tree


def test_precedence():
    assert parse("x - y - x") == Binary("-", Binary("-", x, y), x)
    assert parse("x / y * x") == Binary("*", Binary("/", x, y), x)
    assert parse("-x^2") == Negative(Power(x, Fraction(2)))
    assert parse("-2^2") == Negative(Power(Number(2.0), Fraction(2)))
    assert parse("-2^c1", ["c1"]) == Negative(Binary("^", Number(2.0), c1))
    assert parse("2 * -3") == Binary("*", Number(2.0), Number(-3.0))
    assert parse("--2") == Negative(Number(-2.0))
    assert parse("x + 1 > y") == Comparison(">", Binary("+", x, Number(1.0)), y)
    assert parse("2 * (x > y)") == Binary("*", Number(2.0), Comparison(">", x, y))


def test_a_fixed_exponent_is_exact_and_any_other_is_evaluated():
    assert parse("x^(-1/2)") == parse("x^-0.5") == Power(x, Fraction(-1, 2))
    assert parse("x^0.585") == parse("x^(0.585)") == Power(x, Fraction(117, 200))
    assert parse("x^((2))") == Power(x, Fraction(2))
    assert parse("x^c1", ["c1"]) == Binary("^", x, c1)
    assert parse("x^(x + y)") == Binary("^", x, Binary("+", x, y))
    assert to_text(parse("x^0.585")) == "x^(0.585)"
    assert to_text(parse("x^0.5")) == "x^(1/2)"


@given(st.floats(-999, 999))
def test_a_fitted_exponent_survives_the_exact_text(value):
    tree = Binary("^", x, c1)
    columns = {"x": np.array([0.3, 2.0, 700.0])}
    read = parse(to_text(tree, {"c1": value}))
    expected = evaluate(tree, columns, {"c1": value})
    assert evaluate(read, columns) == pytest.approx(expected, rel=1e-15, nan_ok=True)


def test_signs_of_printed_mathematics_are_read():
    assert parse("−2 × x · y ⋅ x") == parse("-2 * x * y * x")
    assert parse("x ≤ y") == parse("x <= y")
    assert parse("x ≥ y") == parse("x >= y")
    assert parse("x^−0.5") == parse("x^(−1/2)") == parse("x^-0.5")
    assert parse("ln(x)") == parse("log(x)")
    assert to_text(parse("ln(x) − 1 ≤ y")) == "log(x) - 1.0 <= y"
    assert parse("x\u00a0+\u202fy\t-\n1") == parse("x + y - 1")


def test_greek_letters_are_plain_names_and_none_is_taken_for_another():
    assert parse("δ * χ_P") == Binary("*", Variable("δ"), Variable("χ_P"))
    assert parse("\u00b5") != parse("\u03bc")
    with pytest.raises(FormulaError, match="CYRILLIC SMALL LETTER A"):
        parse("\u0430 + 1")
    with pytest.raises(FormulaError, match="GREEK CAPITAL LETTER ALPHA"):
        parse("\u0391 + 1")


def test_quoted_names_are_variables_whatever_they_are():
    tree = parse("`Young's modulus / GPa` * `exp` + `c0`", ["c0"])
    assert variables(tree) == ("Young's modulus / GPa", "exp", "c0")
    assert constants(tree) == ()


def test_what_has_no_text_is_not_written():
    for tree in (
        Variable(""),
        Number(float("nan")),
        Number(float("-inf")),
        Constant("c 1"),
        Constant("exp"),
        Power(x, Fraction(1000)),
        Power(x, Fraction(1, 10**20 + 1)),
    ):
        with pytest.raises(FormulaError):
            to_text(tree)


def test_complexity_counts_operators():
    assert complexity(parse("x")) == 0
    assert complexity(parse("exp(x) / (y + z)^2")) == 4


def test_a_long_sum_is_read_printed_and_evaluated():
    text = " + ".join(f"2.0 * x{i}" for i in range(200))
    tree = parse(text)
    assert to_text(tree) == text
    assert evaluate(tree, {f"x{i}": np.ones(1) for i in range(200)})[0] == 400.0


TYPED = st.text(st.sampled_from("xyc1.0e-+*/^()<>=` \\\\,²−·≤χexplog"), max_size=40)


@given(st.one_of(st.text(max_size=60), TYPED))
@settings(max_examples=300, deadline=None)
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
    with pytest.raises(FormulaError) as caught:
        parse(f"{'x + ' * 100}\t! y{' + x' * 100}")
    *_, shown, mark = str(caught.value).splitlines()
    assert shown[mark.index("^")] == "!"
    assert len(shown) < 130
