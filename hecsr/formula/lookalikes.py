"""Names that look alike but are not the same: what to say of a missing column."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

from hecsr.errors import suggestion

# Letters and signs drawn alike, beyond those that NFKC makes one (a choice of
# Unicode TR 39, confusables.txt).
_SAME: Final = (
    str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧον", "ABEZHIKMNOPTYXov")  # Greek
    | str.maketrans("АВЕКМНОРСТХаеосрхуі", "ABEKMHOPCTXaeocpxyi")  # Cyrillic
    | str.maketrans("∆∑∏", "ΔΣΠ")
    | str.maketrans("‐‒–—−’‘´“”", "-----'''\"\"")
)
_SHOWN: Final = 12
"""Columns that are listed where none is alike."""
_VALUES: Final = {
    "pi": "3.141592653589793",
    "π": "3.141592653589793",
    "e": "2.718281828459045",
    "true": "1",
    "false": "0",
}
_NO_NUMBERS: Final = ("nan", "inf", "infinity")


def missing_column(name: str, columns: Iterable[str], what: str = "column") -> str:
    """Return a message for a column, or a variable, that is not there.

    A column whose name looks the same is told apart by its characters; nothing is
    silently taken for another. Names such as ``pi`` are no constants in a formula.

    Examples
    --------
    >>> missing_column("VEC ", ["VEC", "delta"])
    "no column 'VEC '; 'VEC' looks alike but has nothing instead of U+0020 SPACE"
    """
    columns = [str(column) for column in columns]
    hints = [_closest(name, columns, what), no_constant(name)]
    return f"no {what} '{name}'; {'; '.join(filter(None, hints))}"


def no_constant(name: str) -> str:
    """Say that a name does not stand for a number; nothing for other names."""
    known = name.casefold()
    if known in _VALUES:
        return f"'{name}' is no constant here: write its value, {_VALUES[known]}"
    if known in _NO_NUMBERS:
        return f"'{name}' is no constant here: a formula holds finite numbers only"
    return ""


def _closest(name: str, columns: list[str], what: str) -> str:
    if not columns:
        return f"the {'table' if what == 'column' else 'formula'} has none"
    for column in columns:
        if column != name and _shape(column) == _shape(name):
            return f"'{column}' looks alike but has {_difference(column, name)}"
    for column in columns:
        if column.casefold() == name.casefold():
            return f"did you mean '{column}'?"
    hint = suggestion(name, columns)
    if hint.startswith("allowed") and len(columns) > _SHOWN:
        shown = ", ".join(columns[:_SHOWN])
        hint = f"there are {shown} and {len(columns) - _SHOWN} more"
    return hint


def _shape(name: str) -> str:
    """Return what is left of a name where like signs are one."""
    visible = "".join(c for c in name if unicodedata.category(c) != "Cf")
    plain = unicodedata.normalize("NFKC", visible).translate(_SAME)
    return " ".join(plain.split())


def _difference(name: str, other: str) -> str:
    """Name the first character in which two names differ."""
    longest = max(len(name), len(other))
    at = next(i for i in range(longest) if name[i : i + 1] != other[i : i + 1])
    return f"{_named(name, at)} instead of {_named(other, at)}"


def _named(name: str, at: int) -> str:
    if at >= len(name):
        return "nothing"
    point = f"U+{ord(name[at]):04X}"
    return f"{point} {unicodedata.name(name[at], '')}".rstrip()
