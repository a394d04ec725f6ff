"""Which rows of a table take part, and the record of those that do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hecsr import tables
from hecsr.composition import STOICHIOMETRY, Composition
from hecsr.config import Analysis, Data
from hecsr.errors import ConfigError, suggestion
from hecsr.result import SetAside
from hecsr.tables.user import read_user_csv

if TYPE_CHECKING:
    import pandas as pd

Scalar = str | int | float | bool


@dataclass
class Rows:
    """The rows still in, in file order, and what was set aside on the way."""

    frame: pd.DataFrame
    compositions: list[Composition]
    rows_read: int
    description: str
    sha256: str
    target_unit: str
    set_aside: list[SetAside] = field(default_factory=list)

    def keep(self, mask: Any, reason: str, detail: str = "") -> None:
        """Keep the rows where `mask` holds; record the others."""
        flags = [bool(m) for m in mask]
        lost = len(flags) - sum(flags)
        if not lost:
            return
        self.set_aside.append(SetAside(reason, lost, detail))
        self.frame = self.frame[flags].reset_index(drop=True)
        self.compositions = [
            c for c, flag in zip(self.compositions, flags, strict=True) if flag
        ]


def read_rows(analysis: Analysis, base: Path, output: Path) -> Rows:
    """Read the table of an analysis and keep the rows that it selects.

    `base` is the folder that a user's file is relative to; bad rows that are set
    aside are written to ``set_aside.csv`` beside `output`.

    Raises
    ------
    ConfigError
        If a column that the analysis names does not exist, or no row is left.
    TableError, BadRowsError
        If the table cannot be read, or rows of it are bad.
    """
    data = analysis.data
    rows = _shipped(data) if data.table else _users(analysis, base, output)
    _check_columns(data, rows.frame.columns, analysis)
    for column, allowed in data.select.items():
        values = _listed(allowed)
        text = _lacking(rows.frame[column], column, values)
        rows.keep(matches(rows.frame[column], values), text)
    for column, refused in data.exclude.items():
        values = _listed(refused)
        text = f"{_words(column)} is {_spelled(values)}"
        rows.keep(~matches(rows.frame[column], values), text)
    for column in [*data.present, data.target]:
        rows.keep(~_empty(rows.frame[column]), f"no value of {_words(column)}")
    if data.families:
        rows.keep(
            [c.family in data.families for c in rows.compositions],
            f"family is not {', '.join(data.families)}",
        )
    if data.ratio_within is not None:
        rows.keep(
            [_near_ratio(c, data.ratio_within) for c in rows.compositions],
            f"metal-to-anion ratio more than {data.ratio_within:.0%} off the family's",
        )
    if not rows.compositions:
        steps = "; ".join(f"{s.rows} where {s.reason}" for s in rows.set_aside)
        raise ConfigError(
            f"no row of {data.table or data.file} is left: {steps or 'it is empty'}"
        )
    return rows


def matches(column: pd.Series, allowed: Sequence[Scalar]) -> pd.Series:
    """Say where a column holds one of the allowed values; '' means empty."""
    found = _empty(column) if "" in allowed else column.isna() & False
    for value in allowed:
        if value != "":
            found |= _equal(column, value)
    return found


def _equal(column: pd.Series, value: Scalar) -> pd.Series:
    """Compare a column with a value; text cells are read as the value's own type."""
    import pandas as pd

    if isinstance(value, str) or not pd.api.types.is_string_dtype(column):
        return (column == value).fillna(value=False).astype(bool)
    if isinstance(value, bool):
        words = ("true", "yes", "1") if value else ("false", "no", "0")
        return column.astype(str).str.strip().str.lower().isin(words)
    return pd.to_numeric(column, errors="coerce") == value


def look_up(
    compositions: Sequence[Composition],
    table: str,
    column: str,
    select: Mapping[str, Scalar | list[Scalar]],
) -> list[float]:
    """Return a column of a shipped table for each composition, NaN if unknown."""
    frame = tables.load(table)
    for name in (column, *select):
        if name not in frame.columns:
            hint = suggestion(name, frame.columns)
            raise ConfigError(f"table '{table}' has no column '{name}'; {hint}")
    for name, allowed in select.items():
        frame = frame[matches(frame[name], _listed(allowed))]
    known: dict[Composition, float] = {}
    for text, value in zip(frame["composition"], frame[column], strict=True):
        composition = Composition.parse(text)
        if known.setdefault(composition, float(value)) != float(value):
            msg = (
                f"table '{table}' has two values of {column} for {composition}; "
                "choose one of its sets with 'select'"
            )
            raise ConfigError(msg)
    return [known.get(c, float("nan")) for c in compositions]


def _shipped(data: Data) -> Rows:
    if data.table not in tables.names():
        hint = suggestion(str(data.table), tables.names())
        raise ConfigError(f"no shipped table '{data.table}'; {hint}")
    frame = tables.load(data.table)
    info = tables.info(data.table)
    units = {f.name: f.unit for f in info.fields}
    _check_column(data.composition, frame.columns, "data.composition")
    _check_column(data.target, frame.columns, "data.target")
    return Rows(
        frame=frame,
        compositions=[Composition.parse(text) for text in frame[data.composition]],
        rows_read=len(frame),
        description=info.description,
        sha256=info.sha256,
        target_unit=data.target_unit or units.get(data.target) or "1",
    )


def _users(analysis: Analysis, base: Path, output: Path) -> Rows:
    import hashlib

    data = analysis.data
    path = base / str(data.file)
    numeric = [c.name for c in data.columns]
    if analysis.task == "regression":
        numeric.append(data.target)
    needed = [data.composition, data.target, *numeric, *data.select, *data.exclude]
    table = read_user_csv(
        path,
        required=list(dict.fromkeys(needed)),
        numeric=numeric,
        composition=data.composition,
        parse=Composition.parse,
        on_bad=data.on_bad_rows,
        set_aside_path=output.parent / f"{output.name}.set_aside.csv",
    )
    rows = Rows(
        frame=table.frame.reset_index(drop=True),
        compositions=[Composition.parse(t) for t in table.frame[data.composition]],
        rows_read=len(table.frame) + len({b.line for b in table.bad_rows}),
        description=f"the user's table {path.name}",
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        target_unit=data.target_unit or "1",
    )
    if table.bad_rows:
        reasons = "; ".join(str(b) for b in table.bad_rows[:5])
        lost = len({b.line for b in table.bad_rows})
        rows.set_aside.append(SetAside("the row could not be read", lost, reasons))
    return rows


def _check_columns(data: Data, columns: pd.Index, analysis: Analysis) -> None:
    places = dict.fromkeys(data.select, "data.select")
    places |= dict.fromkeys(data.exclude, "data.exclude")
    places |= dict.fromkeys(data.present, "data.present")
    places |= {c.name: "data.columns" for c in data.columns}
    places |= dict.fromkeys(data.groups_where.values(), "data.groups_where")
    for part in analysis.validation.parts:
        places |= dict.fromkeys(part.select, "validation.parts")
    if "source" in analysis.validation.leave_one_out:
        places[data.source] = "data.source"
    for name, place in places.items():
        _check_column(name, columns, place)


def _check_column(name: str, columns: pd.Index, place: str) -> None:
    if name not in columns:
        hint = suggestion(name, columns)
        raise ConfigError(f"'{place}' names '{name}', which is no column; {hint}")


def _empty(column: pd.Series) -> pd.Series:
    return column.isna() | (column.astype(str).str.strip() == "")


def _listed(values: Scalar | list[Scalar]) -> list[Scalar]:
    return values if isinstance(values, list) else [values]


def _near_ratio(composition: Composition, within: float) -> bool:
    ideal = STOICHIOMETRY.get(composition.family)
    if ideal is None:
        return True
    # metals per anion against the family's; a hair for the last digit
    return abs(ideal / composition.anion_per_metal - 1) <= within + 1e-9


def _lacking(column: pd.Series, name: str, wanted: Sequence[Scalar]) -> str:
    """Say of the rows without the wanted values what they have."""
    empty = _empty(column)
    known = matches(column, [True]) | matches(column, [False]) | empty
    if len(wanted) == 1 and isinstance(wanted[0], bool) and known.all():
        unknown = " or not stated" if empty.any() else ""
        return f"{_words(name)} is {_spelled([not wanted[0]])}{unknown}"
    return f"{_words(name)} is not {_spelled(wanted)}"


def _words(column: str) -> str:
    return column.replace("_", " ")


def _spelled(values: Sequence[Scalar]) -> str:
    return " or ".join(_value(v) for v in values)


def _value(value: Scalar) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "empty" if value == "" else str(value)
