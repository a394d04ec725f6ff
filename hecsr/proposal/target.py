"""What kind of question the target asks: a value, or one of two classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.errors import ConfigError, TableError
from hecsr.proposal.columns import count_of, listed, with_commas
from hecsr.proposal.quantities import Quantity, quantity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hecsr.formula.formula import Task
    from hecsr.proposal.columns import Column

GRADES: Final = 6
"""So few different whole numbers may be grades or classes instead of values."""
BALANCED: Final = 0.4
"""A rarer class below this share is called from its own share on."""
_NUMBERS_FROM: Final = 0.5
_YES: Final = frozenset({"true", "t", "yes", "y"})
"""Words that are the 1 of two classes, however rare they are."""


@dataclass(frozen=True, eq=False)
class Target:
    """The column to explain, its task, and what is doubtful about it."""

    column: Column
    task: Task
    quantity: Quantity
    doubts: tuple[str, ...] = ()

    @property
    def unbalanced(self) -> bool:
        """Whether one of two classes is much rarer than the other."""
        return self.task == "classification" and self.rarer < BALANCED * sum(
            self.classes
        )

    @property
    def classes(self) -> tuple[int, int]:
        """How many rows are of class 0 and of class 1."""
        values = self.column.values
        return int((values == 0).sum()), int((values == 1).sum())

    @property
    def rarer(self) -> int:
        """How many rows the rarer class has."""
        return min(self.classes)

    @property
    def odd(self) -> bool:
        """Whether a classification has filled cells that are neither 0 nor 1."""
        return self.task == "classification" and sum(self.classes) < self.column.filled


def find_target(columns: Sequence[Column], name: str, path: Path) -> Target:
    """Tell from its values what task the target is.

    Raises
    ------
    TableError
        If there is no such column, or it is empty.
    ConfigError
        If it holds words, or two classes that are not 0 and 1: what to do is said.
    """
    from hecsr.errors import suggestion

    by_name = {c.name: c for c in columns}
    if name not in by_name:
        msg = f"{path.name} has no column '{name}'; columns: {', '.join(by_name)}"
        hint = suggestion(name, by_name)
        raise TableError(f"{msg}; {hint}" if hint.startswith("did") else msg)
    column = by_name[name]
    if not column.filled:
        raise TableError(f"{path.name}: the column '{name}' is empty in every row")
    if column.numbers < _NUMBERS_FROM * column.filled:
        commas = with_commas(column)
        if commas is not None:
            raise ConfigError(f"the target '{name}' is no column of numbers: {commas}")
        raise ConfigError(_of_words(column))
    values = np.unique(column.values[np.isfinite(column.values)])
    if len(values) == 1:
        msg = f"'{name}' is {values[0]:g} in every row: there is nothing to learn"
        raise ConfigError(msg)
    if set(values) == {0.0, 1.0}:
        return Target(column, "classification", Quantity(quantity(name).label, None))
    if len(values) == 2:
        raise ConfigError(_of_two(column, values.tolist()))
    found = quantity(name)
    doubts = []
    whole = bool(np.all(values == np.round(values)))
    if whole and len(values) <= GRADES and column.numbers > 4 * len(values):
        shown = ", ".join(f"{v:g}" for v in values)
        doubts.append(
            f"'{name}' holds only {shown}: a regression is proposed, but if these are "
            "classes, write a column of 0 and 1 for one of them against the rest"
        )
    return Target(column, "regression", found, tuple(doubts))


def _of_words(column: Column) -> str:
    kinds = column.kinds.most_common()
    shown = listed([f"'{kind}' ({count_of(n, 'row')})" for kind, n in kinds], 6)
    said = [kind for kind, _ in kinds if kind.casefold() in _YES]
    first = said[0] if said else kinds[0][0]
    msg = f"the target '{column.name}' holds words, not numbers: {shown}"
    if len(kinds) > max(GRADES, column.filled // 4):
        return f"{msg}; name a column of numbers with --target"
    advice = (
        f"add a column with 1 where it is '{first}' and 0 elsewhere (empty where it "
        "is not known), and name that one with --target"
    )
    if len(kinds) > 2:
        advice += "; of more than two classes one is told from the rest at a time"
    return f"{msg}; {advice}"


def _of_two(column: Column, values: list[float]) -> str:
    low, high = values
    return (
        f"the target '{column.name}' holds only {low:g} and {high:g}: two classes are "
        f"written 0 and 1; write 0 for one of {low:g} and {high:g}, 1 for the other"
    )
