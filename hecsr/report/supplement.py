"""A workbook to attach to a paper: data, predictions, and formulas that compute."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import FormulaError
from hecsr.formula.printers.excel import MAX_ROW, column_letters, to_excel
from hecsr.formula.printers.workbook import (
    Cell,
    Computed,
    Rows,
    Titled,
    column_title,
    range_flag,
    workbook,
)
from hecsr.report.frames import metrics_frame, plain
from hecsr.report.numbers import significant
from hecsr.report.read_me import read_me

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.formula import Formula
    from hecsr.report.view import View
    from hecsr.study.used_rows import UsedRows

_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\']+")
_LONGEST_NAME: Final = 31
_WIDEST: Final = 44
_DIGITS: Final = 10
_TOO_MANY: Final = "More rows than a sheet holds; see the report's CSV files."


def to_supplement(view: View, rows: UsedRows | None = None) -> bytes:
    """Return an .xlsx workbook, the same bytes for the same study.

    Its sheets are: what it is, the data, the held-out predictions, one per chosen
    formula with the formula as a live cell in every row, the coefficients, the
    scores and the settings.

    Parameters
    ----------
    rows
        The rows of the study with their descriptors. Without them the data are those
        that the predictions tell, and a formula has one row, at the middle of its
        fitted ranges.
    """
    sheets: dict[str, Rows | Titled] = {"read me": []}
    sheets["data"] = _titled(_data(view, rows))
    sheets["predictions"] = _titled(_predictions(view))
    for number, chosen in enumerate(view.chosen, start=1):
        name = _sheet_name(f"formula {number} {chosen.label}")
        sheets[name] = _titled(_formula(view, chosen.formula, rows))
    sheets["coefficients"] = _titled(_coefficients(view))
    sheets["scores"] = _titled(_scores(view))
    sheets["settings"] = _titled(_settings(view))
    sheets["read me"] = read_me(view, list(sheets))
    return workbook(sheets)


def _data(view: View, rows: UsedRows | None) -> Rows:
    target = view.result.data.target
    observed = column_title(target.name, view.target_unit)
    if rows is None:
        known = _main(view).drop_duplicates("sample").sort_values("sample")
        short: list[list[Cell]] = [["sample", "composition", observed]]
        for sample, name, value in zip(
            known["sample"], known["composition"], known["observed"], strict=True
        ):
            short.append([float(sample), str(name), _number(value)])
        return short
    used = [d for f in view.chosen for d in f.formula.variables]
    variables = {d.name: d for d in used if d.name in rows.descriptors}
    head = ["sample", "composition", observed, "group", "sources"]
    head += [column_title(d.name, d.unit) for d in variables.values()]
    found: list[list[Cell]] = [[*head]]
    values = rows.descriptors[list(variables)].to_numpy(dtype=np.float64)
    for i, name in enumerate(rows.compositions):
        found.append(
            [
                float(i),
                name,
                _number(rows.observed[i]),
                float(rows.groups[i]),
                rows.sources[i],
                *map(_number, values[i]),
            ]
        )
    return found


def _main(view: View) -> pd.DataFrame:
    frame = view.result.predictions
    return frame[frame["scheme"] == view.main.name]


def _predictions(view: View) -> Rows:
    """Return the main scheme, a row per held-out sample, a column per competitor."""
    frame = _main(view)
    shown = [c for c in view.result.competitors if c.kind != "front"]
    keys = ["repeat", "fold", "sample"]
    wide = frame.pivot_table(
        index=keys, columns="competitor", values="predicted", sort=True
    )
    told = frame.drop_duplicates(keys).set_index(keys)
    head = [*keys, "composition", column_title("observed", view.target_unit)]
    columns = [c for c in shown if c.name in wide.columns]
    found: list[list[Cell]] = [[*head, *(c.label for c in columns)]]
    values = wide[[c.name for c in columns]].to_numpy(dtype=np.float64)
    for key, row in zip(wide.index, values, strict=True):
        about = told.loc[key]
        found.append(
            [
                *(float(part) for part in key),
                str(about["composition"]),
                _rounded(about["observed"]),
                *map(_rounded, row),
            ]
        )
    return found


def _formula(view: View, formula: Formula, rows: UsedRows | None) -> Rows:
    """Return a row per sample: the variables, the live formula, and its value."""
    names = formula.names
    known = {d.name: d for d in formula.variables}
    if rows is not None and all(name in rows.descriptors for name in names):
        labels = rows.compositions
        columns = {n: rows.descriptors[n].to_numpy(dtype=np.float64) for n in names}
    else:
        labels = ("middle of the fitted ranges",)
        ends = {n: formula.ranges.get(n, (math.nan, math.nan)) for n in names}
        columns = {n: np.array([(a + b) / 2]) for n, (a, b) in ends.items()}
    target = column_title(formula.target.name, view.target_unit)
    head: list[Cell] = ["sample", "composition"]
    head += [column_title(n, known[n].unit) for n in names]
    flagged = bool(names) and all(name in formula.ranges for name in names)
    head += [f"{target}, by the formula", "as hecsr computes it"]
    head += ["within fitted ranges"] if flagged else []
    found: list[list[Cell]] = [head]
    values = np.broadcast_to(formula.evaluate(columns), len(labels))
    inside = _inside(formula, columns) if flagged else np.ones(len(labels), bool)
    if len(labels) >= MAX_ROW:
        return [[_TOO_MANY]]
    for i, name in enumerate(labels):
        cells = {n: f"{column_letters(j + 2)}{i + 2}" for j, n in enumerate(names)}
        value = _number(values[i])
        try:
            live: Cell = Computed(to_excel(formula, cells), value)
        except FormulaError as error:  # longer than a cell
            live = f"no cell formula: {error}"
        row: list[Cell] = [float(i), name, *(_number(columns[n][i]) for n in names)]
        row += [live, value]
        if flagged:
            said = "yes" if inside[i] else "no"
            row.append(Computed(range_flag(formula, cells), said))
        found.append(row)
    return found


def _inside(
    formula: Formula, columns: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.ones(len(next(iter(columns.values()))), dtype=bool)
    for name, values in columns.items():
        low, high = formula.ranges[name]
        slack = 1e-9 * max(abs(low), abs(high))
        found &= (values >= low - slack) & (values <= high + slack)
    return found


def _coefficients(view: View) -> Rows:
    head = ["formula", "coefficient", "value", "standard error, given this form"]
    found: list[list[Cell]] = [[*head, "unit"]]
    for chosen in view.chosen:
        for one in chosen.formula.coefficients:
            error = one.standard_error
            found.append(
                [
                    chosen.label,
                    one.name,
                    _number(one.value),
                    None if error is None else _number(error),
                    one.unit.shown,
                ]
            )
    return found


def _scores(view: View) -> Rows:
    frame = metrics_frame(view)
    frame = frame[frame["level"] != "fold"]
    columns = ["scheme", "competitor", "kind", "metric", "level", "value", "sd"]
    columns += ["folds", "n"]
    labels = {s.name: s.label for s in view.result.schemes}
    found: list[list[Cell]] = [[*columns]]
    for row in frame[columns].to_dict("records"):
        row["scheme"] = labels.get(str(row["scheme"]), row["scheme"])
        row["competitor"] = view.label(str(row["competitor"]))
        found.append([_cell(row[c]) for c in columns])
    return found


def _settings(view: View) -> Rows:
    result = view.result
    given: dict[str, Any] = {
        "settings": plain(result.settings),
        "seed": result.seed,
        "command": result.command,
        "data": {
            "table": result.data.table,
            "sha256": result.data.sha256,
            "rows_read": result.data.rows_read,
            "rows_used": result.data.rows_used,
        },
        "versions": dict(result.versions),
    }
    found: list[list[Cell]] = [["setting", "value"]]
    found += [[name, _cell(value)] for name, value in _flat(given, "")]
    return found


def _flat(value: Any, name: str) -> list[tuple[str, Any]]:
    """Return the ends of a tree with the names on the way, joined by points."""
    if isinstance(value, Mapping):
        return [
            pair
            for key, inner in value.items()
            for pair in _flat(inner, f"{name}.{key}" if name else str(key))
        ]
    if isinstance(value, list):
        if any(isinstance(one, (Mapping, list)) for one in value):
            return [
                pair
                for i, one in enumerate(value, start=1)
                for pair in _flat(one, f"{name}.{i}")
            ]
        return [(name, ", ".join(map(str, value)))]
    return [(name, value)]


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    try:
        return _rounded(float(value))
    except (TypeError, ValueError):
        return None


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _rounded(value: float) -> float | None:
    """Return as many digits as platforms agree on."""
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None


def _titled(rows: Rows) -> Titled:
    if len(rows) > MAX_ROW:
        return Titled([[_TOO_MANY]])
    shown = rows[:40]
    count = max((len(row) for row in shown), default=0)
    widths = [
        max((_characters(row[j]) for row in shown if j < len(row)), default=0)
        for j in range(count)
    ]
    return Titled(rows, [min(max(w, 8) + 2, _WIDEST) for w in widths])


def _characters(cell: Cell) -> int:
    if isinstance(cell, Computed):
        cell = cell.value
    if isinstance(cell, float):
        return len(significant(cell, 8))
    return len(cell or "")


def _sheet_name(text: str) -> str:
    """Return a name that a sheet may have; commas only make references longer."""
    return _FORBIDDEN.sub(" ", text).strip()[:_LONGEST_NAME].strip()
