"""Solvers: models of a pool, best first, for numbers and for classes."""

import numpy as np
import pytest
from pools import N, Problem, assert_best, make_pool, make_problem, plain_losses

from hecsr.errors import SearchError
from hecsr.formula.fit import firth_logistic
from hecsr.search.samples import Samples
from hecsr.search.sisso.building.weighting import Weighting
from hecsr.search.sisso.sparsifying.firth import fit_tuple
from hecsr.search.sisso.sparsifying.solvers import (
    classification_solver,
    regression_solver,
)


def make_samples(problem, task="regression", weights=None):
    return Samples(problem.values.T, (), problem.y, weights, task)


@pytest.mark.parametrize("tasks", [1, 2])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_regression_returns_as_many_models_as_asked(tasks, size):
    problem = make_problem(tasks=tasks)
    models = regression_solver(make_samples(problem), 30)(problem.pool, size)
    plain = plain_losses(problem, size)
    assert_best(models, plain, 30)


@pytest.mark.parametrize("method", ["omp", "l1l0"])
def test_other_methods_are_no_better_than_the_exhaustive_one(method):
    problem = make_problem(seed=3)
    samples = make_samples(problem)
    best = regression_solver(samples, 1)(problem.pool, 3)
    models = regression_solver(samples, 1, method=method)(problem.pool, 3)
    assert models[0].loss >= best[0].loss
    assert np.all(np.diff([m.loss for m in models]) > -1e-11)
    assert models[0].loss < 0.5


def test_an_unknown_method_is_refused():
    problem = make_problem()
    with pytest.raises(SearchError, match="did you mean 'exhaustive'"):
        regression_solver(make_samples(problem), 1, method="exhaustiv")


def labelled(noise, seed=1):
    problem = make_problem(seed=3)
    rng = np.random.default_rng(seed)
    score = problem.values[2] - problem.values[10] + noise * rng.normal(size=N)
    y = (score > np.median(score)).astype(float)
    return Problem(problem.pool, y, problem.values)


@pytest.mark.parametrize("noise", [0.0, 1.5])
@pytest.mark.parametrize("weighted", [True, False])
def test_classes_are_fitted_by_penalised_likelihood(noise, weighted):
    problem = labelled(noise)
    weights = np.random.default_rng(2).integers(1, 3, N).astype(float)
    share = weights / weights.sum() if weighted else np.full(N, 1 / N)
    pool = make_pool(problem.values, Weighting(share))
    samples = make_samples(problem, "classification", weights if weighted else None)
    models = classification_solver(samples, 5)(pool, 2)
    assert len(models) >= 50
    losses = [m.loss for m in models]
    assert losses == sorted(losses)
    for m in models[:5]:
        columns = problem.values[list(m.members)].T
        fit = firth_logistic(columns, problem.y, weights if weighted else None)
        np.testing.assert_allclose(problem.y - m.residual, fit.fitted, atol=1e-5)
        rows = pool.rows[list(m.members)]
        assert m.condition == pytest.approx(np.linalg.cond(rows.T), rel=1e-9)


def test_a_single_class_has_no_models():
    problem = labelled(0.0)
    same = Problem(problem.pool, np.ones(N), problem.values)
    samples = make_samples(same, "classification")
    assert classification_solver(samples, 5)(problem.pool, 2) == []


@pytest.mark.parametrize("separable", [False, True])
def test_compiled_penalised_fit_is_that_of_the_formula(separable):
    problem = labelled(0.0 if separable else 1.5)
    columns = problem.pool.rows[[2, 9]] * np.sqrt(N)
    weights = np.random.default_rng(1).integers(1, 3, N).astype(float)
    likelihood, p = fit_tuple(columns, problem.y, weights)
    fit = firth_logistic(columns.T, problem.y, weights)
    np.testing.assert_allclose(p, fit.fitted, atol=1e-5)
    assert np.isfinite(likelihood)
