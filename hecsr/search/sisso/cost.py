"""What a search costs: models, memory and seconds, estimated from its counts."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from hecsr.search.sisso.counts import Counts
    from hecsr.search.sisso.space import Budget

Method = Literal["exhaustive", "stepwise"]

MAX_EXHAUSTIVE: Final = 4
"""Longest tuples of which all are fitted."""

# Seconds on one core, for the estimate only.
_PER_SCANNED = 1 / 3.5e10  # a pair and sample; half of it in float32
_PER_DIFFERENCE = 1 / 4e9  # a pair and sample
_PER_STORED = 3e-8  # a feature and sample: made, compared, scored one by one
_PER_LISTED = 2e-7  # a listed feature and sample: scored exactly, and its rivals
_MODELS_PER_SECOND = {1: 1e8, 2: 4e8, 3: 2e9, 4: 1.5e9}
_BASE = 0.004
_WORK_SPACE = 16_000_000


@dataclass(frozen=True)
class SpaceSize:
    """Counts of one search.

    Attributes
    ----------
    stored
        Features kept in memory: all rungs but the last.
    candidates
        Features of the whole space as SISSO counts them: lawful recipes of the last
        rung and the stored features. Each is scored once per dimension, duplicates
        by the score of one.
    models
        Tuples fitted, over all dimensions.
    n_bytes
        Memory for the stored features and the work space.
    seconds
        Expected on one core.
    exact
        Whether `stored` and `candidates` are so, and not upper bounds that still
        count equal stored features.
    """

    stored: int
    candidates: int
    models: int
    n_bytes: int
    seconds: float
    exact: bool = True

    def __str__(self) -> str:
        most = "" if self.exact else "at most "
        return (
            f"{most}{self.candidates:,} candidate features ({self.stored:,} stored), "
            f"{self.models:,} models, {self.n_bytes / 1e6:,.0f} MB, "
            f"about {self.seconds:.2g} s on one core"
        )


@dataclass(frozen=True)
class Plan:
    """What is done with a space: how often it is screened, and which models follow."""

    n_samples: int
    max_terms: int
    n_residuals: int
    method: Method

    def size(self, counts: Counts, budget: Budget) -> SpaceSize:
        """Return counts, memory and seconds of a search."""
        n, terms = self.n_samples, range(1, self.max_terms + 1)
        most = counts.stored + counts.last
        # after the first screening there is one list per residual
        pools = [
            min(budget.sis * (1 + (d - 1) * self.n_residuals), most) for d in terms
        ]
        number = 8 if budget.precision == "float64" else 4
        models, seconds = 0, _BASE * self.max_terms
        for d, pool in zip(terms, pools, strict=True):
            # step by step, every feature of the pool is tried once for each term
            every = self.method == "exhaustive" and d <= MAX_EXHAUSTIVE
            tuples = comb(pool, d) if every else d * pool
            models += tuples
            seconds += tuples / _MODELS_PER_SECOND[min(d, 4)]
        scanned = counts.scanned * _PER_SCANNED * (1.0 if number == 8 else 0.55)
        scanned += counts.differences * _PER_DIFFERENCE
        kept = min(budget.cache_bytes, 4 * counts.scanned) if len(terms) > 1 else 0
        again = 1.0 if kept < 4 * counts.scanned else 0.4
        rounds = 1 + (self.max_terms - 1) * self.n_residuals * again
        seconds += n * scanned * rounds
        seconds += n * (counts.stored + counts.single) * _PER_STORED
        seconds += n * pools[-1] * _PER_LISTED if pools else 0
        rows = 2 * counts.factors + 2 * counts.divisors + counts.summed
        room = 8 * counts.stored * n + number * rows * n + kept
        room += 8 * pools[-1] * (2 * n + pools[-1]) if pools else 0
        return SpaceSize(
            counts.stored, most, models, room + _WORK_SPACE, seconds, counts.exact
        )
