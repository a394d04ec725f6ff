"""Which rows stay together, and which ways of holding rows out can be made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.errors import HecsrError
from hecsr.proposal.columns import count_of
from hecsr.study.labels import labels_of
from hecsr.study.schemes import schemes
from hecsr.validation.groups import connected_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecsr.config import Analysis
    from hecsr.proposal.columns import Column
    from hecsr.study.rows import Rows
    from hecsr.study.samples import Samples

FEWEST_GROUPS: Final = 10
LARGEST_GROUP: Final = 0.5
"""Share of the rows that one group may hold, to be kept together in a fold."""
SHARE_BELOW: Final = 0.3
"""Least share of the rows up to a limit: the rows that are trained on."""
SHARE_BEYOND: Final = 0.1
"""Least share of the rows beyond a limit: the rows that are tested."""
_MOST_SPLITS: Final = 40
"""More splits than this are left for a person to ask for: each is a whole search."""


@dataclass(frozen=True)
class Groups:
    """Columns whose equal values stay together, and why others do not."""

    names: tuple[str, ...]
    number: int
    refused: tuple[str, ...]


@dataclass(frozen=True)
class Schemes:
    """How rows are held out, and what was left out of that."""

    folds: int
    repeats: int
    leave_one_out: tuple[str, ...]
    metals_up_to: tuple[int, ...]
    years_up_to: tuple[int, ...]
    min_rows: int
    splits: dict[str, int]
    refused: tuple[str, ...]


def find_groups(rows: Rows, sources: Sequence[Column]) -> Groups:
    """Keep equal compositions together, and rows of one source where that leaves folds.

    Of several columns that name a source the first that can be is taken.
    """
    formulas = [c.formula for c in rows.compositions]
    number = len(set(formulas))
    refused: list[str] = []
    for column in sources:
        labels = labels_of(column.name, rows, "data.groups")
        sizes = np.bincount(connected_groups(formulas, labels))
        most = LARGEST_GROUP * len(formulas)
        if len(sizes) >= FEWEST_GROUPS and sizes.max() <= most:
            names = ("composition", column.name)
            return Groups(names, len(sizes), tuple(refused))
        refused.append(
            f"'{column.name}' is no group: with equal compositions it would leave "
            f"{count_of(len(sizes), 'group')}, the largest of {sizes.max()} rows"
        )
    return Groups(("composition",), number, tuple(refused))


def find_schemes(
    analysis: Analysis, samples: Samples, *, year: str | None, source: str | None
) -> Schemes:
    """Try every scheme on these rows and keep those that can be made.

    Parameters
    ----------
    analysis
        With every label that may be left out among its `leave_one_out`.

    Raises
    ------
    HecsrError
        If not even two folds can be made.
    """
    n = len(samples.y)
    min_rows = 5 if n < 200 else 10
    folds = _folds(analysis, samples)
    families = {c.family for c in samples.compositions}
    kinds = {"element": True, "family": len(families) > 1, "source": source is not None}
    names = [name for name, there in kinds.items() if there]
    left: list[str] = []
    splits: dict[str, int] = {}
    refused: list[str] = []
    for name in names:
        made = _made(analysis, samples, folds, min_rows, leave_one_out=[name])
        if isinstance(made, str):
            refused.append(f"'{name}' cannot be left out: {made}")
        elif not 2 <= made <= _MOST_SPLITS:
            refused.append(f"'{name}' would make {count_of(made, 'split')}")
        else:
            left.append(name)
            splits[name] = made
    counts = np.array([c.n_metals for c in samples.compositions])
    metals = _limit(counts, min_rows)
    if len(np.unique(counts)) > 1:
        made = _made(analysis, samples, folds, min_rows, metals_up_to=metals)
        if why := _given_up(metals, made, min_rows):
            refused.append(f"no test on compositions of more metals: {why}")
            metals = []
    years: list[int] = []
    if year is not None and samples.years is not None:
        known = samples.years[np.isfinite(samples.years)]
        years = _limit(known.astype(int), min_rows)
        asked = {"years_up_to": years, "year_column": year}
        made = _made(analysis, samples, folds, min_rows, **asked)
        if why := _given_up(years, made, min_rows):
            refused.append(f"no test on later years by '{year}': {why}")
            years = []
    return Schemes(
        folds=folds,
        repeats=4 if n <= 100 else 2 if n <= 400 else 1,
        leave_one_out=tuple(left),
        metals_up_to=tuple(metals),
        years_up_to=tuple(years),
        min_rows=min_rows,
        splits=splits,
        refused=tuple(refused),
    )


def _given_up(limits: Sequence[int], made: int | str, min_rows: int) -> str:
    """Return why a split at a limit is not proposed, empty where it is."""
    if not limits:
        least = f"{SHARE_BEYOND:.0%}, and {min_rows}, beyond it"
        return f"no limit leaves {SHARE_BELOW:.0%} of the rows up to it and {least}"
    return made if isinstance(made, str) else ""


def _folds(analysis: Analysis, samples: Samples) -> int:
    for folds in (5, 4, 3, 2):
        made = _made(analysis, samples, folds, 1)
        if not isinstance(made, str):
            return folds
    raise HecsrError(f"the rows cannot be split for cross-validation: {made}")


def _made(
    analysis: Analysis, samples: Samples, folds: int, min_rows: int, **asked: object
) -> int | str:
    """Return the splits that a scheme makes, or why it cannot be made."""
    changed: dict[str, object] = {"folds": folds, "min_rows": min_rows}
    for key in ("leave_one_out", "metals_up_to", "years_up_to"):
        changed[key] = []
    changed |= asked
    validation = analysis.validation.model_copy(update=changed)
    tried = analysis.model_copy(update={"validation": validation})
    try:
        found = schemes(tried, samples, repeats=1)
    except HecsrError as error:
        return _reason(str(error))
    return len(found[-1].splits)


def _reason(error: str) -> str:
    """Return why a scheme cannot be made, without its name and what a run advises."""
    text = error.partition("; take it out of")[0]
    if text.startswith("'validation."):
        text = text.partition(": ")[2]
    return text.rpartition("nothing can be left out; ")[2]


def _limit(values: np.ndarray, min_rows: int) -> list[int]:
    """Return the value nearest to 70 % of the rows with enough beyond it, if any."""
    found = []
    for value in np.unique(values)[:-1]:
        below = float(np.mean(values <= value))
        rows = int((values > value).sum())
        if below >= SHARE_BELOW and rows >= max(min_rows, SHARE_BEYOND * len(values)):
            found.append((abs(below - 0.7), int(value)))
    return [min(found)[1]] if found else []
