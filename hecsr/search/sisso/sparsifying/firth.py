"""Compiled penalised logistic fit of a few standardised columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso.building.kernels import exact

if TYPE_CHECKING:
    from hecsr.formula.expression import Array


@exact
def fit_tuple(columns: Array, y: Array, weights: Array) -> tuple[float, Array]:
    """Return the penalised log-likelihood at its maximum, and the probabilities.

    The same maximum as :func:`hecsr.formula.fit.firth_logistic`, by the same steps;
    `columns` holds one row per term. A tuple without a finite likelihood has -inf.
    """
    k, n = columns.shape
    beta = np.zeros(k + 1)
    p = np.empty(n)
    information = np.empty((k + 1, k + 1))
    current = _likelihood(columns, y, weights, beta, p, information)
    if current == -np.inf:
        return current, p
    design = np.empty(k + 1)
    design[0] = 1.0
    trial_p = np.empty(n)
    trial_information = np.empty((k + 1, k + 1))
    for _ in range(100):
        inverse = np.linalg.inv(information)
        score = np.zeros(k + 1)
        for t in range(n):
            for a in range(k):
                design[a + 1] = columns[a, t]
            hat = 0.0
            for a in range(k + 1):
                for b in range(k + 1):
                    hat += design[a] * inverse[a, b] * design[b]
            hat *= weights[t] * p[t] * (1.0 - p[t])
            pull = weights[t] * (y[t] - p[t]) + hat * (0.5 - p[t])
            for a in range(k + 1):
                score[a] += design[a] * pull
        step = inverse @ score
        longest = np.max(np.abs(step))
        length = min(1.0, 5.0 / max(longest, 1e-300))
        moved = False
        while length > 1e-8:
            trial = beta + length * step
            value = _likelihood(columns, y, weights, trial, trial_p, trial_information)
            if value >= current - 1e-12:
                moved = True
                break
            length /= 2.0
        if not moved:
            break
        beta = trial
        current = max(value, current)
        p[:] = trial_p
        information[:] = trial_information
        if length * longest < 1e-8:
            break
    return current, p


@exact
def _likelihood(
    columns: Array,
    y: Array,
    weights: Array,
    beta: Array,
    p: Array,
    information: Array,
) -> float:
    """Write probabilities and information; return the penalised log-likelihood."""
    k, n = columns.shape
    information[:] = 0.0
    total = 0.0
    for t in range(n):
        z = beta[0]
        for a in range(k):
            z += beta[a + 1] * columns[a, t]
        small = math.exp(-abs(z))
        p[t] = 1.0 / (1.0 + small) if z >= 0 else small / (1.0 + small)
        total += weights[t] * (y[t] * z - max(z, 0.0) - math.log1p(small))
        v = weights[t] * p[t] * (1.0 - p[t])
        information[0, 0] += v
        for a in range(k):
            information[0, a + 1] += v * columns[a, t]
            for b in range(a + 1):
                information[b + 1, a + 1] += v * columns[a, t] * columns[b, t]
    for a in range(k + 1):
        for b in range(a):
            information[a, b] = information[b, a]
    sign, log_det = np.linalg.slogdet(information)
    if not sign > 0 or not math.isfinite(log_det):
        return -np.inf
    penalised: float = total + 0.5 * log_det
    return penalised
