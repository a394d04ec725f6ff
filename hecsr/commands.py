"""What the verbs `describe`, `predict` and `tables` do, apart from the terminal."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Container, Sequence
from pathlib import Path

from hecsr import tables
from hecsr.composition import Composition
from hecsr.descriptors import describe_where_known
from hecsr.errors import ConfigError, FormulaError, HecsrError, suggestion
from hecsr.formula.domain import NOT_KNOWN
from hecsr.formula.file import load_formulas
from hecsr.formula.formula import Formula
from hecsr.formula.lookalikes import missing_column
from hecsr.formula.predict import computed, predict
from hecsr.formula.uncertainty import LEVEL, Kind
from hecsr.outputs import refuse_overwriting
from hecsr.tables.cells import read_sheet
from hecsr.tables.user import UserTable, read_user_csv
from hecsr.units import labelled


def describe_csv(
    table: Path,
    output: Path | None,
    *,
    use: Sequence[str] | None = None,
    on_missing: str = "refuse",
    set_aside: Path | None = None,
) -> tuple[str, list[str]]:
    """Describe the compositions of a CSV file.

    Returns what to print (the CSV itself where there is no `output`) and messages.

    Raises
    ------
    HecsrError
        If the table or an option is bad, a table lacks a value, or a file that is
        read would be overwritten.
    """
    if on_missing not in ("refuse", "set_aside"):
        hint = suggestion(on_missing, ["refuse", "set_aside"])
        raise ConfigError(f"--on-missing is '{on_missing}'; {hint}")
    refuse_overwriting(
        {"the table": table}, {"--output": output, "--set-aside": set_aside}
    )
    read = _read(table, set_aside)
    described, gaps = describe_where_known(
        [Composition.parse(t) for t in read.frame["composition"]], use or None
    )
    messages = list(described.warnings)
    if gaps and on_missing == "refuse":
        first = gaps[0]
        msg = (
            f"line {read.lines[first.position]}, {first.composition}: {first.error}; "
            f"{len(gaps)} row(s) are affected: leave them out with "
            "--on-missing set_aside, or choose descriptors with --use"
        )
        raise HecsrError(msg)
    messages += [f"left out {gap.composition}: {gap.error}" for gap in gaps]
    if read.bad_rows:
        messages.append(f"{len(read.bad_rows)} bad row(s) written to {set_aside}")
    missing = {gap.position for gap in gaps}
    kept = [i for i in range(len(read.frame)) if i not in missing]
    frame = described.frame
    frame.insert(0, "composition", list(read.frame["composition"].iloc[kept]))
    units = {d.name: d.unit.shown for d in described.descriptors}
    shown = ", ".join(f"{n} [{u}]" for n, u in units.items() if u != "1")
    messages.append(f"units: {shown or 'none'}; all others are pure numbers")
    return write(frame.to_csv(index=False), output), messages


def predict_csv(
    path: Path,
    compositions: Sequence[str],
    csv: Path | None,
    which: int,
    settings: Sequence[str],
    output: Path | None,
    *,
    level: float = LEVEL,
    interval: Kind | None = None,
    set_aside: Path | None = None,
) -> tuple[str, str]:
    """Evaluate a saved formula; return what to print and lines about the formula.

    `level` and `interval` as in :func:`hecsr.formula.uncertainty.intervals`. A CSV
    file needs a column 'composition' only if the formula has a variable that the
    composition gives; its bad rows may be written to the file `set_aside`.

    Raises
    ------
    HecsrError
        If the file, a composition or a setting is bad, or a file that is read would
        be overwritten.
    """
    refuse_overwriting(
        {"the file of formulas": path, "the table of --csv": csv},
        {"--output": output, "--set-aside": set_aside},
    )
    formulas = load_formulas(path)
    if not 1 <= which <= len(formulas):
        listed = "\n".join(f"  {i}: {f}" for i, f in enumerate(formulas, start=1))
        raise FormulaError(f"{path} has no formula {which}; it holds\n{listed}")
    formula = formulas[which - 1]
    if csv is not None and compositions:
        raise ConfigError("name compositions, or give a file with --csv; not both")
    if csv is None and set_aside is not None:
        raise ConfigError("--set-aside is for the bad rows of a file given with --csv")
    said = _settings(settings)
    read = None if csv is None else _rows(formula, csv, said, set_aside)
    own: dict[str, list[float]] = {}
    texts: list[str] | None = list(compositions)
    if read is not None:
        names = [d.name for d in formula.variables if not computed(d)]
        own = {n: read.frame[n].tolist() for n in names if n in read.frame.columns}
        rows = read.frame
        texts = list(rows["composition"]) if "composition" in rows.columns else None
    for name in said:
        if name in own:
            msg = f"'{name}' is given twice: by --set and by a column of {csv}"
            raise ConfigError(msg)
    if read is not None and texts is None:
        frame = predict(formula, read.frame, said, level=level, interval=interval)
        for name in reversed(own):
            frame.insert(0, name, own[name], allow_duplicates=True)
    elif texts:
        given: dict[str, float | Sequence[float]] = {**own, **said}
        frame = predict(formula, texts, given, level=level, interval=interval)
        frame.insert(0, "given", texts)
    else:
        raise HecsrError("no compositions: name some, or give a file with --csv")
    header = _header(formula, f"{frame.attrs['level']:.4g}: {frame.attrs['basis']}")
    if read is not None and read.bad_rows:
        lines = {row.line for row in read.bad_rows}
        header += f"\n{len(lines)} bad row(s) written to {set_aside}"
    return write(frame.to_csv(index=False), output), header


def _rows(
    formula: Formula, csv: Path, said: Container[str], set_aside: Path | None
) -> UserTable:
    """Read the rows to evaluate a formula on; every variable is `said`, or there.

    Raises
    ------
    HecsrError
        If a row is bad, or a column is missing; the closest in the file is named.
    """
    own = [d for d in formula.variables if not computed(d)]
    names = [d.name for d in own]
    header = read_sheet(csv, ["composition", *names]).header
    for one in own:
        if one.name not in said and one.name not in header:
            msg = (
                f"{csv.name}: {missing_column(one.name, header)}; the formula needs it "
                f"in {one.unit.shown}: name the column so, or give one value for all "
                f"rows with --set {one.name}=..."
            )
            raise FormulaError(msg)
    needed = "composition" in header or len(own) < len(formula.variables)
    return _read(csv, set_aside, names, needed=needed)


def show_tables(name: str | None, *, as_csv: bool = False) -> str:
    """List the shipped tables, or describe one, or return it as CSV.

    Raises
    ------
    HecsrError
        If there is no such table.
    """
    if name is None:
        if as_csv:
            raise ConfigError("name the table to write as CSV")
        lines = [
            f"{n:<22} {tables.info(n).rows:>5} rows  {tables.info(n).title}"
            for n in tables.names()
        ]
        return "\n".join(lines)
    if name not in tables.names():
        raise ConfigError(f"no table '{name}'; {suggestion(name, tables.names())}")
    frame = tables.load(name)
    if as_csv:
        return frame.to_csv(index=False)
    info = tables.info(name)
    fields = [f"  {f.name} [{f.unit or f.type}]: {f.description}" for f in info.fields]
    return "\n".join(
        [
            f"{info.title} ({info.rows} rows)",
            info.description,
            f"licence: {info.licence}",
            *fields,
            frame.head(5).to_string(index=False),
        ]
    )


def _read(
    path: Path,
    set_aside: Path | None,
    numeric: Sequence[str] = (),
    *,
    needed: bool = True,
) -> UserTable:
    column = "composition" if needed else None
    return read_user_csv(
        path,
        required=[column] if column else [],
        numeric=numeric,
        composition=column,
        parse=Composition.parse if column else None,
        on_bad="set_aside" if set_aside else "refuse",
        set_aside_path=set_aside,
    )


def _settings(settings: Sequence[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for setting in settings:
        name, _, text = setting.partition("=")
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            msg = f"--set {setting}: give a variable and a number, as load=9.8"
            raise ConfigError(msg)
        if name.strip() in found:
            raise ConfigError(f"--set gives '{name.strip()}' twice")
        found[name.strip()] = value
    return found


def _header(formula: Formula, bounds: str) -> str:
    """Say what the columns of a prediction are."""
    target = formula.target
    what = labelled(target.label or target.name, target.unit)
    if formula.task == "classification":
        what = f"probability of {target.label or target.name}"
    lines = [f"{what} = {formula.to_text()}", f"bounds of level {bounds}"]
    if formula.threshold is not None:
        lines.append(f"class 1 is called from {formula.threshold:.4g} on")
    if conditions := formula.conditions:
        lines.append(f"defined where {', '.join(conditions)}")
    if unknown := formula.domain.not_known(formula.names):
        lines.append(f"{NOT_KNOWN}: {', '.join(unknown)}")
    given = [
        f"{d.name} in {d.unit.shown}" for d in formula.variables if not computed(d)
    ]
    if given:
        lines.append(f"to be given: {', '.join(given)}")
    return "\n".join(lines)


def write(text: str, output: Path | None) -> str:
    """Write text to a file, complete or not at all; return it, or where it went."""
    if output is None:
        return text
    try:
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(output)
    except OSError as error:
        raise HecsrError(f"cannot write {output}: {error.strerror}") from error
    return f"written to {output}"
