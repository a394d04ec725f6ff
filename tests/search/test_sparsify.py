"""The exhaustive step against itertools and least squares."""

from itertools import combinations

import numpy as np
import pytest
from pools import N, Problem, assert_best, make_pool, make_problem, plain_losses

from hecsr.search.sisso.building.weighting import Weighting
from hecsr.search.sisso.sparsifying import exhaustive, workers
from hecsr.search.sisso.sparsifying.sparsify import best_tuples, refit

SIZES = [1, 2, 3, 4, 5]


def best_models(problem, size, keep, **options):
    tuples = best_tuples(problem.pool, problem.y, size, keep, **options)
    return refit(problem.pool, problem.y, tuples)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_best_models_are_those_of_plain_least_squares(size, centred, weighted):
    problem = make_problem(centred=centred, weighted=weighted, seed=size)
    models = best_models(problem, size, 12)
    assert_best(models, plain_losses(problem, size), 12)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tasks", [2, 3])
@pytest.mark.parametrize("centred", [True, False])
def test_tasks_share_features_and_not_coefficients(size, tasks, centred):
    problem = make_problem(tasks=tasks, centred=centred, weighted=True, seed=size)
    models = best_models(problem, size, 12)
    assert_best(models, plain_losses(problem, size), 12)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tasks", [1, 2])
@pytest.mark.parametrize("required", [1, 3])
def test_models_hold_the_required_descriptors_between_them(size, tasks, required):
    problem = make_problem(12, tasks=tasks, required=required, seed=1)
    plain = plain_losses(problem, size)
    assert len(plain) < len(list(combinations(range(12), size)))
    assert_best(best_models(problem, size, 10), plain, 10)


def test_a_descriptor_that_no_feature_holds_leaves_no_model():
    problem = make_problem(required=4)
    for size in (1, 2, 3, 4):
        assert len(best_tuples(problem.pool, problem.y, size, 10)) == 0


@pytest.mark.parametrize("size", [2, 3, 4, 5])
@pytest.mark.parametrize("tasks", [1, 2])
@pytest.mark.parametrize("tile", [(1, 4), (4, 8), (7, 12), (12, 5), (128, 512)])
def test_lists_do_not_depend_on_tiles_or_threads(monkeypatch, size, tasks, tile):
    problem = make_problem(12 if size == 5 else 18, tasks=tasks, seed=2)
    expected = best_tuples(problem.pool, problem.y, size, 15)
    monkeypatch.setattr(exhaustive, "TILE", tile)
    monkeypatch.setattr(exhaustive, "BLOCK", tile)
    # as few reports as may be break the scans off
    monkeypatch.setattr(workers, "_HITS", 1)
    monkeypatch.setattr(exhaustive, "_ALONE", 0)
    for threads in (1, 2, 4):
        found = best_tuples(problem.pool, problem.y, size, 15, threads=threads)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("size", [2, 3, 4])
def test_a_shorter_list_is_the_head_of_a_longer_one(size):
    problem = make_problem(16, weighted=True, seed=3)
    longer = best_tuples(problem.pool, problem.y, size, 400)
    for keep in (1, 7, 60):
        found = best_tuples(problem.pool, problem.y, size, keep)
        np.testing.assert_array_equal(found, longer[:keep])


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("distance", [1e-2, 1e-3, 1e-4])
def test_nearly_dependent_features_are_not_missed(size, distance):
    """Their coefficients are large, and products in rounded arithmetic mislead."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(6, N))
    apart = rng.normal(size=(6, N))
    x = np.vstack([x, x + distance * apart])
    y = apart[0] + 0.3 * apart[1] + 0.1 * rng.normal(size=N)
    problem = Problem(make_pool(x, Weighting(np.full(N, 1 / N))), y, x)
    models = best_models(problem, size, 10)
    plain = plain_losses(problem, size)
    expected = sorted(plain.values())[:10]
    np.testing.assert_allclose([m.loss for m in models], expected, rtol=1e-6)
    assert {0, 6} <= set(models[0].members)
    assert models[0].condition > 1 / distance


def test_dependent_features_are_never_chosen_together():
    problem = make_problem(noise=0.0, seed=5)
    for size in (2, 3, 4):
        for m in best_models(problem, size, 10_000):
            chosen = set(m.members)
            assert not {2, 6} <= chosen
            assert not {7, 8} <= chosen
            assert not {0, 1, 4} <= chosen
            assert m.condition < 1e6


def test_the_order_of_equal_models_is_that_of_their_members():
    problem = make_problem(seed=6)
    rows = problem.pool.rows[[2, 10, 11, 0, 1, 2, 10, 11]]
    pool = make_pool(rows, problem.pool.weighting)
    found = best_tuples(pool, problem.y, 2, 4)
    # 0 and 5, 1 and 6, and 2 and 7 are the same features
    assert found.tolist() == [[0, 1], [0, 6], [1, 5], [5, 6]]
    assert [list(m.members) for m in refit(pool, problem.y, found)] == found.tolist()


def test_fewer_tuples_than_asked_for():
    problem = make_problem()
    few = make_pool(problem.values[:3], problem.pool.weighting)
    assert len(best_tuples(few, problem.y, 3, 50)) == 1
    assert len(best_tuples(few, problem.y, 2, 50)) == 3
    assert best_tuples(few, problem.y, 4, 50).shape == (0, 4)
    nothing = make_pool(np.empty((0, N)), problem.pool.weighting)
    for size in (1, 2, 3):
        rows = np.empty((0, N))
        pool = type(few)(rows, nothing.weighting, np.empty(0, np.int64))
        assert best_tuples(pool, problem.y, size, 5).shape == (0, size)


def test_more_features_than_the_samples_allow():
    problem = make_problem()
    head = np.arange(4)
    pool = make_pool(
        problem.values[[0, 1, 2, 3, 10, 11]][:, head], Weighting(np.full(4, 0.25))
    )
    y = problem.y[head]
    assert len(best_tuples(pool, y, 3, 50)) > 0
    assert len(best_tuples(pool, y, 4, 50)) == 0
    assert len(best_tuples(pool, y, 5, 50)) == 0


def test_a_constant_target_has_no_models():
    problem = make_problem()
    y = np.full(N, 3.0)
    for size in (1, 2, 3):
        found = best_tuples(problem.pool, y, size, 5)
        assert len(found) == 0
        assert refit(problem.pool, y, found) == []


@pytest.mark.parametrize("scale", [1e-30, 1e30])
@pytest.mark.parametrize("tasks", [1, 2])
def test_the_scale_of_the_target_changes_residuals_alone(scale, tasks):
    problem = make_problem(tasks=tasks)
    plain = best_models(problem, 2, 5)
    scaled = best_models(Problem(problem.pool, problem.y * scale, problem.values), 2, 5)
    for a, b in zip(plain, scaled, strict=True):
        assert a.members == b.members
        assert b.loss == pytest.approx(a.loss, rel=1e-12)
        np.testing.assert_allclose(b.residual / scale, a.residual, atol=1e-12)


@pytest.mark.parametrize("tasks", [1, 3])
@pytest.mark.parametrize("centred", [True, False])
def test_residual_and_condition_are_those_of_the_fit(tasks, centred):
    problem = make_problem(tasks=tasks, centred=centred, weighted=True)
    weighting = problem.pool.weighting
    for m in best_models(problem, 3, 6):
        conditions = []
        left = total = 0.0
        for task in weighting.tasks:
            root = weighting.rootshare[task]
            x, y = problem.values[list(m.members)][:, task].T, problem.y[task]
            design = np.column_stack([x, np.ones(len(y))]) if centred else x
            fit = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0]
            np.testing.assert_allclose(m.residual[task], y - design @ fit, atol=1e-10)
            rows = problem.pool.rows[list(m.members)][:, task]
            used = np.abs(rows).max(axis=1) > 0
            conditions.append(np.linalg.cond(rows[used].T))
            mean = root**2 @ y / (root**2).sum() if centred else 0.0
            left += root**2 @ m.residual[task] ** 2
            total += root**2 @ (y - mean) ** 2
        assert m.condition == pytest.approx(max(conditions), rel=1e-9)
        assert m.loss == pytest.approx(left / total, rel=1e-9)


def test_a_sample_without_weight_does_not_count():
    problem = make_problem()
    share = np.ones(N)
    share[[3, 17]] = 0.0
    used = share > 0
    whole = make_pool(problem.values, Weighting(share / share.sum()))
    part = make_pool(problem.values[:, used], Weighting(np.full(N - 2, 1 / (N - 2))))
    models = refit(whole, problem.y, best_tuples(whole, problem.y, 2, 8))
    y = problem.y[used]
    for a, b in zip(models, refit(part, y, best_tuples(part, y, 2, 8)), strict=True):
        assert a.members == b.members
        assert a.loss == pytest.approx(b.loss, rel=1e-9)
        np.testing.assert_allclose(a.residual[used], b.residual, atol=1e-10)
        assert not a.residual[~used].any()


def test_an_exact_law_is_found_with_its_loss():
    problem = make_problem(noise=0.0)
    y = problem.values[2] - 0.7 * problem.values[10] + 4
    best = best_models(Problem(problem.pool, y, problem.values), 2, 3)
    assert best[0].members == (2, 10)
    assert best[0].loss < 1e-28
    # the copy of the first feature fits as well
    assert best[1].members == (6, 10)
    assert best[2].loss > 1e-6
