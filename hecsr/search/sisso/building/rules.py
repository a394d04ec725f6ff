"""What a search space asks of its features beyond units, poles and complexity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hecsr.search.sisso.building.values import ValueRule

EQUAL: Final = 1e-12
"""Stored features that differ by less, relative to their largest value, are one."""
DUPLICATE: Final = 1.0 - 1e-10
"""Features of a list that correlate beyond this are one."""

# Two unit vectors that correlate beyond 1 - d differ by at most sqrt(2 d) in what
# they correlate with a third.
_WINDOW = float((2 * (1.0 - DUPLICATE)) ** 0.5) * 1.01


@dataclass(frozen=True)
class Rules:
    """Rules that few searches change.

    Attributes
    ----------
    stored, listed
        Values of features that others are built from, and of those a screening may
        list; None for the relative rule of the space.
    duplicates
        Two features of a list are one if their scores differ by at most the first
        number and their correlation is above the second.
    same_key
        New features of a stored rung are one if the sums that SISSO makes of their
        values differ by at most this and they correlate as `duplicates` says; None
        for equal values.
    nested
        Outer and inner operators that do not follow each other.
    quotient_chains
        Whether a stored rung below the last, if it has products, divides quotients,
        or products by one of their factors.
    positive, not_negative
        Functions whose operand must be positive, or not negative.
    one_node
        Operators that count as one though they are written as two.
    """

    stored: ValueRule | None = None
    listed: ValueRule | None = None
    duplicates: tuple[float, float] = (_WINDOW, DUPLICATE)
    same_key: float | None = None
    nested: tuple[tuple[str, str], ...] = ()
    quotient_chains: bool = True
    positive: tuple[str, ...] = ("log",)
    not_negative: tuple[str, ...] = ("sqrt",)
    one_node: tuple[str, ...] = ()


PLAIN: Final = Rules()
"""The rules of a space unless it says otherwise: none depends on a unit."""
SISSO35: Final = Rules(
    stored=ValueRule(constant_below=0.0, spread=1e-8, smallest=1e-50, largest=1e50),
    listed=ValueRule(constant_below=0.0, spread=1e-8, smallest=1e-3, largest=1e5),
    duplicates=(1e-8, 0.99),
    same_key=1e-8,
    nested=(
        *(("exp", "exp"), ("exp", "exp-"), ("exp", "log")),
        *(("exp-", "exp"), ("exp-", "exp-"), ("exp-", "log")),
        *(("log", "exp"), ("log", "exp-"), ("log", "log")),
        *(("^2", "sqrt"), ("sqrt", "^2"), ("^3", "cbrt"), ("cbrt", "^3")),
    ),
    quotient_chains=False,
    positive=("log", "sqrt"),
    not_negative=("cbrt",),
    one_node=("|-|", "exp-"),
)
"""The rules of SISSO 3.5 (github.com/rouyang2017/SISSO, FC.f90).

A cube root there is a power, which a negative number does not have.
"""
