"""Errors a user can act on: what was given, what is allowed, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


class HecsrError(ValueError):
    """A mistake in what was given; its text is meant for the user, not a developer."""


class CompositionError(HecsrError):
    """A composition could not be read."""


class TableError(HecsrError):
    """A table is missing, altered, or not of the form it must have."""


class UnitError(HecsrError):
    """A unit is unknown, or quantities of unlike dimension were combined."""


class FormulaError(HecsrError):
    """A formula's text or file could not be read."""


class ConfigError(HecsrError):
    """An analysis file says something that cannot be carried out."""


class SearchError(HecsrError):
    """A search cannot be run on these data or within this budget."""


class EngineMissing(SearchError):  # noqa: N818 - what is the matter, not an accident
    """An engine's program is not installed, or not to be had on this machine."""


class SearchWarning(UserWarning):
    """A search gave less than was asked for; the text says what and why."""


class OutputError(HecsrError):
    """A result could not be written where it was asked for, or not be typeset."""


class MissingDataError(HecsrError):
    """A table holds no value for an element or compound that a descriptor needs."""

    def __init__(
        self, what: str, missing: Iterable[str], prop: str, advice: str = ""
    ) -> None:
        self.what = what
        self.missing = tuple(sorted(set(missing)))
        self.property = prop
        text = f"no {prop} for {what} {', '.join(self.missing)}"
        super().__init__(f"{text}; {advice}" if advice else text)


@dataclass(frozen=True)
class BadRow:
    """One refused row of a table: its line in the file, the column, and why."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, column '{self.column}': {self.reason}"


class BadRowsError(TableError):
    """Some rows of a table could not be used; every one of them is listed."""

    def __init__(self, source: str, rows: Sequence[BadRow], advice: str = "") -> None:
        self.rows = tuple(rows)
        lines = "\n".join(f"  {row}" for row in self.rows)
        tail = f"\n{advice}" if advice else ""
        super().__init__(f"{source}: {len(self.rows)} bad row(s)\n{lines}{tail}")


def suggestion(given: str, allowed: Iterable[str]) -> str:
    """Name the closest allowed word, or list them all; for the end of an error."""
    allowed = list(allowed)
    close = get_close_matches(given, allowed, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"allowed: {', '.join(allowed)}"
