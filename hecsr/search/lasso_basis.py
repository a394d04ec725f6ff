"""The candidate terms of the LASSO: descriptors, simple powers, products, ratios."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from hecsr.formula.expression import (
    Array,
    Call,
    Expression,
    Power,
    Variable,
    complexity,
    evaluate,
)
from hecsr.search.sisso.building.domain import apart_from_zero, descriptor_ranges
from hecsr.search.sisso.space import SearchSpace

if TYPE_CHECKING:
    from hecsr.search.samples import Samples


@dataclass(frozen=True)
class LassoBasis:
    """Which candidate terms are made of the descriptors.

    Roots need a descriptor that stays non-negative over its widened range, inverse
    powers and ratios a divisor that stays apart from zero, as in
    :mod:`hecsr.search.sisso.building.domain`.

    Attributes
    ----------
    squares, roots, inverses
        ``x^2``; ``sqrt(x)``; ``x^-1`` and ``x^-2``.
    products, ratios
        ``x y``; ``x / y``, of two descriptors.
    max_correlation
        Of candidates that correlate beyond this, the simplest is kept.
    """

    squares: bool = True
    roots: bool = True
    inverses: bool = True
    products: bool = True
    ratios: bool = True
    max_correlation: float = 0.999


@dataclass(frozen=True)
class Candidates:
    """Candidate terms and their standardised values, one row per term."""

    terms: tuple[Expression, ...]
    rows: Array


def candidates(samples: Samples, basis: LassoBasis) -> Candidates:
    """Return the lawful, varying, distinct candidate terms, simple ones first."""
    terms = sorted(basis_terms(samples, basis), key=complexity)
    columns = samples.columns
    share = samples.share
    values = np.empty((len(terms), len(share)))
    for k, term in enumerate(terms):
        values[k] = evaluate(term, columns)
    good = np.isfinite(values).all(axis=1) & (values != 0).any(axis=1)
    chosen, values = np.flatnonzero(good), values[good]
    values /= np.abs(values).max(axis=1, keepdims=True)
    size = np.sqrt(values**2 @ share)
    values -= (values @ share)[:, None]
    spread = np.sqrt(values**2 @ share)
    varies = spread > 1e-10 * size
    chosen = chosen[varies]
    rows = values[varies] / spread[varies, None]
    keep = _distinct(rows * np.sqrt(share), basis.max_correlation)
    return Candidates(
        tuple(terms[k] for k in chosen[keep]), np.ascontiguousarray(rows[keep])
    )


def basis_terms(samples: Samples, basis: LassoBasis) -> list[Expression]:
    """Return every lawful term, near duplicates included."""
    low, high = descriptor_ranges(samples.values, samples.descriptors, SearchSpace())
    divides = apart_from_zero((low, high))
    plain = [Variable(d.name) for d in samples.descriptors]
    terms: list[Expression] = list(plain)
    for j, x in enumerate(plain):
        if basis.squares:
            terms.append(Power(x, Fraction(2)))
        if basis.roots and low[j] >= 0:
            terms.append(Call("sqrt", x))
        if basis.inverses and divides[j]:
            terms += [Power(x, Fraction(-1)), Power(x, Fraction(-2))]
    for i, j in combinations(range(len(plain)), 2):
        if basis.products:
            terms.append(plain[i] * plain[j])
        if basis.ratios and divides[j]:
            terms.append(plain[i] / plain[j])
        if basis.ratios and divides[i]:
            terms.append(plain[j] / plain[i])
    return terms


def _distinct(rows: Array, limit: float) -> list[int]:
    """Return the rows that do not correlate beyond `limit` with an earlier one kept."""
    near = np.abs(rows @ rows.T) > limit
    keep: list[int] = []
    taken = np.zeros(len(rows), np.bool_)
    for k in range(len(rows)):
        if not taken[k]:
            keep.append(k)
            taken |= near[k]
    return keep
