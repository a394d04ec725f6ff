"""Orthogonal matching pursuit, and L1 then L0, for models of many features."""

import numpy as np
import pytest
from pools import N, Problem, assert_best, make_pool, make_problem, plain_losses
from sklearn.linear_model import Lasso

from hecsr.search.sisso.building.weighting import Weighting
from hecsr.search.sisso.sparsifying.l1l0 import (
    descend,
    entries,
    l1l0_tuples,
    preselected,
)
from hecsr.search.sisso.sparsifying.pursuit import needed, pursuit_tuples
from hecsr.search.sisso.sparsifying.sparsify import best_tuples, refit


def plain_pursuit(problem, size):
    """One feature at a time, by the loss of the least squares with it."""
    weighting = problem.pool.weighting
    chosen = []
    for _ in range(size):
        losses = {}
        for j in range(len(problem.values)):
            members = tuple(sorted({*chosen, j}))
            if len(members) > len(chosen):
                values = problem.values[list(members)]
                pool = make_pool(values, weighting)
                small = Problem(pool, problem.y, values)
                losses[j] = plain_losses(small, len(members)).get(
                    tuple(range(len(members))), np.inf
                )
        chosen.append(min(losses, key=lambda j: (round(losses[j], 11), j)))
    return tuple(sorted(chosen)), losses


@pytest.mark.parametrize("tasks", [1, 2])
@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("size", [1, 2, 4, 6])
def test_pursuit_adds_the_feature_of_largest_partial_r2(tasks, centred, size):
    problem = make_problem(tasks=tasks, centred=centred, weighted=True, seed=7)
    members, losses = plain_pursuit(problem, size)
    found = pursuit_tuples(problem.pool, problem.y, size, 5)
    models = refit(problem.pool, problem.y, found)
    assert models[0].members == members
    expected = sorted(losses.values())[:5]
    np.testing.assert_allclose([m.loss for m in models], expected, rtol=1e-9)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pursuit_takes_in_the_required_descriptors(size):
    problem = make_problem(seed=8)
    bits = np.zeros(13, np.int64)
    bits[0], bits[1], bits[12] = 1, 2, 4 | 2
    pool = make_pool(problem.values, problem.pool.weighting, bits, required=1 | 2)
    found = pursuit_tuples(pool, problem.y, size, 5)
    assert len(found) == (0 if size == 1 else 2)
    for members in found:
        assert np.bitwise_or.reduce(bits[members]) & 3 == 3
    if size == 3:
        # the first one is free
        alone = pursuit_tuples(problem.pool, problem.y, 1, 1)[0, 0]
        assert all(alone in members for members in found)


def test_how_few_features_hold_all_that_is_missing():
    assert needed((0b001, 0b110), 0b111) == 2
    assert needed((0b001, 0b010, 0b110, 0b111), 0b111) == 1
    assert needed((0b011, 0b110, 0b101), 0b111) == 2
    assert needed((0b001,), 0b010) == np.inf
    assert needed((), 0) == 0


def test_pursuit_ends_where_nothing_is_independent():
    problem = make_problem()
    pool = make_pool(problem.values[[2, 6]], problem.pool.weighting)
    assert len(pursuit_tuples(pool, problem.y, 1, 5)) == 2
    assert len(pursuit_tuples(pool, problem.y, 2, 5)) == 0
    assert pursuit_tuples(pool, np.ones(N), 1, 5).shape == (0, 1)


def wide_problem(tasks=1, n_features=80):
    rng = np.random.default_rng(9)
    x = rng.normal(size=(n_features, N))
    y = x[3] - x[40] + 0.5 * x[71] + 0.1 * rng.normal(size=N)
    edges = {1: (), 2: (0, 16, N)}[tasks]
    pool = make_pool(x, Weighting(np.full(N, 1 / N), edges=edges))
    return Problem(pool, y, x)


@pytest.mark.parametrize("tasks", [1, 2])
def test_l1l0_finds_the_best_tuples_of_its_preselection(tasks):
    problem = wide_problem(tasks)
    chosen = preselected(problem.pool, problem.y, 30)
    assert len(chosen) == 30
    assert {3, 40, 71} <= set(chosen.tolist())
    small = problem.values[chosen]
    part = Problem(make_pool(small, problem.pool.weighting), problem.y, small)
    found = l1l0_tuples(problem.pool, problem.y, 3, 8)
    models = refit(problem.pool, problem.y, found)
    plain = {
        tuple(chosen[list(members)].tolist()): loss
        for members, loss in plain_losses(part, 3).items()
    }
    assert_best(models, plain, 8)
    assert models[0].members == (3, 40, 71)


def test_small_pools_are_searched_whole():
    problem = make_problem()
    np.testing.assert_array_equal(
        l1l0_tuples(problem.pool, problem.y, 5, 10),
        best_tuples(problem.pool, problem.y, 5, 10),
    )


@pytest.mark.parametrize("penalty", [0.5, 0.1, 0.02])
def test_the_penalised_fit_of_one_task_is_the_lasso(penalty):
    problem = wide_problem()
    rows, target, _, bounds = problem.pool.data(problem.y)
    beta, residual = np.zeros((len(rows), 1)), target.copy()
    descend(rows, bounds, penalty, 1e-12, 100_000, beta, residual)
    lasso = Lasso(penalty / N, fit_intercept=False, tol=1e-12, max_iter=100_000)
    lasso.fit(rows.T, target)
    np.testing.assert_allclose(beta[:, 0], lasso.coef_, atol=1e-7)


def test_the_penalised_fit_of_two_tasks_meets_its_conditions():
    """The gradient is the penalty along the coefficients, and less where they are 0."""
    problem = wide_problem(tasks=2)
    rows, target, share, bounds = problem.pool.data(problem.y)
    residual = target * np.sqrt(np.repeat(share, np.diff(bounds)))
    beta = np.zeros((len(rows), 2))
    descend(rows, bounds, 0.2, 1e-13, 100_000, beta, residual)
    slices = [slice(0, 16), slice(16, N)]
    gradient = np.column_stack([rows[:, t] @ residual[t] for t in slices])
    size = np.linalg.norm(beta, axis=1)
    used = size > 0
    assert 1 < used.sum() < 40
    along = 0.2 * beta[used] / size[used, None]
    np.testing.assert_allclose(gradient[used], along, atol=1e-10)
    assert np.linalg.norm(gradient[~used], axis=1).max() <= 0.2


def test_features_enter_the_path_by_the_penalty_they_bear():
    problem = wide_problem()
    found = entries(problem.pool.data(problem.y), 3)
    score = np.abs(problem.pool.rows @ problem.pool.data(problem.y)[1])
    assert found[0] == np.argmax(score)
    assert set(found) == {3, 40, 71}


def test_preselection_keeps_features_with_the_required_descriptors():
    problem = wide_problem()
    bits = np.zeros(80, np.int64)
    bits[[50, 51, 52]] = 1
    bits[np.arange(0, 80, 9)] += 2
    pool = make_pool(problem.values, problem.pool.weighting, bits, required=3)
    chosen = preselected(pool, problem.y, 10)
    assert {50, 51, 52} <= set(chosen.tolist())
    assert (bits[chosen] & 2 > 0).sum() >= 5
    for members in l1l0_tuples(pool, problem.y, 4, 10):
        assert np.bitwise_or.reduce(bits[members]) & 3 == 3


def test_a_constant_target_has_no_path():
    problem = wide_problem()
    assert l1l0_tuples(problem.pool, np.ones(N), 3, 5).shape == (0, 3)
