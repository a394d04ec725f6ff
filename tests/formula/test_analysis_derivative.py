from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import FormulaError
from hecsr.formula.analysis.derivative import derivative
from hecsr.formula.analysis.elasticity import elasticities, slopes, summarised
from hecsr.formula.expression import (
    FUNCTIONS,
    Binary,
    Call,
    Constant,
    Negative,
    Number,
    Power,
    Variable,
    evaluate,
)
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Target
from hecsr.formula.gradient import gradient
from hecsr.formula.grammar import parse

X, C = Variable("x"), Constant("c")
COLUMNS = {"x": np.array([0.31, 1.27, 2.83, -0.6]), "y": np.array([1.9, 0.6, 2.2, 1.1])}

trees = st.recursive(
    st.sampled_from([X, Variable("y"), C, Number(2.0), Number(-0.5)]),
    lambda t: st.one_of(
        st.builds(Binary, st.sampled_from("+-*/"), t, t),
        st.builds(Binary, st.just("^"), t, st.sampled_from([C, X])),
        st.builds(
            Power, t, st.sampled_from([Fraction(n, 2) for n in (-4, -1, 1, 3, 4)])
        ),
        st.builds(Negative, t),
        st.builds(Call, st.sampled_from(sorted(FUNCTIONS)), t),
    ),
    max_leaves=8,
)


@given(trees, st.sampled_from([X, C]))
@settings(max_examples=200, deadline=None)
def test_the_derivative_as_a_formula_is_that_of_the_values(tree, by):
    constants = {"c": 1.37}
    value, expected = gradient(tree, [by], COLUMNS, constants)
    found = np.broadcast_to(evaluate(derivative(tree, by), COLUMNS, constants), 4)
    # where rounding is not the whole of it, and both exist
    sure = np.isfinite(expected[:, 0]) & np.isfinite(found) & (np.abs(value) < 1e6)
    sure &= np.abs(expected[:, 0]) < 1e6
    np.testing.assert_allclose(found[sure], expected[sure, 0], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x^2", "2 * x"),
        ("c * x", "c"),
        ("log(x)", "1 / x"),
        ("exp(2 * x)", "2 * exp(2 * x)"),
        ("y", "0"),
        ("(x > 1) * y", "0"),
        ("sqrt(x)", "1 / (2 * sqrt(x))"),
        ("y / x", "-(y / x^2)"),
        ("log(y) + x", "1"),
    ],
)
def test_derivatives_are_written_simply(text, expected):
    assert derivative(parse(text, ["c"]), X) == parse(expected, ["c"])


@pytest.fixture
def formula():
    x = np.linspace(1, 3, 8)
    y = np.array([2.0, 1, 4, 3, 5, 2, 6, 1])
    return fit_formula(
        [parse("x^2"), parse("y")],
        {"x": x, "y": y},
        4 * x**2 - y,
        task="regression",
        target=Target("z"),
        descriptors={n: Descriptor(n) for n in "xy"},
        intercept=False,
    )


def test_slopes_and_elasticities_of_a_sum(formula):
    data = pd.DataFrame({"x": [1.0, 2.0], "y": [1.0, 4.0]}, index=["a", "b"])
    found = slopes(formula, data)
    assert list(found.index) == ["a", "b"]
    np.testing.assert_allclose(found["x"], [8, 16])
    np.testing.assert_allclose(found["y"], [-1, -1])
    relative = elasticities(formula, data)
    np.testing.assert_allclose(relative["x"], [8 / 3, 32 / 12])
    np.testing.assert_allclose(relative["y"], [-1 / 3, -4 / 12])


def test_an_elasticity_at_the_value_zero_is_not_a_number(formula):
    found = elasticities(formula, {"x": np.array([0.0]), "y": np.array([0.0])})
    assert found.isna().all(axis=None)


def test_the_elasticity_of_a_power_law_is_its_exponent():
    x = np.linspace(1, 2, 9)
    law = fit_formula(
        [parse("x^3")],
        {"x": x},
        2 * x**3,
        task="regression",
        target=Target("z"),
        descriptors={},
        intercept=False,
    )
    found = summarised(elasticities(law, {"x": x})).loc["x"]
    assert found["mean"] == pytest.approx(3)
    assert found["lowest"] == pytest.approx(3)
    assert found["sign"] == "+"
    assert found["samples"] == 9


def test_a_summary_says_whether_the_sign_changes():
    rows = pd.DataFrame(
        {
            "up": [1.0, 2.0, 0.0],
            "down": [-1.0, np.nan, -2.0],
            "both": [-1.0, 1.0, 0.0],
            "flat": [0.0, 0.0, 0.0],
            "none": [np.nan, np.nan, np.nan],
        }
    )
    found = summarised(rows)
    assert list(found["sign"]) == ["+", "-", "both", "0", ""]
    assert list(found["samples"]) == [3, 2, 3, 3, 0]
    assert found.loc["down", "mean"] == pytest.approx(-1.5)


def test_a_missing_column_is_named(formula):
    with pytest.raises(FormulaError, match="no column 'y'"):
        slopes(formula, {"x": np.ones(2)})
