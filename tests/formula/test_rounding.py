import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hecsr.errors import FormulaError
from hecsr.formula.expression import evaluate
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Target
from hecsr.formula.grammar import parse
from hecsr.formula.rounding import (
    digits_of,
    enough_digits,
    fewest_digits,
    rounded,
    rounding_error,
    to_digits,
    written,
)
from hecsr.units import parse_unit


@pytest.fixture
def narrow():
    """A line through a narrow range: intercept and slope err together."""
    rng = np.random.default_rng(1)
    columns = {"x": rng.uniform(1237.3, 1238.3, 40)}
    y = 12.0 + 7.0 * columns["x"] + rng.normal(0, 0.01, 40)
    return fitted(columns, y, "x"), columns


def fitted(columns, y, *terms, task="regression"):
    return fit_formula(
        [parse(term) for term in terms], columns, y, task=task,
        target=Target("hardness", unit=parse_unit("GPa")), descriptors={},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "error", "digits", "text"),
    [
        (116.5234, 1.83, 4, "116.5"),
        (-52.718, 1.57, 3, "-52.7"),
        (197.4, 12.3, 3, "197"),
        (0.5, 0.0996, 2, "0.50"),
        (0.01, 5.0, 1, "0.01"),
        (1234567.0, 4500.0, 5, "1.2346e+06"),
        (1.23456789e-7, 2e-9, 4, "1.235e-07"),
        (3.14159, None, 4, "3.142"),
        (3.14159, 0.0, 4, "3.142"),
        (3.14159, float("nan"), 4, "3.142"),
        (2.0, 1e-30, 17, "2.0000000000000000"),
        (120.0, 100.0, 2, "120"),
    ],
)
def test_a_value_is_shown_to_two_digits_of_its_error(value, error, digits, text):
    assert digits_of(value, error) == digits
    assert written(value, digits) == text


@given(st.floats(-1e308, 1e308), st.integers(1, 17))
def test_what_is_written_is_what_is_rounded_to(value, digits):
    assert float(written(value, digits)) == to_digits(value, digits)


@given(st.integers(1, 15))
def test_a_form_rounded_to_digits_computes_what_is_printed_with_them(digits):
    columns = {"x": np.linspace(1, 2, 20), "z": np.linspace(3, 1, 20) ** 2}
    formula = fitted(
        columns, np.sin(columns["x"]) * 12.345, "(x / 1.23456789)^2", "log(z) * x"
    )
    printed = parse(formula.to_text(digits=digits))
    found = rounded(formula, digits)
    assert evaluate(printed, columns) == pytest.approx(
        found.evaluate(columns), rel=1e-12
    )
    assert found.provenance["rounded"] == f"to {digits} significant digits"


def test_digits_of_the_standard_errors_can_wreck_the_value(narrow):
    formula, columns = narrow
    error = rounding_error(formula, columns)
    # each coefficient keeps two digits of its error, and still
    assert error.to_residual > 1
    assert error.rows == 40
    assert error.unit == "GPa"
    assert "GPa" in str(error)
    assert "of the residual standard deviation" in str(error)


def test_digits_found_on_the_data_are_enough_and_not_one_too_many(narrow):
    formula, columns = narrow
    digits = fewest_digits(formula, columns)
    assert rounding_error(formula, columns, digits).to_residual <= 0.01
    assert rounding_error(formula, columns, digits - 1).to_residual > 0.01


def test_only_the_coefficients_that_need_it_get_more_digits(narrow):
    formula, columns = narrow
    digits = enough_digits(formula, columns)
    assert rounding_error(formula, columns, digits).to_residual <= 0.01
    assert sum(digits.values()) <= 2 * fewest_digits(formula, columns)
    few = rounded(formula, digits)
    assert few.constants["c1"] == to_digits(formula.constants["c1"], digits["c1"])
    for name, count in digits.items():
        fewer = digits | {name: count - 1}
        assert rounding_error(formula, columns, fewer).to_residual > 0.01


def test_what_is_uncertain_alone_needs_no_more_digits_than_its_error():
    rng = np.random.default_rng(1)
    columns = {"x": rng.normal(size=60), "z": rng.normal(size=60)}
    y = 3 + 2 * columns["x"] - columns["z"] + rng.normal(0, 0.5, 60)
    formula = fitted(columns, y, "x", "z")
    assert rounding_error(formula, columns).to_residual < 0.05


def test_a_rounded_formula_keeps_its_errors_and_says_that_it_is_rounded(narrow):
    formula, _ = narrow
    few = rounded(formula)
    assert few.covariance == formula.covariance
    assert few.coefficients[0].standard_error == formula.coefficients[0].standard_error
    assert few.provenance["rounded"] == "to two digits of the standard errors"
    assert "rounded" not in formula.provenance


def test_a_probability_is_off_by_an_absolute_tolerance():
    rng = np.random.default_rng(2)
    columns = {"x": rng.normal(100, 1, 80)}
    y = (columns["x"] + rng.normal(size=80) > 100).astype(float)
    formula = fitted(columns, y, "x", task="classification")
    digits = fewest_digits(formula, columns, 0.001)
    error = rounding_error(formula, columns, digits)
    assert error.absolute <= 0.001
    assert error.to_residual is None
    assert error.unit == "1"


def test_rows_that_only_one_form_defines_are_counted():
    columns = {"x": np.linspace(1.0004, 3, 30)}
    formula = fitted(columns, columns["x"], "sqrt(x - 1.0004)")
    error = rounding_error(formula, columns, 1)
    assert error.only_one_defined == 0
    assert rounding_error(formula, {"x": np.array([1.0002, 2])}, 1).only_one_defined
    assert "only one" in str(
        rounding_error(formula, pd.DataFrame({"x": [1.0002, 2.0]}), 1)
    )


def test_impossible_rounding_is_refused(narrow):
    formula, columns = narrow
    with pytest.raises(FormulaError, match="0 significant digits"):
        rounded(formula, 0)
    with pytest.raises(FormulaError, match="no coefficient 'c7'; there are: c0, c1"):
        rounded(formula, {"c7": 3})
    with pytest.raises(FormulaError, match="tolerance of 0"):
        fewest_digits(formula, columns, 0)
    with pytest.raises(FormulaError, match="no column 'x'"):
        rounding_error(formula, {"y": columns["x"]})
