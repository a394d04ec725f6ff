"""From compositions to a table of descriptors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from hecsr.composition import Composition
from hecsr.descriptors.catalogue import catalogue, resolve
from hecsr.descriptors.descriptor import DescriptorTable
from hecsr.errors import HecsrError, MissingDataError

DEFAULT = ("fractions", "elements", "alloy")


@dataclass(frozen=True)
class Gap:
    """A composition that some descriptor could not be computed for."""

    position: int
    composition: str
    error: MissingDataError


def describe(
    compositions: str | Composition | Iterable[str | Composition],
    names: Sequence[str] | None = None,
) -> DescriptorTable:
    """Compute descriptors of compositions.

    Parameters
    ----------
    compositions
        One or many, as text or parsed.
    names
        Descriptors, families or groups (fractions, elements, alloy, precursors);
        by default the first three groups, fractions of absent elements left out.

    Returns
    -------
    DescriptorTable
        One row per composition, in the order given.

    Raises
    ------
    MissingDataError
        If a table lacks a value; all elements and properties are named.
    """
    table, gaps = describe_where_known(compositions, names)
    if gaps:
        raise joined(gaps)
    return table


def describe_where_known(
    compositions: str | Composition | Iterable[str | Composition],
    names: Sequence[str] | None = None,
) -> tuple[DescriptorTable, tuple[Gap, ...]]:
    """Compute descriptors of the compositions that the tables cover.

    Returns the table of the covered compositions and a :class:`Gap` for each of
    the others; nothing is filled in.
    """
    if isinstance(compositions, str | Composition):
        compositions = [compositions]
    parsed = [Composition.parse(c) for c in compositions]
    if not parsed:
        raise HecsrError("no compositions were given")
    chosen = resolve(names or DEFAULT)
    if names is None or "fractions" in names:
        chosen = _without_absent(chosen, parsed)
    known = catalogue()
    rows: list[list[float]] = []
    gaps: list[Gap] = []
    warnings: list[str] = []
    used: list[Composition] = []
    for position, composition in enumerate(parsed):
        row: list[float] = []
        try:
            for name in chosen:
                row.append(known[name].compute(composition))  # noqa: PERF401
        except MissingDataError as error:
            gaps.append(Gap(position, composition.formula, error))
            continue
        rows.append(row)
        used.append(composition)
        warnings += composition.warnings
    if any(not math.isfinite(v) for row in rows for v in row):
        warnings += _undefined(rows, chosen)
    table = DescriptorTable(
        np.array(rows, dtype=np.float64).reshape(len(rows), len(chosen)),
        tuple(known[name].descriptor for name in chosen),
        tuple(c.formula for c in used),
        tuple(dict.fromkeys(warnings)),
    )
    return table, tuple(gaps)


def _without_absent(
    names: Sequence[str], compositions: Sequence[Composition]
) -> tuple[str, ...]:
    """Leave out the fractions of elements that no composition holds."""
    present = {f"x_{e}" for c in compositions for e, _ in c.metals}
    present |= {f"y_{e}" for c in compositions for e, _ in c.anions}
    return tuple(n for n in names if n[:2] not in ("x_", "y_") or n in present)


def _undefined(rows: list[list[float]], names: Sequence[str]) -> list[str]:
    found = []
    for j, name in enumerate(names):
        count = sum(not math.isfinite(row[j]) for row in rows)
        if count:
            found.append(f"{name} is undefined for {count} composition(s)")
    return found


def joined(gaps: Sequence[Gap]) -> MissingDataError:
    """Make one error of all gaps: the first property that is missing, in full."""
    prop = gaps[0].error.property
    same = [gap for gap in gaps if gap.error.property == prop]
    missing = {m for gap in same for m in gap.error.missing}
    first = same[0].composition
    advice = (
        f"{len(gaps)} composition(s) are affected, {first} first; set them aside "
        'with on_missing = "set_aside" or leave out the descriptors that need it'
    )
    return MissingDataError(gaps[0].error.what, missing, prop, advice)
