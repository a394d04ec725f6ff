"""Fits of long lists of formulas, with what each errs on a row left out."""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma, log
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.formula.expression import evaluate
from hecsr.formula.level import level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hecsr.search.sisso.listing import Listed

    Array = NDArray[np.float64]
    Positions = NDArray[np.int64]

MET: Final = 1e-24
"""What is left of the variance, as a share, by a law that counts as exact."""
_CHUNK: Final = 1000
_LEAST: Final = 1e-9
"""Least of one minus a row's leverage, and of the variance of a row's class."""


@dataclass(frozen=True, eq=False)
class Fits:
    """Formulas of one number of terms k, fitted to n rows.

    Attributes
    ----------
    members
        Positions of the terms in the list, shape (m, k).
    nodes
        Operator nodes of all terms together, shape (m,).
    errors
        Error of each row by the formula fitted without it (the form was found with all
        rows), in the target's unit, shape (m, n). For classes label minus probability.
    deviance
        Minus twice the log-likelihood at its maximum but for a constant, of independent
        rows, shape (m,).
    log_prior
        Logarithm of the prior probability, shape (m,).
    inverse
        Inverse of the triangular factor of the standardised terms, shape (m, k, k).
    along
        Coefficients of the orthonormal combinations that `inverse` makes, in the
        target's unit, or of the logit, shape (m, k).
    level
        Value where all standardised terms are 0, shape (m,).
    sd
        Residual standard deviation on n - k - 1 degrees of freedom, in the target's
        unit; NaN for classes. Shape (m,).
    """

    members: Positions
    nodes: Positions
    errors: Array
    deviance: Array
    log_prior: Array
    inverse: Array
    along: Array
    level: Array
    sd: Array

    @property
    def losses(self) -> Array:
        """Squared errors, shape (m, n); for classes they add up to the Brier score."""
        return np.square(self.errors)

    def bic(self, rows: float) -> Array:
        """Return Schwarz's criterion, shape (m,).

        Parameters
        ----------
        rows
            Independent rows that say as much as those fitted to.
        """
        m, n = self.errors.shape
        k = self.members.shape[1] + 1 + int(m > 0 and bool(np.isfinite(self.sd[0])))
        return np.asarray(self.deviance * (rows / n) + k * log(rows))

    def take(self, index: NDArray[np.intp] | NDArray[np.bool_]) -> Fits:
        """Return some of the formulas."""
        return Fits(
            **{name: values[index] for name, values in vars(self).items()},
        )


@dataclass(frozen=True, eq=False)
class Scale:
    """Centre and length of every listed term over the rows fitted to, shape (p,)."""

    centre: Array
    length: Array


def effective_rows(errors: Array, groups: NDArray[np.intp] | None) -> float:
    """Return how many independent rows say as much as rows that stand in groups.

    n over the design effect ``1 + (m - 1) r`` (Kish, Survey Sampling, Wiley (1965),
    section 5.4), where m is the size of the group of a row, on average over rows, and r
    the correlation of errors within groups, from the analysis of variance, at least 0.

    Parameters
    ----------
    errors
        Errors of one formula, shape (n,).
    """
    n = len(errors)
    if groups is None:
        return float(n)
    _, code, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    number = len(sizes)
    if number in (1, n):
        return float(number)
    means = np.bincount(code, errors) / sizes
    own = float(np.sum((errors - means[code]) ** 2)) / (n - number)
    between = float(np.sum(sizes * (means - errors.mean()) ** 2)) / (number - 1)
    typical = (n - float(np.sum(sizes**2)) / n) / (number - 1)
    total = between + (typical - 1) * own
    alike = min(max((between - own) / total, 0.0), 1.0) if total > 0 else 0.0
    return n / (1 + (float(np.sum(sizes**2)) / n - 1) * alike)


def standardised(listed: Listed) -> tuple[Array, Scale]:
    """Return the terms centred and of unit length, one per row, and their scale."""
    n = len(listed.samples.y)
    columns = listed.samples.columns
    values = np.array(
        [np.broadcast_to(evaluate(term, columns), (n,)) for term in listed.terms]
    )
    centre = values.mean(axis=1)
    rows = values - centre[:, None]
    length = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    return np.ascontiguousarray(rows / length[:, None]), Scale(centre, length)


def fit_list(listed: Listed, rows: Array) -> dict[int, Fits]:
    """Fit all listed tuples; near-dependent ones are left out.

    Numbers are fitted by least squares, and the error of a row left out is its
    residual over one minus its leverage, which is exact. Classes are fitted by
    penalised logistic regression; one step of the fit without a row gives its
    probability (Pregibon, Ann. Stat. 9, 705 (1981), 10.1214/aos/1176345513).

    Parameters
    ----------
    rows
        As :func:`standardised` gives them.
    """
    fitted = _fit_classes if listed.samples.task == "classification" else _fit_numbers
    found = {}
    for size, tuples in listed.tuples.items():
        if not len(tuples):
            continue
        ordered = np.sort(tuples, axis=1)
        prior = log_prior(listed, ordered)
        parts = [
            fitted(listed, rows, ordered[s : s + _CHUNK], prior[s : s + _CHUNK])
            for s in range(0, len(ordered), _CHUNK)
        ]
        found[size] = Fits(
            **{
                name: np.concatenate([getattr(part, name) for part in parts])
                for name in vars(parts[0])
            }
        )
    return found


def log_prior(listed: Listed, tuples: Positions) -> Array:
    """Return the logarithm of the prior probability of tuples of one size, (m,).

    Every number of terms is as likely as any other; so is, for each term, every
    number of operators, and among the features of the whole space with that number
    each of them. So what the screening looked at and left out counts too: a form that
    is one of a million needs a likelihood a million times that of a single guess.
    The corrected count of chances is that of Scott, Berger, Ann. Stat. 38, 2587
    (2010), 10.1214/10-AOS792, carried over to terms.
    """
    counts: Mapping[int, int] = listed.candidates
    every = max(sum(counts.values()), 1)
    each = np.array(
        [log(len(counts) or 1) + log(counts.get(int(c), every)) for c in listed.nodes]
    )
    size = tuples.shape[1]
    orders = lgamma(size + 1)
    return np.asarray(orders - log(len(listed.tuples)) - each[tuples].sum(axis=1))


def _fit_numbers(listed: Listed, rows: Array, tuples: Positions, prior: Array) -> Fits:
    y = listed.samples.y
    n, size = len(y), tuples.shape[1]
    basis, inverse, good = _orthonormal(rows, tuples)
    tuples, prior = tuples[good], prior[good]
    mean = float(y.mean())
    along = basis @ (y - mean)
    residual = (y - mean) - np.einsum("mk,mkn->mn", along, basis)
    leverage = 1 / n + np.einsum("mkn,mkn->mn", basis, basis)
    total = float(np.sum((y - mean) ** 2))
    left = np.maximum(np.einsum("mn,mn->m", residual, residual), MET * total)
    free = max(n - size - 1, 1)
    return Fits(
        members=tuples,
        nodes=listed.nodes[tuples].sum(axis=1),
        errors=residual / np.maximum(1 - leverage, _LEAST),
        deviance=n * np.log(left / n),
        log_prior=prior,
        inverse=inverse,
        along=along,
        level=np.full(len(tuples), mean),
        sd=np.sqrt(left / free),
    )


def _fit_classes(listed: Listed, rows: Array, tuples: Positions, prior: Array) -> Fits:
    from hecsr.search.sisso.sparsifying.firth import fit_tuple

    samples = listed.samples
    y = samples.y
    n, size = len(y), tuples.shape[1]
    weights = np.ones(n) if samples.weights is None else samples.weights
    basis, inverse, good = _orthonormal(rows, tuples)
    tuples, prior = tuples[good], prior[good]
    errors = np.full((len(tuples), n), np.nan)
    beta = np.full((len(tuples), size + 1), np.nan)
    likelihood = np.full(len(tuples), -np.inf)
    for m, columns in enumerate(basis * np.sqrt(n)):
        penalised, p = fit_tuple(np.ascontiguousarray(columns), y, weights)
        if not np.isfinite(penalised):
            continue
        p = np.clip(p, 1e-15, 1 - 1e-15)
        logit = np.log(p / (1 - p))
        # as the printed formulas are fitted: the mean probability is the share
        logit += level(logit, y, weights)
        p = np.clip(_logistic(logit), 1e-15, 1 - 1e-15)
        design = np.vstack([np.ones(n), columns]).T
        v = weights * p * (1 - p)
        information = design.T @ (v[:, None] * design)
        # the logit is linear in the columns; rows that are all but certain say little
        beta[m] = np.linalg.solve(information, design.T @ (v * logit))
        spread = np.einsum("ij,ij->i", design, np.linalg.solve(information, design.T).T)
        pull = weights * (y - p) * spread / np.maximum(1 - v * spread, _LEAST)
        errors[m] = y - _logistic(logit - pull)
        likelihood[m] = float(weights @ (y * np.log(p) + (1 - y) * np.log(1 - p)))
    kept = np.isfinite(likelihood) & np.isfinite(beta).all(axis=1)
    fits = Fits(
        members=tuples,
        nodes=listed.nodes[tuples].sum(axis=1),
        errors=errors,
        deviance=-2 * likelihood,
        log_prior=prior,
        inverse=inverse,
        along=beta[:, 1:] * np.sqrt(n),
        level=beta[:, 0],
        sd=np.full(len(tuples), np.nan),
    )
    return fits.take(kept)


def _orthonormal(
    rows: Array, tuples: Positions
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return orthonormal combinations of the terms, how they are made, which are."""
    from hecsr.search.sisso.sparsifying.refits import fit

    n = rows.shape[1]
    target = np.zeros(n)
    data = rows, target, np.ones(1), np.array([0, n], dtype=np.int64)
    loss, basis, triangle, _ = fit(data, tuples)
    good = np.isfinite(loss)
    return basis[good], np.linalg.inv(triangle[good, 0]), good


def _logistic(x: Array) -> Array:
    from scipy.special import expit

    return np.asarray(expit(x))
