"""Products and quotients of stored features as entries of matrix products.

For rows F, G of unit root mean square and a residual r of unit norm, weights w that
sum to one, a product f g needs::

    <f g, r> = (F o w r) G^T     mean = (F o w) G^T     mean square = (F^2 o w) G^2^T

A quotient is the product with 1/g.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso.building import operators as op
from hecsr.search.sisso.building.features import Recipes
from hecsr.search.sisso.screening.layout import Block, Order, ordered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecsr.formula.expression import Array
    from hecsr.search.sisso.building.features import Features
    from hecsr.search.sisso.screening.goals import Precision
    from hecsr.search.sisso.screening.scans import Tile
    from hecsr.search.sisso.space import SearchSpace

_EQUAL = 1e-12


class Factors:
    """Rows that are multiplied: features, or their inverses, of unit size."""

    def __init__(
        self,
        features: Features,
        order: Order,
        share: Array,
        precision: Precision,
        *,
        inverse: bool,
    ) -> None:
        self.order = order
        self.inverse = inverse
        self._features = features
        self._share = share
        kind = np.float32 if precision == "float32" else np.float64
        n = features.values.shape[1]
        self.rows: Tile = np.empty((len(order), n), kind)
        for start in range(0, len(order), 1024):
            part = slice(start, start + 1024)
            self.rows[part] = self.exact(part)
        self.squares = self.rows * self.rows

    def exact(self, part: slice) -> Array:
        """Return some rows in float64."""
        values = unit_rms(self._features.values[self.order.row[part]], self._share)
        if self.inverse:
            with np.errstate(all="ignore"):
                # scaled first: the inverse of a tiny number would overflow
                values = unit_rms(1 / values, self._share)
        return values

    def block(
        self, part: slice, kind: type[np.float64 | np.float32]
    ) -> tuple[Tile, Tile]:
        """Return some rows and their squares in float32 or float64."""
        if self.rows.dtype == kind:
            return self.rows[part], self.squares[part]
        rows = self.exact(part)
        return rows, rows * rows


class Products:
    """Which features are multiplied, which divide, and what that leaves out.

    Sign twins are left out: their products are those of their partners. Divisors
    are left out if a stored feature equals their inverse and is no more complex:
    f / (a / b) is f * (b / a).
    """

    def __init__(
        self,
        features: Features,
        share: Array,
        space: SearchSpace,
        precision: Precision,
    ) -> None:
        newest = space.rungs - 1
        signs = frozenset(space.at(space.rungs))
        core = ~features.argument & ~features.twin
        rows = np.flatnonzero(core)
        self.extra: list[Recipes] = []
        order = ordered(features, rows, newest)
        self.plain = Factors(features, order, share, precision, inverse=False)
        self.divisors: Factors | None = None
        if "*" in signs:
            # a feature times minus itself: the twin is left out of the scans
            twins = np.flatnonzero(features.twin)
            partner = alike(features, rows, twins, share, inverse=False)
            twins, partner = twins[partner >= 0], partner[partner >= 0]
            first, second = np.minimum(twins, partner), np.maximum(twins, partner)
            self.extra.append(Recipes.of(op.MULTIPLY, first, second))
        if "/" in signs:
            below = rows[features.divisor[rows]]
            if "*" in signs:
                partner = alike(features, rows, below, share, inverse=True)
                # no more complex, and not older: the product is of this rung too
                worse = features.complexity[partner] > features.complexity[below]
                worse |= features.rung[partner] < features.rung[below]
                partner[worse] = -1
                skipped = below[partner >= 0]
                partners = partner[partner >= 0]
                # a partner over the feature it inverts, its square
                self.extra.append(Recipes.of(op.DIVIDE, partners, skipped))
                below = below[partner < 0]
            order = ordered(features, below, newest)
            self.divisors = Factors(features, order, share, precision, inverse=True)
            place = np.full(len(features), -1, np.intp)
            place[self.plain.order.row] = np.arange(len(rows))
            self._place = place[order.row]

    def quotients(self, block: Block) -> int:
        """Count the quotients of a tile, those of a feature by itself left out."""
        place = self._place[block.columns]
        same = (place >= block.rows.start) & (place < block.rows.stop)
        return block.pairs - int(same.sum())


def unit_rms(values: Array, share: Array) -> Array:
    """Scale rows to unit weighted root mean square, so that squares stay in range."""
    scaled = values / np.abs(values).max(axis=1, keepdims=True)
    return np.asarray(scaled / np.sqrt(np.square(scaled) @ share)[:, None])


def alike(
    features: Features,
    rows: NDArray[np.intp],
    wanted: NDArray[np.intp],
    share: Array,
    *,
    inverse: bool,
) -> NDArray[np.intp]:
    """Find for each feature wanted one of `rows` equal to it but for the sign.

    With `inverse` it is to equal the inverse but for a factor; -1 where there is none.
    """
    weights = np.random.default_rng(0).normal(size=features.values.shape[1]) * share
    key, asked = np.empty(len(rows)), np.empty(len(wanted))
    for index, out, inverted in ((rows, key, False), (wanted, asked, inverse)):
        for start in range(0, len(index), 1024):
            part = index[start : start + 1024]
            values = _direction(features, part, share, inverse=inverted)
            out[start : start + 1024] = np.abs(values @ weights)
    order = np.argsort(key, kind="stable")
    place = np.searchsorted(key[order], asked)
    found = np.full(len(wanted), -1, np.intp)
    for shift in range(-4, 5):
        if not len(rows):
            break
        match = order[np.clip(place + shift, 0, len(rows) - 1)]
        close = np.flatnonzero((np.abs(key[match] - asked) < 1e-11) & (found < 0))
        for start in range(0, len(close), 1024):
            part = close[start : start + 1024]
            other = rows[match[part]]
            one = _direction(features, other, share, inverse=False)
            two = _direction(features, wanted[part], share, inverse=inverse)
            two *= np.sign(np.einsum("ij,ij->i", one, two))[:, None]
            apart = np.abs(one - two).max(axis=1)
            good = apart < _EQUAL * np.abs(one).max(axis=1)
            if not inverse:
                size = np.abs(features.values[other]).max(axis=1)
                asked_size = np.abs(features.values[wanted[part]]).max(axis=1)
                good &= np.isclose(size, asked_size, rtol=_EQUAL, atol=0)
            found[part[good]] = other[good]
    return found


def _direction(
    features: Features, rows: NDArray[np.intp], share: Array, *, inverse: bool
) -> Array:
    values = unit_rms(features.values[rows], share)
    if inverse:
        with np.errstate(all="ignore"):
            values = unit_rms(1 / values, share)
    return values
