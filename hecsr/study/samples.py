"""From the rows of a table to what is compared: descriptors, target, groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr import tables
from hecsr.composition import Composition
from hecsr.config import Analysis
from hecsr.descriptors import DescriptorTable, describe_where_known, resolve
from hecsr.descriptors.catalogue import catalogue
from hecsr.descriptors.supplied import converted, supplied
from hecsr.descriptors.table import Gap, joined
from hecsr.errors import ConfigError, HecsrError, suggestion
from hecsr.formula.formula import Target
from hecsr.result import DataSummary, SourceUse
from hecsr.study.classes import classes_of, word
from hecsr.study.labels import (
    groups_of,
    groups_said,
    labels_left_out,
    sources_of,
    years_of,
)
from hecsr.study.rows import Rows, Scalar, matches
from hecsr.units import NUMBER, parse_unit

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Samples:
    """What the comparison is run on; one entry per row everywhere.

    `companions` holds the columns that only rules see; none at first (see
    :func:`hecsr.study.companions.with_companions`), `labels` what is left out one
    at a time by its name, None where a row has no such label, `years` NaN where a
    row has no year, None where they are not asked for.
    """

    table: DescriptorTable
    compositions: tuple[Composition, ...]
    y: NDArray[np.float64]
    target: Target
    groups: NDArray[np.intp]
    companions: pd.DataFrame
    sources: tuple[frozenset[str], ...]
    labels: Mapping[str, tuple[str | None, ...]]
    years: NDArray[np.float64] | None
    parts: Mapping[str, NDArray[np.bool_]]
    subsets: Mapping[str, NDArray[np.bool_]]
    summary: DataSummary


def make_samples(analysis: Analysis, rows: Rows) -> Samples:
    """Compute the descriptors and the target of the rows that take part.

    Raises
    ------
    MissingDataError
        If a table lacks a value and the analysis does not set such rows aside.
    ConfigError
        If a column holds text, or a descriptor is undefined for a sample.
    """
    import pandas as pd

    data = analysis.data
    names = _names(analysis, rows.compositions)
    table, gaps = describe_where_known(rows.compositions, names)
    if gaps:
        if data.on_missing == "refuse":
            raise joined(gaps)
        lost = {gap.position for gap in gaps}
        before = len(rows.compositions)
        _record_gaps(rows, gaps, [i not in lost for i in range(before)])
    if not rows.compositions:
        raise ConfigError("no row is left: the tables lack data for every composition")
    table = _with_supplied(analysis, table, rows)
    _refuse_undefined(table)
    y, target = _target(analysis, rows)
    groups = groups_of(analysis, rows)
    return Samples(
        table=table,
        compositions=tuple(rows.compositions),
        y=y,
        target=target,
        groups=groups,
        companions=pd.DataFrame(index=range(len(y))),
        sources=sources_of(analysis, rows),
        labels=labels_left_out(analysis, rows),
        years=years_of(analysis, rows),
        parts=_parts(analysis, rows),
        subsets=_subsets(analysis, rows),
        summary=_summary(analysis, rows, target, y, groups, table.warnings),
    )


def _names(analysis: Analysis, compositions: Sequence[Composition]) -> tuple[str, ...]:
    without = set(resolve(analysis.descriptors.without))
    present = {f"x_{e}" for c in compositions for e, _ in c.metals}
    present |= {f"y_{e}" for c in compositions for e, _ in c.anions}
    chosen = tuple(
        name
        for name in resolve(analysis.descriptors.use)
        if name not in without and (name[:2] not in ("x_", "y_") or name in present)
    )
    if not chosen:
        raise ConfigError("'descriptors.without' leaves no descriptor of 'use'")
    return chosen


def _record_gaps(rows: Rows, gaps: Sequence[Gap], kept: list[bool]) -> None:
    """Set rows without data aside, once for all, and say what they lack."""
    missing: dict[str, set[str]] = {}
    for gap in gaps:
        missing.setdefault(gap.error.property, set()).update(gap.error.missing)
    detail = "; ".join(
        f"{prop}: {', '.join(sorted(what))}" for prop, what in missing.items()
    )
    rows.keep(kept, "the tables lack data", f"first missing for {detail}")


def _with_supplied(
    analysis: Analysis, table: DescriptorTable, rows: Rows
) -> DescriptorTable:
    for column in analysis.data.columns:
        if column.name in catalogue():
            msg = (
                f"column '{column.name}' has the name of a computed descriptor; "
                "rename it in the table"
            )
            raise ConfigError(msg)
        descriptor, given = supplied(
            column.name, column.unit, wanted=column.convert_to,
            label=column.label, symbol=column.symbol,
        )  # fmt: skip
        values = converted(_numbers(rows, column.name), given, descriptor.unit)
        _check_bounds(descriptor, values, table.samples)
        table = table.join(
            DescriptorTable(values[:, None], (descriptor,), table.samples)
        )
    return table


def _check_bounds(descriptor: Any, values: Any, samples: Sequence[str]) -> None:
    low = -np.inf if descriptor.lower is None else descriptor.lower
    high = np.inf if descriptor.upper is None else descriptor.upper
    bad = (values < low) | (values > high)
    if descriptor.positive:
        bad |= values <= 0
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        msg = (
            f"column '{descriptor.name}' is {values[at]:g} {descriptor.unit.text} for "
            f"{samples[at]}; {descriptor.label or descriptor.name} must be "
            f"{'above' if descriptor.positive else 'at least'} {low:g}"
        )
        raise HecsrError(msg if np.isinf(high) else f"{msg} and at most {high:g}")


def _refuse_undefined(table: DescriptorTable) -> None:
    undefined = ~np.isfinite(table.values)
    if undefined.any():
        row, column = (int(i[0]) for i in np.nonzero(undefined))
        name = table.names[column]
        count = int(undefined[:, column].sum())
        msg = (
            f"the descriptor '{name}' is undefined for {count} sample(s), "
            f"{table.samples[row]} first; name it in 'descriptors.without'"
        )
        raise ConfigError(msg)


def _target(analysis: Analysis, rows: Rows) -> tuple[NDArray[np.float64], Target]:
    data = analysis.data
    classes = analysis.task == "classification"
    y = classes_of(data, rows) if classes else _numbers(rows, data.target)
    # of two words the label says which is class 1
    called = "" if data.positive is None else f" = {word(data.positive)}"
    target = Target(
        name=data.target,
        label=data.target_label or f"{data.target}{called}",
        latex=data.target_latex or rf"\mathrm{{{_escaped(data.target)}}}",
        typst=data.target_typst or f'upright("{data.target}")',
        unit=NUMBER if classes else parse_unit(rows.target_unit),
    )
    return y, target


def _escaped(name: str) -> str:
    return name.replace("_", r"\_").replace(" ", r"\ ")


def _numbers(rows: Rows, column: str) -> NDArray[np.float64]:
    import pandas as pd

    values = pd.to_numeric(rows.frame[column], errors="coerce").astype(float)
    bad = ~np.isfinite(values.to_numpy())
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        given = rows.frame[column].iloc[at]
        msg = (
            f"column '{column}' must hold numbers; {rows.compositions[at]} has "
            f"{given!r}: name the column in 'data.present' to set empty rows aside"
        )
        raise ConfigError(msg)
    return np.asarray(values, dtype=np.float64)


def _parts(analysis: Analysis, rows: Rows) -> dict[str, NDArray[np.bool_]]:
    found = {}
    metals = np.array([c.n_metals for c in rows.compositions])
    for part in analysis.validation.parts:
        mask = np.ones(len(metals), dtype=bool)
        if part.min_metals is not None:
            mask &= metals >= part.min_metals
        if part.max_metals is not None:
            mask &= metals <= part.max_metals
        mask &= _selected(rows, part.select)
        if not mask.any():
            raise ConfigError(f"the part '{part.label}' holds no row")
        found[part.label] = mask
    return found


def _subsets(analysis: Analysis, rows: Rows) -> dict[str, NDArray[np.bool_]]:
    found = {}
    for subset in analysis.validation.subsets:
        for column in subset.select:
            if column not in rows.frame.columns:
                hint = suggestion(column, rows.frame.columns)
                msg = f"the subset '{subset.label}' selects by '{column}'"
                raise ConfigError(f"{msg}, which is no column; {hint}")
        found[subset.label] = _selected(rows, subset.select)
    return found


def _selected(
    rows: Rows, select: Mapping[str, Scalar | list[Scalar]]
) -> NDArray[np.bool_]:
    """Say which rows hold one of the allowed values in every column."""
    mask = np.ones(len(rows.compositions), dtype=bool)
    for column, allowed in select.items():
        values = allowed if isinstance(allowed, list) else [allowed]
        mask &= matches(rows.frame[column], values).to_numpy(dtype=bool)
    return mask


def _summary(
    analysis: Analysis,
    rows: Rows,
    target: Target,
    y: NDArray[np.float64],
    groups: NDArray[np.intp],
    warnings: tuple[str, ...],
) -> DataSummary:
    data = analysis.data
    elements = Counter(e for c in rows.compositions for e, _ in c.metals)
    families = Counter(c.family for c in rows.compositions)
    if analysis.task == "classification":
        described = {"0": float((y == 0).sum()), "1": float((y == 1).sum())}
    else:
        described = {
            "mean": float(y.mean()),
            "sd": float(y.std(ddof=1)) if len(y) > 1 else 0.0,
            "min": float(y.min()),
            "max": float(y.max()),
        }
    return DataSummary(
        table=data.table or str(data.file),
        description=rows.description,
        sha256=rows.sha256,
        rows_read=rows.rows_read,
        rows_used=len(y),
        set_aside=tuple(rows.set_aside),
        target=target,
        task=analysis.task,
        target_summary=described,
        element_counts=dict(sorted(elements.items(), key=lambda kv: (-kv[1], kv[0]))),
        family_counts=dict(families.most_common()),
        groups=groups_said(analysis),
        n_groups=len(set(groups.tolist())),
        sources=_source_use(analysis, rows),
        notes=tuple(data.notes),
        warnings=warnings,
    )


def _source_use(analysis: Analysis, rows: Rows) -> tuple[SourceUse, ...]:
    if analysis.data.table is None:
        return ()
    counts = Counter(key for keys in sources_of(analysis, rows) for key in sorted(keys))
    found = []
    for key, count in sorted(counts.items(), key=lambda kv: (-kv[1], kv[0])):
        source = tables.citation(key)
        found.append(SourceUse(key, source.citation, source.doi, count))
    return tuple(found)
