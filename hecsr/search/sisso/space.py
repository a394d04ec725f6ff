"""What a search may build, and what it may cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hecsr.errors import SearchError, suggestion
from hecsr.search.sisso.operators import OPERATORS

MAX_RUNGS: Final = 3
MAX_TERMS: Final = 3


@dataclass(frozen=True)
class SearchSpace:
    """The features that may be built from descriptors.

    Rung r holds the features made by one operator from at least one feature of rung
    r - 1; rung 0 is the descriptors.

    Attributes
    ----------
    operators
        Of ``+ - * / |-| ^-1 ^2 ^3 ^6 sqrt cbrt exp exp- log abs sin cos``.
    rungs
        0 to 3.
    max_complexity
        Most operator nodes of a feature, as ``Formula.complexity`` counts them.
    by_rung
        Operators of each rung, where they differ; replaces `operators`.
    constant_below
        A feature whose standard deviation is below this share of its root mean
        square (of its operands' for a sum) is constant but for rounding.
    positive_margin, other_margin
        How far the range of a descriptor is widened before poles are looked for: a
        factor for positive quantities, a share of the range for others.
    """

    operators: tuple[str, ...] = (
        *("+", "-", "*", "/", "|-|"),
        *("^-1", "^2", "^3", "sqrt", "log"),
    )
    rungs: int = 2
    max_complexity: int = 3
    by_rung: tuple[tuple[str, ...], ...] | None = None
    constant_below: float = 1e-10
    positive_margin: float = 1.1
    other_margin: float = 0.1

    def __post_init__(self) -> None:
        if not 0 <= self.rungs <= MAX_RUNGS:
            raise SearchError(f"rungs is {self.rungs}; allowed: 0 to {MAX_RUNGS}")
        if self.max_complexity < 0:
            raise SearchError("max_complexity is negative")
        if self.by_rung is not None and len(self.by_rung) != self.rungs:
            msg = f"by_rung lists {len(self.by_rung)} rungs, but rungs is {self.rungs}"
            raise SearchError(msg)
        for rung in range(1, self.rungs + 1):
            for sign in self.at(rung):
                if sign not in OPERATORS:
                    hint = suggestion(sign, OPERATORS)
                    raise SearchError(f"unknown operator '{sign}'; {hint}")

    def at(self, rung: int) -> tuple[str, ...]:
        """Return the operators that make rung 1, 2, ..."""
        return self.operators if self.by_rung is None else self.by_rung[rung - 1]


@dataclass(frozen=True)
class Budget:
    """What a search may keep and cost; beyond it the search is refused, not cut.

    Attributes
    ----------
    sis
        Features kept by the screening of each dimension.
    max_candidates, max_models
        Most features to be scored per dimension, and tuples to be fitted in all.
    max_bytes
        Most memory for stored features and work space.
    max_seconds
        Most expected seconds of one search on one core, None for no limit.
    """

    sis: int = 50
    max_candidates: int = 100_000_000
    max_models: int = 10_000_000_000
    max_bytes: int = 2 * 1024**3
    max_seconds: float | None = None

    def __post_init__(self) -> None:
        if self.sis < 1:
            raise SearchError(f"sis is {self.sis}; at least 1 feature must be kept")
