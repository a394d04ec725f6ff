import numpy as np
import pandas as pd
import pytest

from hecsr.errors import FormulaError
from hecsr.formula.analysis.contributions import centred, contributions
from hecsr.formula.expression import evaluate
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Formula, Target
from hecsr.formula.grammar import parse

X = np.linspace(1.0, 3.0, 12)
Y = np.array([2.0, 1, 4, 3, 5, 2, 6, 1, 3, 3, 2, 5])
DATA = pd.DataFrame({"x": X, "y": Y}, index=[f"s{i}" for i in range(12)])


def fitted(task, values):
    return fit_formula(
        [parse("x^2 / y"), parse("log(x)")],
        {"x": X, "y": Y},
        values,
        task=task,
        target=Target("z"),
        descriptors={},
    )


def with_form(formula, text):
    return formula.with_(expression=parse(text, ["c0", "c1", "c2"]))


@pytest.fixture
def regression() -> Formula:
    return fitted("regression", 1 + X**2 / Y + np.sin(5 * X))


def test_terms_sum_to_the_value(regression):
    found = contributions(regression, DATA)
    assert list(found.columns) == ["intercept", "x^2 / y", "log(x)"]
    assert list(found.index) == list(DATA.index)
    np.testing.assert_allclose(found.sum(axis=1), regression.evaluate(DATA), rtol=1e-14)
    constants = regression.constants
    np.testing.assert_allclose(found["log(x)"], constants["c2"] * np.log(X))


def test_of_a_classifier_terms_sum_to_the_linear_predictor():
    classes = (Y > 2.5).astype(float)
    formula = fitted("classification", classes)
    total = contributions(formula, DATA).sum(axis=1).to_numpy()
    np.testing.assert_allclose(1 / (1 + np.exp(-total)), formula.evaluate(DATA))


def test_subtracted_terms_and_scattered_constants_find_their_column(regression):
    formula = with_form(regression, "c1 * x - (y / 2 - c0) + 3 - x * c2 * y")
    found = contributions(formula, DATA)
    assert list(found.columns) == ["intercept", "x", "y", "x * y"]
    constants = regression.constants
    np.testing.assert_allclose(found["intercept"], constants["c0"] + 3)
    np.testing.assert_allclose(found["y"], -Y / 2)
    np.testing.assert_allclose(found.sum(axis=1), formula.evaluate(DATA))


def test_a_term_that_stands_twice_is_one_column(regression):
    formula = with_form(regression, "c1 * x + c0 + c2 * x")
    found = contributions(formula, DATA)
    assert list(found.columns) == ["intercept", "x"]
    np.testing.assert_allclose(found.sum(axis=1), formula.evaluate(DATA))


def test_an_undefined_term_leaves_the_others_their_values(regression):
    data = DATA.assign(x=DATA["x"].where(DATA.index != "s3", -1.0))
    found = contributions(regression, data)
    assert np.isnan(found.loc["s3", "log(x)"])
    assert np.isfinite(found.loc["s3", "x^2 / y"])


def test_centred_terms_sum_to_the_value_and_to_zero_over_the_samples(regression):
    found = centred(contributions(regression, DATA))
    value = regression.evaluate(DATA)
    np.testing.assert_allclose(found.sum(axis=1), value)
    np.testing.assert_allclose(found["mean"], value.mean())
    np.testing.assert_allclose(found.drop(columns="mean").sum(), 0, atol=1e-12)


def test_samples_with_an_undefined_term_do_not_count_in_the_means(regression):
    data = DATA.assign(x=DATA["x"].where(DATA.index != "s3", -1.0))
    found = centred(contributions(regression, data))
    rest = regression.evaluate(data.drop(index="s3"))
    np.testing.assert_allclose(found["mean"], rest.mean())


def test_a_variable_called_intercept_is_told_from_it(regression):
    formula = fit_formula(
        [parse("intercept")],
        {"intercept": X},
        2 * X + np.cos(X),
        task="regression",
        target=Target("z"),
        descriptors={},
    )
    found = contributions(formula, {"intercept": X})
    assert list(found.columns) == ["intercept", "(intercept)"]
    expected = evaluate(formula.linear_predictor, {"intercept": X}, formula.constants)
    np.testing.assert_allclose(found.sum(axis=1), expected)


def test_a_missing_column_is_named(regression):
    with pytest.raises(FormulaError, match="no column 'y'"):
        contributions(regression, DATA[["x"]])
