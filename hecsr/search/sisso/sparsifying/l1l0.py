"""L1 then L0: the LASSO preselects features, all tuples of which are then compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso.screening.scans import fast
from hecsr.search.sisso.sparsifying.sparsify import best_tuples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecsr.formula.expression import Array
    from hecsr.search.sisso.sparsifying.refits import Data, Positions
    from hecsr.search.sisso.sparsifying.sparsify import Pool

PRESELECTED = 30
"""All tuples of six of so many (6e5) take a tenth of a second, of eight (6e6) one."""
_EACH = 5
"""Features with each required descriptor that are preselected at least."""
_STEP, _STEPS = 0.95, 150
"""Each penalty is this times the one before; the last is 5e-4 of the first."""
_SWEEPS, _TOLERANCE = 1000, 1e-5


def l1l0_tuples(
    pool: Pool, y: Array, size: int, keep: int, *, threads: int = 1
) -> Positions:
    """Return the best tuples of the features that the LASSO preselects, best first.

    Ghiringhelli, Vybiral, Levchenko, Draxl, Scheffler, Phys. Rev. Lett. 114, 105503
    (2015), 10.1103/PhysRevLett.114.105503.
    """
    chosen = preselected(pool, y, PRESELECTED)
    part = replace(pool, rows=pool.rows[chosen], bits=pool.bits[chosen])
    return chosen[best_tuples(part, y, size, keep, threads=threads)]


def preselected(pool: Pool, y: Array, count: int) -> Positions:
    """Return the features that enter the LASSO path first, ascending.

    If fewer enter than are wanted, those that correlate most with the target follow;
    so do they if too few contain a required descriptor.
    """
    data = pool.data(y)
    if data is None or len(pool.rows) <= count:
        return np.arange(len(pool.rows))
    by_score = np.argsort(-penalties(data), kind="stable")
    ranking = list(dict.fromkeys([*entries(data, count), *by_score.tolist()]))
    chosen = ranking[:count]
    for k in range(pool.required.bit_length()):
        holds = pool.bits & pool.required & (1 << k) != 0
        short = _EACH - int(holds[chosen].sum())
        rest = [j for j in ranking[count:] if holds[j] and j not in chosen]
        chosen += rest[: max(short, 0)]
    return np.sort(np.array(chosen, dtype=np.int64))


def entries(data: Data, count: int) -> list[int]:
    """Return features in the order in which they enter the path, until `count` have.

    The penalty is that of the group LASSO, whose groups are the coefficients of one
    feature in all tasks: Yuan, Lin, J. R. Stat. Soc. B 68, 49 (2006),
    10.1111/j.1467-9868.2005.00532.x; with one task it is the LASSO.
    """
    target, share = data[1], data[2]
    beta = np.zeros((len(data[0]), len(share)))
    residual = target * np.sqrt(np.repeat(share, np.diff(data[3])))
    penalty = float(penalties(data).max())
    found: list[int] = []
    for _ in range(_STEPS):
        penalty *= _STEP
        descend(data[0], data[3], penalty, _TOLERANCE, _SWEEPS, beta, residual)
        size = np.linalg.norm(beta, axis=1)
        new = np.setdiff1d(np.flatnonzero(size), found)
        found += new[np.argsort(-size[new], kind="stable")].tolist()
        if len(found) >= count:
            break
    return found[:count]


def penalties(data: Data) -> Array:
    """Return the penalty below which each feature would enter alone."""
    rows, target, share, bounds = data
    total = np.zeros(len(rows))
    for t, weight in enumerate(share):
        part = slice(bounds[t], bounds[t + 1])
        total += weight * np.square(rows[:, part] @ target[part])
    return np.sqrt(total)


@fast
def descend(
    rows: Array,
    bounds: NDArray[np.int64],
    penalty: float,
    tolerance: float,
    sweeps: int,
    beta: Array,
    residual: Array,
) -> None:
    """Minimise |residual|^2 / 2 + penalty * sum of |beta_j| in place.

    Block coordinate descent with an active set; within a task a row has norm 1 or 0.
    It ends when no coefficient moves by more than `tolerance`, or after so many
    sweeps.
    """
    tasks = len(bounds) - 1
    z = np.empty(tasks)
    active = np.zeros(len(rows), dtype=np.bool_)
    whole = True
    for _ in range(sweeps):
        change = 0.0
        for j in range(len(rows)):
            if not whole and not active[j]:
                continue
            square = 0.0
            for t in range(tasks):
                s = 0.0
                norm = 0.0
                for k in range(bounds[t], bounds[t + 1]):
                    s += rows[j, k] * residual[k]
                    norm += rows[j, k] * rows[j, k]
                z[t] = s + beta[j, t] if norm > 0.0 else 0.0
                square += z[t] * z[t]
            size = np.sqrt(square)
            shrunk = 1.0 - penalty / size if size > penalty else 0.0
            active[j] = shrunk > 0.0
            for t in range(tasks):
                step = shrunk * z[t] - beta[j, t]
                if step != 0.0:
                    beta[j, t] += step
                    change = max(change, abs(step))
                    for k in range(bounds[t], bounds[t + 1]):
                        residual[k] -= step * rows[j, k]
        if change <= tolerance:
            if whole:
                return
            whole = True
        else:
            whole = False
