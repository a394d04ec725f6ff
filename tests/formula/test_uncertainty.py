"""Standard errors, leverage and intervals, and whether they cover what they say."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.model_selection import GroupKFold

from hecsr import SearchSpace, SissoRegressor
from hecsr.errors import FormulaError
from hecsr.formula.expression import logistic
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Interval, Target
from hecsr.formula.grammar import parse
from hecsr.formula.nonlinear import Form, fit_form
from hecsr.formula.uncertainty import (
    intervals,
    leverage,
    standard_error,
)
from hecsr.validation.conformal import half_width

N = 40


def linear(x, y, *terms, task="regression"):
    return fit_formula(
        [parse(t) for t in terms], x, y, task=task, target=Target("y"), descriptors={}
    )


def curved(x, y, text, **start):
    form = Form(parse(text, start), start)
    return fit_form(
        form, x, y, task="regression", target=Target("y"), descriptors={}
    )  # fmt: skip


def columns(rng, n=N):
    return {"a": rng.uniform(1, 3, n), "b": rng.uniform(0.5, 2, n)}


@pytest.fixture
def line():
    rng = np.random.default_rng(0)
    x = columns(rng)
    return linear(x, 1 + 2 * x["a"] - x["b"] ** 2 + rng.normal(size=N), "a", "b^2"), x


def test_the_analytic_interval_is_that_of_the_textbook(line):
    formula, x = line
    design = np.column_stack([np.ones(N), x["a"], x["b"] ** 2])
    hat = np.einsum("ij,jk,ik->i", design, np.linalg.inv(design.T @ design), design)
    sd = formula.metrics["residual_sd"]
    for level in (0.5, 0.9, 0.99):
        found = intervals(formula, x, "analytic", level)
        reach = stats.t.ppf((1 + level) / 2, N - 3) * sd * np.sqrt(1 + hat)
        np.testing.assert_allclose(found.upper - found.lower, 2 * reach, rtol=1e-9)
        assert (found.level, found.kind) == (level, "analytic")
        assert "given this form" in found.basis
    np.testing.assert_allclose(leverage(formula, x, N), hat, rtol=1e-8)
    assert formula.domain.leverage == pytest.approx(hat.max(), rel=1e-8)


def test_constants_anywhere_give_the_interval_of_the_form_made_linear(line):
    straight, x = line
    y = straight.evaluate(x) + np.random.default_rng(1).normal(size=N)
    one = linear(x, y, "a", "b^2")
    other = curved(x, y, "c0 + c1 * a + c2 * b^2", c0=0, c1=0, c2=0)
    for a, b in (
        (intervals(one, x, "analytic"), intervals(other, x, "analytic")),
    ):  # fmt: skip
        np.testing.assert_allclose(a.lower, b.lower, rtol=1e-6)
        np.testing.assert_allclose(a.upper, b.upper, rtol=1e-6)


def test_a_probability_has_bounds_through_the_link():
    rng = np.random.default_rng(2)
    x = columns(rng)
    formula = linear(
        x, (x["a"] + rng.normal(size=N) > 2) * 1.0, "a", task="classification"
    )
    found = intervals(formula, x, level=0.8)
    design = np.column_stack([np.ones(N), x["a"]])
    z = design @ [c.value for c in formula.coefficients]
    se = np.sqrt(np.einsum("ij,jk,ik->i", design, np.array(formula.covariance), design))
    np.testing.assert_allclose(found.lower, logistic(z - 1.2815515655446004 * se))
    np.testing.assert_allclose(standard_error(formula, x, N), se)
    with pytest.raises(FormulaError, match="a probability has no held-out errors"):
        intervals(formula, x, "conformal")


def test_a_level_is_never_answered_by_a_lower_one(line):
    formula, x = line
    with pytest.raises(FormulaError, match="carries no held-out errors"):
        intervals(formula, x, "conformal")
    carried = formula.with_(
        interval=Interval(2.0, 0.9, "40 errors", ((0.5, 0.7), (0.9, 2.0), (0.95, 3.0)))
    )
    for asked, kept, half in ((0.9, 0.9, 2), (0.3, 0.5, 0.7), (0.91, 0.95, 3)):
        found = intervals(carried, x, level=asked)
        assert (found.level, found.kind) == (kept, "conformal")
        np.testing.assert_allclose(found.upper - found.lower, 2 * half)
    with pytest.raises(FormulaError, match=r"at most 0\.95, not of 0\.99"):
        intervals(carried, x, level=0.99)
    assert intervals(carried, x, "analytic", 0.99).level == 0.99
    with pytest.raises(FormulaError, match=r"one in \(0, 1\)"):
        intervals(carried, x, level=1)
    with pytest.raises(FormulaError, match="did you mean 'conformal'"):
        intervals(carried, x, "conform")


def test_without_freedom_or_covariance_the_bounds_are_unknown():
    x = {"a": np.array([1.0, 2.0])}
    exact = linear(x, np.array([1.0, 3.0]), "a")
    assert np.isnan(intervals(exact, x).lower).all()
    assert exact.domain.leverage is None


FORMS = {
    "linear": (
        lambda x: 1 + 2 * x["a"] - x["b"] ** 2,
        lambda x, y: linear(x, y, "a", "b^2"),
        (1, 2, -1),
    ),
    "anywhere": (
        lambda x: 1 + 2 * np.exp(-x["a"]) * x["b"],
        lambda x, y: curved(x, y, "c0 + c1 * exp(-c2 * a) * b", c0=0.0, c1=1.0, c2=0.5),
        (1, 2, 1),
    ),
}


@pytest.mark.parametrize("kind", FORMS)
def test_with_the_form_fixed_the_intervals_cover(kind):
    """Nominal 90 % of new values and 95 % of the coefficients, within 3 %."""
    law, fit, true = FORMS[kind]
    rng = np.random.default_rng(3)
    trials = 300 if kind == "linear" else 150
    new, coefficients = [], []
    for _ in range(trials):
        x, ahead = columns(rng), columns(rng, 20)
        formula = fit(x, law(x) + 0.1 * rng.normal(size=N))
        found = intervals(formula, ahead, "analytic")
        value = law(ahead) + 0.1 * rng.normal(size=20)
        new.append(((value >= found.lower) & (value <= found.upper)).mean())
        reach = stats.t.ppf(0.975, N - 3)
        coefficients += [
            abs(c.value - t) <= reach * c.standard_error
            for c, t in zip(formula.coefficients, true, strict=True)
        ]
    assert np.mean(new) == pytest.approx(0.9, abs=0.03)
    assert np.mean(coefficients) == pytest.approx(0.95, abs=0.03)


def test_with_the_form_fixed_conformal_intervals_cover():
    law, fit, _ = FORMS["linear"]
    rng = np.random.default_rng(4)
    covered = []
    for _ in range(60):
        x, ahead = columns(rng), columns(rng, 20)
        y = law(x) + 0.1 * rng.standard_t(3, N)
        error = np.empty(N)
        for train, test in GroupKFold(5).split(y, groups=np.arange(N)):
            part = fit({n: c[train] for n, c in x.items()}, y[train])
            error[test] = y[test] - part.evaluate({n: c[test] for n, c in x.items()})
        carried = fit(x, y).with_(interval=Interval(half_width(error), 0.9, "errors"))
        found = intervals(carried, ahead)
        value = law(ahead) + 0.1 * rng.standard_t(3, 20)
        covered.append(((value >= found.lower) & (value <= found.upper)).mean())
    assert np.mean(covered) == pytest.approx(0.9, abs=0.03)


def grouped(rng, groups):
    """a b + noise, in groups of two that share a composition and half the noise."""
    x = rng.uniform(1, 2, (groups, 8)).repeat(2, 0) + rng.uniform(
        0, 0.2, (2 * groups, 8)
    )
    noise = rng.normal(size=groups).repeat(2) + rng.normal(size=2 * groups)
    frame = pd.DataFrame(x, columns=list("abcdefgh"))
    return frame, x[:, 0] * x[:, 1] + 0.5 * noise, np.arange(groups).repeat(2)


def test_with_the_search_inside_only_held_out_errors_cover():
    """New groups, nominal 90 %: the standard errors do not know of the search."""

    def search(x, y):
        space = SearchSpace(rungs=1)
        return SissoRegressor(space=space, max_terms=2, inner_folds=0).fit(x, y)

    held_out, given_form = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        x, y, groups = grouped(rng, 20)
        ahead, value, _ = grouped(rng, 100)
        error = np.empty(len(y))
        for train, test in GroupKFold(5).split(x, y, groups):
            found = search(x.iloc[train], y[train])
            error[test] = y[test] - found.predict(x.iloc[test])
        half = half_width(error, 0.9, groups)
        formula = search(x, y).formula_.with_(interval=Interval(half, 0.9, "errors"))
        for kind, covered in (("conformal", held_out), ("analytic", given_form)):
            bounds = formula.predict(ahead, interval=kind)
            covered.append(value == np.clip(value, bounds.lower, bounds.upper))
    assert 0.87 <= np.mean(held_out) <= 0.97
    assert np.mean(given_form) < 0.83
