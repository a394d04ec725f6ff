"""Small pools of features, and the plain losses of all their tuples."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from hecsr.search.sisso.building.weighting import Weighting
from hecsr.search.sisso.sparsifying.sparsify import Pool

EDGES = {1: (), 2: (0, 14, 36), 3: (0, 9, 22, 36)}
N = 36


@dataclass(frozen=True)
class Problem:
    """A pool and its target, and the values that its rows were made from."""

    pool: Pool
    y: np.ndarray
    values: np.ndarray


def make_problem(
    n_features=13,
    *,
    tasks=1,
    centred=True,
    weighted=False,
    required=0,
    noise=0.3,
    seed=0,
):
    """Correlated features; 4 and 5 are sums of others, 6 and 7 copies and near ones."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_features, 4)) @ rng.normal(size=(4, N))
    x += 0.5 * rng.normal(size=x.shape) + rng.normal(size=(n_features, 1))
    x[4] = x[0] + x[1]
    x[5] = x[2] - 3 * x[3] + 1
    x[6] = x[2]
    x[7] = -5 * x[8] + 1e-8 * rng.normal(size=N)
    y = x[2] - 0.7 * x[10] + 0.2 * x[11] + noise * rng.normal(size=N) + 2
    share = rng.uniform(0.5, 2, N) if weighted else np.ones(N)
    weighting = Weighting(share / share.sum(), centred, EDGES[tasks])
    if tasks > 1:
        x[9, weighting.tasks[0]] = 0.0
    bits = rng.integers(0, 4, n_features)
    return Problem(make_pool(x, weighting, bits, required), y, x)


def make_pool(x, weighting, bits=None, required=0):
    """Standardise values as the screening does."""
    rows = np.array([weighting.standardised(values)[0] for values in x])
    bits = np.zeros(len(x), np.int64) if bits is None else bits
    return Pool(rows, weighting, bits, required)


def plain_losses(problem, size):
    """The loss of each tuple that is not dependent, from the values themselves."""
    pool, weighting = problem.pool, problem.pool.weighting
    found = {}
    for members in combinations(range(len(problem.values)), size):
        held = np.bitwise_or.reduce(pool.bits[list(members)])
        if held & pool.required != pool.required:
            continue
        left = total = 0.0
        for task in weighting.tasks:
            x, y = problem.values[list(members)][:, task].T, problem.y[task]
            w = weighting.share[task]
            if weighting.centred:
                x, y = x - w @ x / w.sum(), y - w @ y / w.sum()
            x, y = x * np.sqrt(w)[:, None], y * np.sqrt(w)
            x = x[:, np.abs(x).max(axis=0) > 1e-12]
            x /= np.linalg.norm(x, axis=0)
            if x.shape[1] and np.linalg.svd(x, compute_uv=False)[-1] < 1e-6:
                break
            residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
            left += residual @ residual
            total += y @ y
        else:
            found[members] = left / total
    return found


def assert_best(models, plain, keep):
    """The models are the best, in any order where losses are equal but for rounding."""
    expected = sorted(plain.values())[:keep]
    assert len(models) == len(expected)
    losses = np.array([m.loss for m in models])
    np.testing.assert_allclose(losses, expected, rtol=1e-9, atol=1e-12)
    assert np.all(np.diff(losses) > -1e-11)
    assert len({m.members for m in models}) == len(models)
    for m in models:
        assert list(m.members) == sorted(set(m.members))
        assert abs(plain[m.members] - m.loss) <= 1e-9 * m.loss + 1e-12
