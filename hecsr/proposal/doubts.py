"""What the table alone cannot say, and what its rows say against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.proposal.columns import count_of, listed
from hecsr.proposal.inputs import MOST_KINDS
from hecsr.report.numbers import significant
from hecsr.units import parse_unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hecsr.proposal.findings import Findings


def undecided(found: Findings) -> tuple[str, ...]:
    """Return what a person must decide, the weightiest first."""
    return tuple(_undecided(found))


def _undecided(found: Findings) -> Iterator[str]:
    target, inputs = found.target, found.inputs
    yield from target.doubts
    given = target.quantity
    if target.task == "regression":
        if given.unit is None:
            why = given.doubt or "its name does not say it"
            yield f"unit of the target '{target.column.name}': {why}"
        elif parse_unit(given.unit).offset:
            yield f"'{target.column.name}' is in °C: give the target in K"
        elif given.doubt:
            yield f"unit of the target: {given.doubt}"
    if found.compositions.others:
        others = listed([f"'{n}'" for n in found.compositions.others])
        column = found.compositions.column.name
        yield f"compositions are read from '{column}', but could be from {others}"
    if found.bad:
        lines = len({row.line for row in found.bad})
        first = str(found.bad[0])
        yield f"{count_of(lines, 'row')} cannot be used; the first: {first}"
    for one in inputs.used:
        if one.quantity.doubt:
            yield f"'{one.column.name}': {one.quantity.doubt}"
    nameless = [
        f"'{i.column.name}'"
        for i in inputs.used
        if i.quantity.unit is None and not i.quantity.doubt
    ]
    if nameless:
        yield f"units of {listed(nameless)}, taken as pure numbers"
    yield from (
        f"'{c.name}' left out: {c.reason}" for c in inputs.left_out if c.doubtful
    )
    words = [f"'{c.name}'" for c in inputs.words if 2 <= len(c.kinds) <= MOST_KINDS]
    if words:
        yield f"which rows to take by {listed(words)}: all are taken"
    if len(found.compositions.families) > 1:
        yield "whether one formula should hold for all families: all are taken"
    if not inputs.sources:
        yield (
            "which rows come from one paper or laboratory: no column says it, so only "
            "equal compositions stay together"
        )
    yield from found.groups.refused
    yield from (f"the tables: {note}" for note in found.computable.notes)
    yield from data_doubts(found)
    if not found.size.fits:
        yield "whether the rows suffice: even the smallest search is large for them"


def data_doubts(found: Findings) -> tuple[str, ...]:
    """Say where rows with the same inputs are of both classes."""
    if found.target.task != "classification":
        return ()
    y = found.samples.y
    both = sum(1 for rows in _repeated(found) if len(np.unique(y[rows])) > 1)
    if not both:
        return ()
    kinds = count_of(both, "composition")
    return (f"{kinds} stand in the table with both classes, whatever the inputs.",)


def spread_of_repeats(found: Findings) -> tuple[str, ...]:
    """Say how far rows with the same inputs scatter: no formula can do better."""
    if found.target.task != "regression":
        return ()
    y = found.samples.y
    groups = [rows for rows in _repeated(found) if len(rows) > 1]
    free = sum(len(rows) - 1 for rows in groups)
    if free < 3:
        return ()
    squares = sum(float(np.sum((y[rows] - y[rows].mean()) ** 2)) for rows in groups)
    sd = float(np.sqrt(squares / free))
    unit = found.target.quantity.unit
    said = f"{significant(sd, 2)}{f' {unit}' if unit else ''}"
    text = (
        f"Rows that agree in every descriptor scatter by {said} (standard deviation, "
        f"{free} degrees of freedom): no formula of these descriptors can do better."
    )
    return (text,)


def _repeated(found: Findings) -> list[NDArray[np.intp]]:
    """Return the rows that agree in every descriptor, where there are several."""
    values = found.samples.table.values
    _, place = np.unique(values, axis=0, return_inverse=True)
    groups = [np.flatnonzero(place == g) for g in range(place.max() + 1)]
    return [rows for rows in groups if len(rows) > 1]
