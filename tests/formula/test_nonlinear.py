"""Constants anywhere: against SciPy's curve_fit, the linear fits, and bad starts."""

import numpy as np
import pytest
from scipy.optimize import curve_fit, minimize

from hecsr.errors import SearchError
from hecsr.formula.expression import logistic
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Target
from hecsr.formula.grammar import parse
from hecsr.formula.likeliest import _log_determinant
from hecsr.formula.nonlinear import Form, fit_form
from hecsr.units import parse_unit

N = 60
KINDS = {"target": Target("y"), "descriptors": {}}


@pytest.fixture
def x():
    rng = np.random.default_rng(0)
    return {"a": rng.uniform(1, 3, N), "b": rng.uniform(0.2, 2, N)}


def fit(text, start, x, y, *, task="regression", weights=None, **kinds):
    form = Form(parse(text, start), start)
    return fit_form(form, x, y, task=task, weights=weights, **(KINDS | kinds))


def close(formula, values, errors, rtol=1e-5):
    found = [c.value for c in formula.coefficients]
    np.testing.assert_allclose(found, values, rtol=rtol)
    found = [c.standard_error for c in formula.coefficients]
    np.testing.assert_allclose(found, errors, rtol=10 * rtol)


LAWS = {
    "Arrhenius": (
        "c0 * exp(-c1 / a)",
        lambda x, p, q: p * np.exp(-q / x[0]),
        {"c0": 1.0, "c1": 0.5},
        (3.0, 2.0),
    ),
    "power with offset": (
        "c0 + c1 * a^c2",
        lambda x, p, q, r: p + q * x[0] ** r,
        {"c0": 0.0, "c1": 1.0, "c2": 1.0},
        (1.0, 2.0, 1.7),
    ),
    "saturation": (
        "c0 * a / (b + c1)",
        lambda x, p, q: p * x[0] / (x[1] + q),
        {"c0": 1.0, "c1": 1.0},
        (2.0, 0.4),
    ),
    "waves": (
        "c0 * sin(c1 * a + c2)",
        lambda x, p, q, r: p * np.sin(q * x[0] + r),
        {"c0": 0.7, "c1": 1.9, "c2": 0.1},
        (1.0, 2.0, 0.3),
    ),
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("law", LAWS)
def test_values_and_errors_are_those_of_curve_fit(x, law, weighted):
    text, function, start, true = LAWS[law]
    at = np.array([x["a"], x["b"]])
    rng = np.random.default_rng(1)
    y = function(at, *true) + 0.05 * rng.normal(size=N)
    weights = rng.uniform(0.2, 4, N) if weighted else None
    sigma = None if weights is None else 1 / np.sqrt(weights)
    values, covariance = curve_fit(
        function, at, y, p0=true, sigma=sigma, xtol=1e-13, ftol=1e-13
    )
    formula = fit(text, start, x, y, weights=weights)
    close(formula, values, np.sqrt(np.diag(covariance)))
    np.testing.assert_allclose(formula.covariance, covariance, rtol=1e-3)


def test_a_linear_form_is_fitted_as_by_least_squares(x):
    y = 1 + x["a"] + np.random.default_rng(2).normal(size=N)
    terms = [parse("a"), parse("b^2")]
    one = fit_formula(terms, x, y, task="regression", **KINDS)
    start = dict.fromkeys(("c0", "c1", "c2"), 0.0)
    other = fit("c0 + c1 * a + c2 * b^2", start, x, y)
    errors = [c.standard_error for c in one.coefficients]
    close(other, [c.value for c in one.coefficients], errors, 1e-8)
    assert other.metrics == pytest.approx(one.metrics)


def test_classes_are_fitted_as_by_firth(x):
    rng = np.random.default_rng(3)
    y = (x["a"] * x["b"] + 0.5 * rng.normal(size=N) > 2).astype(float)
    weights = rng.uniform(0.5, 2, N)
    terms = [parse("a * b"), parse("b")]
    for w in (None, weights):
        one = fit_formula(terms, x, y, task="classification", weights=w, **KINDS)
        start = dict.fromkeys(("c0", "c1", "c2"), 0.0)
        other = fit(
            "c0 + c1 * (a * b) + c2 * b", start, x, y, task="classification", weights=w
        )
        errors = [c.standard_error for c in one.coefficients]
        close(other, [c.value for c in one.coefficients], errors, 1e-6)


def test_curved_classes_have_the_greatest_penalised_likelihood(x):
    """Against a search without derivatives; c0 and c1 enter linearly, c2 does not."""
    rng = np.random.default_rng(4)
    y = (x["a"] ** 2 * x["b"] + rng.normal(size=N) > 3).astype(float)
    start = {"c0": -1.0, "c1": 1.0, "c2": 1.0}
    formula = fit("c0 + c1 * a^c2 * b", start, x, y, task="classification")

    def lost(c):
        power = x["a"] ** c[2] * x["b"]
        z = c[0] + c[1] * power
        slopes = np.stack([np.ones(N), power / power.std()])
        p = logistic(z)
        information = (slopes * p * (1 - p)) @ slopes.T
        likelihood = y @ z - np.logaddexp(0, z).sum()
        return -likelihood - np.linalg.slogdet(information)[1] / 2

    found = np.array([c.value for c in formula.coefficients])
    best = minimize(
        lost, found * 1.05, method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-11, "maxiter": 3000},
    )  # fmt: skip
    # all but the intercept, which is the likelihood's own
    assert found[1:] == pytest.approx(best.x[1:], rel=1e-4)
    assert lost([best.x[0], *found[1:]]) <= best.fun + 1e-8
    z = found[0] + found[1] * x["a"] ** found[2] * x["b"]
    assert logistic(z).mean() == pytest.approx(y.mean(), abs=1e-12)


def test_separable_classes_stay_finite(x):
    y = (x["a"] > 2).astype(float)
    formula = fit(
        "c0 + c1 * a^c2", {"c0": -2.0, "c1": 1.0, "c2": 1.0}, x, y,
        task="classification",
    )  # fmt: skip
    assert np.isfinite([c.value for c in formula.coefficients]).all()
    p = formula.evaluate(x)
    assert p[y == 1].min() > 0.5 > p[y == 0].max()


def test_constants_that_cannot_be_told_apart_are_held(x):
    y = 6 * x["a"] + np.random.default_rng(5).normal(size=N)
    formula = fit("c0 * c1 * a", {"c0": 2.0, "c1": 1.0}, x, y)
    product = formula.coefficients[0].value * formula.coefficients[1].value
    assert product == pytest.approx(x["a"] @ y / (x["a"] @ x["a"]))
    errors = [c.standard_error for c in formula.coefficients]
    assert errors.count(None) == 1
    held = errors.index(None)
    assert formula.covariance[held] == (0.0, 0.0)


def test_a_constant_without_effect_at_the_start_is_fitted_once_it_has_one(x):
    """The exponent of a term whose factor starts at 0 has no effect there."""
    y = 1 + 2 * x["a"] ** 1.5 + 0.01 * np.random.default_rng(6).normal(size=N)
    formula = fit("c0 + c1 * a^c2", {"c0": 0.0, "c1": 0.0, "c2": 1.0}, x, y)
    assert formula.constants["c2"] == pytest.approx(1.5, abs=0.1)
    assert all(c.standard_error for c in formula.coefficients)


def test_a_step_out_of_the_domain_is_taken_back(x):
    y = 0.5 + np.log(x["a"] - 0.99) + 0.01 * np.random.default_rng(7).normal(size=N)
    formula = fit("c0 + log(a - c1)", {"c0": 5.0, "c1": -3.0}, x, y)
    assert formula.constants["c1"] == pytest.approx(0.99, abs=0.02)
    assert np.isfinite(formula.evaluate(x)).all()


def test_tiny_and_huge_targets_are_fitted_alike(x):
    y = 2 * np.exp(-1.3 / x["a"]) + 0.01 * np.random.default_rng(8).normal(size=N)
    for scale in (1e-30, 1.0, 1e30):
        formula = fit("c0 * exp(-c1 / a)", {"c0": scale, "c1": 1.0}, x, scale * y)
        assert formula.constants["c1"] == pytest.approx(1.3, abs=0.05)
        assert formula.constants["c0"] == pytest.approx(2 * scale, rel=0.05)


def test_few_samples_keep_the_start_and_claim_no_errors():
    x = {"a": np.array([1.0, 2.0])}
    start = {"c0": 1.0, "c1": 1.0, "c2": 1.0}
    formula = fit("c0 + c1 * a^c2", start, x, np.array([2.0, 3.0]))
    assert formula.covariance is None
    assert [c.standard_error for c in formula.coefficients] == [None] * 3
    assert formula.evaluate(x) == pytest.approx([2.0, 3.0])


def test_an_undefined_start_and_a_missing_one_are_refused(x):
    with pytest.raises(SearchError, match="undefined on a sample"):
        fit("log(a - c0)", {"c0": 2.0}, x, x["a"])
    with pytest.raises(SearchError, match="'c1' has no value to start from"):
        Form(parse("c0 + c1", ("c0", "c1")), {"c0": 1.0})


def test_constants_carry_their_units(x):
    from hecsr.descriptors.catalogue import catalogue

    known = {n: c.descriptor for n, c in catalogue().items()}
    columns = {"melting_point_mean": 1000 * x["a"]}
    formula = fit(
        "c0 * exp(-c1 / melting_point_mean)", {"c0": 1.0, "c1": 900.0}, columns,
        np.exp(-1 / x["a"]), target=Target("H", unit=parse_unit("GPa")),
        descriptors=known,
    )  # fmt: skip
    assert [c.unit.text for c in formula.coefficients] == ["GPa", "K"]


@pytest.mark.parametrize("text", ["c0 * c1 * a", "c1 * a * c0", "c0 * a / c1"])
@pytest.mark.parametrize("start", [{"c0": 1.0, "c1": 1.0}, {"c0": 3.0, "c1": -2.0}])
def test_it_is_the_constant_at_its_start_that_is_held(x, text, start):
    y = 0.14 * x["a"] + 0.01 * np.random.default_rng(8).normal(size=N)
    formula = fit(text, start, x, y)
    held = [c.name for c in formula.coefficients if c.standard_error is None]
    kept = [n for n, value in formula.constants.items() if value == start[n]]
    assert len(held) == 1
    assert held == kept


def test_constants_too_large_to_be_squared_have_no_likelihood():
    with np.errstate(all="raise"):
        for column in ([1e300, 2e300], [0.0, 0.0], [np.inf, 1.0]):
            part = np.array(column)[:, None]
            assert _log_determinant(part, np.ones(2)) == -np.inf
