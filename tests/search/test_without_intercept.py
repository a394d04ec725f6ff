"""Formulas without a constant: what is proportional stays so."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import SearchError
from hecsr.formula.file import load_formula, save_formulas
from hecsr.formula.fit import fit_formula, least_squares
from hecsr.formula.formula import Target
from hecsr.formula.grammar import parse
from hecsr.formula.uncertainty import intervals
from hecsr.search.sisso.estimator import SissoRegressor
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.units import parse_unit

OPTIONS = {"space": SearchSpace(rungs=1), "budget": Budget(sis=40), "max_terms": 2}


def table(n=60, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.uniform(1, 3, (n, 4)), columns=list("abcd"))


def test_coefficients_and_errors_are_those_of_ordinary_least_squares():
    x = table().to_numpy()
    y = x @ [1.0, -2.0, 3.0, 0.5] + np.random.default_rng(1).normal(size=60)
    fit = least_squares(x, y, intercept=False)
    expected, squares, *_ = np.linalg.lstsq(x, y)
    covariance = squares[0] / 56 * np.linalg.inv(x.T @ x)
    np.testing.assert_allclose(fit.coefficients, expected, rtol=1e-9)
    np.testing.assert_allclose(fit.covariance, covariance, rtol=1e-9)
    np.testing.assert_allclose(fit.fitted, x @ expected)


def test_weights_count_as_repeated_rows():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(20, 2)), rng.normal(size=20)
    weights = rng.integers(1, 4, 20)
    once = least_squares(x, y, weights.astype(float), intercept=False)
    again = least_squares(
        np.repeat(x, weights, 0), np.repeat(y, weights), intercept=False
    )
    np.testing.assert_allclose(once.coefficients, again.coefficients)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e200, 1e300])
def test_columns_of_any_scale_are_fitted(scale, intercept):
    x, y = table(), table().a * 3 - 1
    one = least_squares(x.to_numpy(), y.to_numpy(), intercept=intercept)
    other = least_squares(x.to_numpy() * scale, y.to_numpy(), intercept=intercept)
    np.testing.assert_allclose(other.fitted, one.fitted)
    terms = slice(int(intercept), None)
    np.testing.assert_allclose(
        other.coefficients[terms] * scale, one.coefficients[terms], atol=1e-12
    )


@pytest.mark.parametrize("terms", [[], ["a"], ["a / b", "c"]])
def test_a_saved_formula_is_the_same_formula(tmp_path, terms):
    x = table()
    columns = {name: x[name].to_numpy() for name in x}
    formula = fit_formula(
        [parse(t) for t in terms], columns, columns["d"], task="regression",
        target=Target("E", unit=parse_unit("J")), intercept=False,
        descriptors={"a": Descriptor("a", unit=parse_unit("m"))},
    )  # fmt: skip
    path = save_formulas(tmp_path / "f.json", [formula])
    assert load_formula(path) == formula
    names = [f"c{k + 1}" for k in range(len(terms))]
    assert [c.name for c in formula.coefficients] == names
    assert len(formula.terms) == len(terms)
    assert formula.evaluate(x).shape == (60,)
    assert formula.to_latex(equation=True)


def test_coefficients_carry_their_units():
    x = table()
    columns = {name: x[name].to_numpy() for name in x}
    formula = fit_formula(
        [parse("a / b")], columns, columns["d"], task="regression",
        target=Target("E", unit=parse_unit("J")), intercept=False,
        descriptors={"a": Descriptor("a", unit=parse_unit("m"))},
    )  # fmt: skip
    assert [c.unit.text for c in formula.coefficients] == ["J/m"]


def test_classes_have_an_intercept():
    with pytest.raises(SearchError, match="intercept"):
        fit_formula(
            [], {}, np.array([0.0, 1.0]), task="classification", target=Target("y"),
            descriptors={}, intercept=False,
        )  # fmt: skip


def test_a_law_through_the_origin_is_found_and_holds_elsewhere():
    x, fresh = table(), table(seed=1)
    y = 3 * x.a * x.b - x.c / x.d
    found = SissoRegressor(**OPTIONS, fit_intercept=False, inner_folds=0).fit(x, y)
    assert len(found.formula_.coefficients) == 2
    truth = 3 * fresh.a * fresh.b - fresh.c / fresh.d
    np.testing.assert_allclose(found.predict(fresh), truth, rtol=1e-9)


def test_the_front_begins_with_nothing_at_all():
    x = table()
    y = np.random.default_rng(0).normal(size=60)
    found = SissoRegressor(**OPTIONS, fit_intercept=False).fit(x, y)
    assert [p.limit for p in found.front_] == [0, 1, 2]
    assert found.front_[0].formula.to_text() == "0"
    assert found.limit_ == 0
    np.testing.assert_array_equal(found.predict(x), 0)


def test_proportional_quantities_have_a_formula_of_one_term():
    x = table()
    found = SissoRegressor(**OPTIONS, fit_intercept=False).fit(x, 2 * x.b)
    assert len(found.front_) == 2
    assert found.formula_.to_text() == "2 * b"


def test_units_do_not_change_the_terms():
    x = table()
    y = 3 * x.a / x.b + 0.2 * np.sin(np.arange(60))
    fits = []
    for unit, factor in (("m", 1.0), ("nm", 1e9)):
        described = [Descriptor(name, unit=parse_unit(unit)) for name in "ab"]
        found = SissoRegressor(**OPTIONS, fit_intercept=False, descriptors=described)
        fits.append(found.fit(x.assign(a=x.a * factor, b=x.b * factor), y))
    for one, other in zip(*(f.front_ for f in fits), strict=True):
        assert one.formula.expression == other.formula.expression


def test_one_sample_less_is_needed():
    x = table(3)
    with pytest.raises(SearchError, match="for 2 terms and an intercept; at least 4"):
        SissoRegressor(**OPTIONS, inner_folds=0).fit(x, x.a)
    SissoRegressor(**OPTIONS, fit_intercept=False, inner_folds=0).fit(x, x.a)


def test_prediction_interval_is_that_of_least_squares_through_the_origin():
    x = table()
    noise = np.random.default_rng(5).normal(size=len(x))
    y = (3 * x.a + noise).to_numpy()
    found = SissoRegressor(
        space=SearchSpace(rungs=0), max_terms=1, inner_folds=0, fit_intercept=False
    ).fit(x[["a"]], y)
    columns = {"a": x.a.to_numpy()[:5]}
    value = found.formula_.evaluate(columns)
    bounds = intervals(found.formula_, columns, "analytic")
    low, high = bounds.lower, bounds.upper
    slope = float(x.a @ y / (x.a @ x.a))
    sd = np.sqrt(np.sum((y - slope * x.a) ** 2) / 59)
    spread = sd * np.sqrt(1 + columns["a"] ** 2 / float(x.a @ x.a))
    reach = stats.t.ppf(0.95, 59) * spread
    np.testing.assert_allclose(high - value, reach, rtol=1e-9)
    np.testing.assert_allclose(value - low, reach, rtol=1e-9)
