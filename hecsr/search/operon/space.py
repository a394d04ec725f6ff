"""What Operon may build, and what it may cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import index
from types import MappingProxyType
from typing import Final, SupportsIndex

from hecsr.errors import SearchError, suggestion

SYMBOLS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "+": "Add",
        "-": "Sub",
        "*": "Mul",
        "/": "Div",
        "^": "Pow",
        "^2": "Square",
        "sqrt": "Sqrt",
        "cbrt": "Cbrt",
        "exp": "Exp",
        "log": "Log",
        "sin": "Sin",
        "cos": "Cos",
        "tan": "Tan",
        "atan": "Atan",
        "tanh": "Tanh",
        "abs": "Abs",
    }
)
"""Operon's name of each operator. Its protected ones are not offered."""

# Refits of what a restart hands over take as long as breeding some so many formulas:
# about a second, whatever the budget, on the sixty rows of the tables shipped.
_REFITS: Final = 20_000


@dataclass(frozen=True)
class OperonSpace:
    """The formulas that Operon may build.

    Attributes
    ----------
    operators
        Of ``+ - * / ^ ^2 sqrt cbrt exp log sin cos tan atan tanh abs``.
    max_length
        Most nodes of a tree, variables with their factors and constants counted as
        one each.
    max_depth
        Most levels of a tree.
    poles
        Whether a formula may be undefined between the samples, within the widened
        ranges of the descriptors.
    snap
        Whether constants near 0, integers and halves are put at them where the
        error allows.
    """

    operators: tuple[str, ...] = ("+", "-", "*", "/", "^2", "sqrt", "log", "exp")
    max_length: int = 16
    max_depth: int = 8
    poles: bool = False
    snap: bool = True

    def __post_init__(self) -> None:
        if not self.operators:
            raise SearchError("operators is empty; give at least one, such as '+'")
        if isinstance(self.operators, str):  # type: ignore[unreachable]
            raise SearchError("operators is one text; give a tuple such as ('+', '*')")
        for sign in self.operators:
            if sign not in SYMBOLS:
                raise SearchError(
                    f"unknown operator '{sign}'; {suggestion(sign, SYMBOLS)}"
                )
        for name, least in (("max_length", 3), ("max_depth", 2)):
            object.__setattr__(self, name, _at_least(name, getattr(self, name), least))


@dataclass(frozen=True)
class OperonBudget:
    """What a search may cost.

    Attributes
    ----------
    restarts
        Searches from different seeds, whose formulas are put together.
    population
        Formulas that live at once.
    generations
        Times that they are bred.
    local_steps
        Steps of Levenberg and Marquardt's method for each new formula.
    max_seconds
        A restart that takes longer is given up: results then depend on the machine.
    """

    restarts: int = 3
    population: int = 600
    generations: int = 40
    local_steps: int = 1
    max_seconds: float | None = None

    def __post_init__(self) -> None:
        for name, least in (
            ("restarts", 1),
            ("population", 10),
            ("generations", 1),
            ("local_steps", 0),
        ):
            object.__setattr__(self, name, _at_least(name, getattr(self, name), least))
        if self.max_seconds is not None and not self.max_seconds > 0:
            raise SearchError(f"max_seconds is {self.max_seconds}; it must be positive")

    @property
    def work(self) -> float:
        """What a search takes, in formulas bred, refits of what it finds included."""
        return float(self.restarts * (self.population * self.generations + _REFITS))


def _at_least(name: str, given: SupportsIndex, least: int) -> int:
    """Return a whole number as Python's own, whatever kind was given."""
    try:
        whole = index(given)
    except TypeError:
        raise SearchError(f"{name} is {given!r}; a whole number is meant") from None
    if whole < least:
        raise SearchError(f"{name} is {whole}; at least {least} is needed")
    return whole
