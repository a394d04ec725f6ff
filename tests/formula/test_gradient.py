from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hecsr.errors import FormulaError
from hecsr.formula.expression import (
    FUNCTIONS,
    Binary,
    Call,
    Comparison,
    Constant,
    Negative,
    Number,
    Power,
    Variable,
    evaluate,
)
from hecsr.formula.gradient import gradient
from hecsr.formula.grammar import parse

X, C = Variable("x"), Constant("c")


def slope(text, by, constants=(), **given):
    columns = {n: np.atleast_1d(v) for n, v in given.items() if n not in constants}
    values = {n: v for n, v in given.items() if n in constants}
    return gradient(parse(text, constants), [by], columns, values)[1][:, 0]


leaves = st.sampled_from([X, Variable("y"), C, Number(2.0), Number(-0.5)])
trees = st.recursive(
    leaves,
    lambda t: st.one_of(
        st.builds(Binary, st.sampled_from("+-*/"), t, t),
        st.builds(Binary, st.just("^"), t, st.sampled_from([C, X])),
        st.builds(Comparison, st.sampled_from(["<", ">="]), t, t),
        st.builds(
            Power, t, st.sampled_from([Fraction(n, 2) for n in (-4, -1, 1, 3, 4)])
        ),
        st.builds(Negative, t),
        st.builds(Call, st.sampled_from(sorted(FUNCTIONS)), t),
    ),
    max_leaves=8,
)
COLUMNS = {
    "x": np.array([0.0, 1.0, -1.3, 0.7, 2.9, 2.0]),
    "y": np.array([1.0, 0.0, 0.4, -2.2, 1.7, 2.0]),
}


@given(trees)
@settings(max_examples=150, deadline=None)
def test_the_value_is_that_of_evaluate(tree):
    value, _ = gradient(tree, [X, C], COLUMNS, {"c": 1.5})
    expected = np.broadcast_to(evaluate(tree, COLUMNS, {"c": 1.5}), 6)
    np.testing.assert_array_equal(value, expected)


@given(trees)
@settings(max_examples=150, deadline=None)
def test_derivatives_are_those_of_small_steps(tree):
    x = np.array([0.31, 1.27, 2.83])
    columns = {"x": x, "y": np.array([1.91, 0.57, 2.2])}
    _, slopes = gradient(tree, [X, C], columns, {"c": 1.37})

    def moved(dx, dc):
        return evaluate(tree, columns | {"x": x + dx}, {"c": 1.37 + dc})

    for i, (dx, dc) in enumerate([(1.0, 0.0), (0.0, 1.0)]):
        with np.errstate(all="ignore"):
            coarse, fine = (
                (moved(h * dx, h * dc) - moved(-h * dx, -h * dc)) / (2 * h)
                for h in (2e-5, 1e-5)
            )
            # only where steps of two lengths agree do they say anything
            size = 1 + np.abs(fine)
            sure = np.abs(coarse - fine) < 1e-7 * size
            sure &= np.abs(moved(0, 0)) < 1e3
        sure = np.broadcast_to(sure & np.isfinite(slopes[:, i]), 3)
        fine = np.broadcast_to(fine, 3)
        np.testing.assert_allclose(slopes[sure, i], fine[sure], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "text", ["abs(x)", "sqrt(x)", "sqrt(x^2)", "cbrt(x)", "x > 0", "1 / x", "log(x)"]
)
def test_a_derivative_that_does_not_exist_is_not_a_number(text):
    assert np.isnan(slope(text, X, x=0.0)).all()


@pytest.mark.parametrize("text", ["sqrt(c * x)", "x^c", "c * x^0", "(c * x)^(1/3)"])
def test_a_constant_that_changes_nothing_at_zero_has_the_slope_zero_there(text):
    expected = 1.0 if text == "c * x^0" else 0.0
    assert slope(text, C, ["c"], x=0.0, c=2.0)[0] == expected


def test_a_factor_of_a_step_has_a_slope_at_the_step_itself():
    found = slope("c * (x >= 8)", C, ["c"], x=[7.0, 8.0, 9.0], c=3.0)
    np.testing.assert_array_equal(found, [0.0, 1.0, 1.0])
    found = slope("c * (x >= 8)", X, ["c"], x=[7.0, 8.0, 9.0], c=3.0)
    np.testing.assert_array_equal(found, [0.0, np.nan, 0.0])


def test_a_quotient_of_tiny_numbers_keeps_its_slope():
    assert slope("x / c", C, ["c"], x=1e-200, c=1e-200)[0] == pytest.approx(-1e200)


def test_far_tails_keep_their_relative_accuracy():
    assert slope("tanh(x)", X, x=25.0)[0] == pytest.approx(4 * np.exp(-50.0))


def test_a_leaf_asked_for_twice_is_answered_twice():
    _, found = gradient(parse("x^2"), [X, X], {"x": np.array([3.0])})
    np.testing.assert_array_equal(found, [[6.0, 6.0]])


def test_what_is_not_given_is_named():
    with pytest.raises(FormulaError, match="no column 'x'"):
        gradient(X, [X], {"z": np.ones(2)})
    with pytest.raises(FormulaError, match="constant 'c'"):
        gradient(C, [C], {})
