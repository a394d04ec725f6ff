"""The spread of coefficients over bootstraps checks their standard errors."""

import numpy as np
import pandas as pd
import pytest
from stand_ins import formula_of

from hecsr.formula.expression import variables
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Target
from hecsr.formula.grammar import parse
from hecsr.formula.nonlinear import Form, fit_form
from hecsr.validation.coefficient_spread import coefficient_spread
from hecsr.validation.parts import Runner
from hecsr.validation.problem import make_problem
from hecsr.validation.resampling import bootstraps_of


def spread_of(formula, X, y, groups=None, count=80, task="regression"):
    problem = make_problem(X, y, task=task, groups=groups)
    drawn = bootstraps_of(problem, count, seed=0)
    return coefficient_spread({"e": formula}, problem, drawn, Runner(n_jobs=1))


def fitted(text, X, y, task="regression"):
    columns = {n: X[n].to_numpy() for n in X}
    given = {"task": task, "target": Target("y"), "descriptors": {}}
    return fit_formula([parse(text)], columns, y, **given)


@pytest.fixture
def line():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.uniform(1, 2, 120)})
    return X, 1 + 3 * X["a"].to_numpy() ** 2 + rng.normal(0, 0.5, 120)


def test_independent_rows_spread_as_the_standard_error_says(line):
    X, y = line
    found = spread_of(fitted("a^2", X, y), X, y).set_index("coefficient")
    ratio = found["sd"] / found["standard_error"]
    assert ratio.between(0.75, 1.3).all()
    assert (found["low"] < found["value"]).all()
    assert (found["value"] < found["high"]).all()
    assert found.loc["c1", "same_sign"] == 1
    assert (found["n"] == 80).all()


def test_errors_shared_in_a_group_spread_wider_than_the_standard_error(line):
    X, y = line
    groups = np.repeat(np.arange(120), 9)
    X, y = X.iloc[groups].reset_index(drop=True), y[groups]
    found = spread_of(fitted("a^2", X, y), X, y, groups)
    ratio = found["sd"] / found["standard_error"]
    assert ratio.between(2.2, 4).all()


def test_constants_inside_a_term_are_refitted(line):
    X, _ = line
    rng = np.random.default_rng(2)
    y = 2 + np.exp(1.5 * X["a"].to_numpy()) + rng.normal(0, 0.3, 120)
    form = Form(parse("c0 + exp(c1 * a)", ["c0", "c1"]), {"c0": 0.0, "c1": 1.0})
    columns = {"a": X["a"].to_numpy()}
    given = {"task": "regression", "target": Target("y"), "descriptors": {}}
    formula = fit_form(form, columns, y, **given)
    found = spread_of(formula, X, y, count=30).set_index("coefficient")
    assert found.loc["c1", "low"] < 1.5 < found.loc["c1", "high"]
    assert 0.5 < found.loc["c1", "sd"] / found.loc["c1", "standard_error"] < 1.8


def test_a_logistic_formula_is_refitted_by_its_own_likelihood(line):
    X, _ = line
    a = X["a"].to_numpy()
    p = 1 / (1 + np.exp(-4 * (a - 1.5)))
    y = (np.random.default_rng(1).random(120) < p).astype(float)
    found = spread_of(fitted("a", X, y, "classification"), X, y, task="classification")
    assert found["sd"].notna().all()
    assert (found["same_sign"] > 0.95).all()


def test_a_refit_that_is_undefined_is_left_out():
    # one row alone makes the term vary: without it there is nothing to fit
    X = pd.DataFrame({"a": [0.0] * 19 + [1.0], "b": np.arange(20.0)})
    y = np.arange(20.0)
    formula = fitted("a", X, y)
    assert variables(formula.expression) == ("a",)
    found = spread_of(formula, X, y, count=40)
    assert (found["n"] < 40).all()
    assert (found["n"] > 10).all()


def test_a_formula_without_coefficients_has_no_spread(line):
    X, y = line
    bare = formula_of(parse("a"), ("a",), ())
    assert not len(spread_of(bare, X, y, count=2))
