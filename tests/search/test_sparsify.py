"""The exhaustive step against itertools and least squares."""

from itertools import combinations

import numpy as np
import pytest

from hecsr.formula.fit import firth_logistic
from hecsr.search.sisso.exhaustive import best_triples
from hecsr.search.sisso.firth import fit_tuple
from hecsr.search.sisso.sparsify import best_tuples, least_squares_models


def standard(x):
    x = x - x.mean(axis=-1, keepdims=True)
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def make_pool(n_features=25, n=40, seed=0):
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(4, n))
    rows = rng.normal(size=(n_features, 4)) @ base + 0.5 * rng.normal(
        size=(n_features, n)
    )
    rows[7] = rows[3] * 2 + 1e-9 * rng.normal(size=n)  # dependent pair
    target = rows[2] - 0.7 * rows[11] + 0.2 * rows[20] + 0.3 * rng.normal(size=n)
    return standard(rows), standard(target)


def plain_losses(rows, target, size):
    found = {}
    for members in combinations(range(len(rows)), size):
        design = rows[list(members)].T
        if np.linalg.svd(design, compute_uv=False)[-1] < 1e-5:
            continue
        beta, *_ = np.linalg.lstsq(design, target, rcond=None)
        found[members] = float(np.sum((target - design @ beta) ** 2))
    return found


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("seed", [0, 1])
def test_best_models_are_those_of_plain_least_squares(size, seed):
    rows, target = make_pool(seed=seed)
    plain = plain_losses(rows, target, size)
    models = least_squares_models(rows, target, size, 10)
    expected = sorted(plain.values())[: len(models)]
    assert len(models) >= 9
    np.testing.assert_allclose([m.loss for m in models], expected, rtol=1e-9)
    for m in models:
        members = tuple(sorted(m.members))
        assert plain[members] == pytest.approx(m.loss, rel=1e-9)
        assert np.abs(rows[list(members)] @ m.residual).max() < 1e-10


@pytest.mark.parametrize("tile", [1, 4, 7, 64])
def test_triples_do_not_depend_on_the_tile(tile):
    rows, target = make_pool()
    gram, b = rows @ rows.T, rows @ target
    best, found = np.zeros(12), np.full((12, 3), -1, np.int32)
    best_triples(gram, b, 1e-10, best, found, tile)
    expected = best_tuples(rows, target, 3, 12)
    assert {tuple(sorted(t)) for t in found} == {tuple(sorted(t)) for t in expected}
    assert np.all(np.diff(best) <= 0)


def test_fewer_tuples_than_asked_for():
    rows, target = make_pool()
    assert len(best_tuples(rows[:3], target, 3, 50)) == 1
    assert len(least_squares_models(rows[:2], target, 2, 50)) == 1


@pytest.mark.parametrize("separable", [False, True])
def test_compiled_penalised_fit_is_that_of_the_formula(separable):
    rows, target = make_pool(seed=3)
    noise = 0.0 if separable else 0.8 * target.std()
    rng = np.random.default_rng(1)
    y = (rows[2] + noise * rng.normal(size=len(target)) > 0).astype(float)
    columns = rows[[2, 9]] * np.sqrt(len(y))
    weights = rng.integers(1, 3, len(y)).astype(float)
    likelihood, p = fit_tuple(np.ascontiguousarray(columns), y, weights)
    fit = firth_logistic(columns.T, y, weights)
    np.testing.assert_allclose(p, fit.fitted, atol=1e-5)
    assert np.isfinite(likelihood)
