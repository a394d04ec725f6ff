"""What the verbs `score` and `formulas` do, apart from the terminal."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hecsr.commands import write
from hecsr.composition import Composition
from hecsr.errors import ConfigError, HecsrError, suggestion
from hecsr.formula.published.literature import literature, published
from hecsr.formula.published.published import Published, read
from hecsr.outputs import refuse_overwriting
from hecsr.scoring.inputs import Binding
from hecsr.scoring.outcome import METRICS, Folding
from hecsr.scoring.score import Score, score
from hecsr.scoring.units import unit_notes
from hecsr.tables.cells import read_sheet
from hecsr.tables.user import UserTable, read_user_csv

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.formula.formula import Coefficient, Formula

FITS: Final = ("none", "coefficients")
TASKS: Final = ("regression", "classification")
_HEADS: Final[Mapping[str, str]] = {
    "mae": "MAE",
    "rmse": "RMSE",
    "r2": "R2",
    "balanced_accuracy": "bal. acc.",
    "mcc": "MCC",
    "auc": "AUC",
    "brier": "Brier",
}
_WITH_UNIT: Final = ("mae", "rmse")
_LOWEST: Final = -1000


@dataclass(frozen=True)
class Asked:
    """What the command line asks for, as text."""

    formula: str
    data: Path
    target: str
    fit: str = "none"
    task: str | None = None
    unit: str | None = None
    composition: str | None = None
    names: Sequence[str] = ()
    units: Sequence[str] = ()
    settings: Sequence[str] = ()
    start: Sequence[str] = ()
    groups: Sequence[str] = ()
    rivals: Sequence[str] = ()
    folds: int = 5
    repeats: int = 1
    seed: int = 0
    jobs: int = 1
    set_aside: Path | None = None


def score_csv(
    asked: Asked, output: Path | None = None, save: Path | None = None
) -> tuple[str, list[str]]:
    """Score a formula on a CSV file.

    Returns what to print and messages; the held-out predictions go to `output`, the
    formula to `save`: refitted to all rows where that was asked for, else as stated.

    Raises
    ------
    HecsrError
        If the formula, the table or an option is not as it must be, or a file that
        is read would be overwritten.
    """
    refuse_overwriting(
        {"the table": asked.data},
        {"--output": output, "--save": save, "--set-aside": asked.set_aside},
    )
    _allowed("--fit", asked.fit, FITS)
    if asked.task is not None:
        _allowed("--task", asked.task, TASKS)
    binding = Binding(
        columns=_pairs("--name", asked.names, "G=shear"),
        units=_pairs("--unit", asked.units, "load=gf"),
        given=_numbers("--set", asked.settings),
        start=_numbers("--start", asked.start),
    )
    formula = read(asked.formula, [*binding.start])
    table, composition = _read(asked, formula, binding)
    found = score(
        formula,
        table.frame,
        table.frame[asked.target].to_numpy(),
        refit=asked.fit == "coefficients",
        task=asked.task,  # type: ignore[arg-type]
        binding=binding,
        composition=composition,
        target=asked.target,
        unit=asked.unit,
        rivals=tuple(asked.rivals),
        folding=Folding(asked.folds, asked.repeats, asked.seed, tuple(asked.groups)),
        source={
            "table": asked.data.name,
            "data_sha256": hashlib.sha256(asked.data.read_bytes()).hexdigest(),
        },
        n_jobs=asked.jobs,
    )
    messages = []
    if table.bad_rows:
        lost = len({bad.line for bad in table.bad_rows})
        messages.append(f"{lost} bad row(s) written to {table.set_aside}")
    if output is not None:
        predictions = _lines(found, table, composition)
        messages.append(write(predictions.to_csv(index=False), output))
    if save is not None:
        messages.append(_save(found, save))
    return told(found, asked.target), messages


def _save(found: Score, path: Path) -> str:
    from hecsr.formula.file import save_formulas

    formula = found.fitted if found.fitted is not None else found.stated
    assert formula is not None  # one of them was scored
    try:
        save_formulas(path, [formula])
    except OSError as error:
        raise HecsrError(f"cannot write {path}: {error.strerror}") from error
    how = formula.provenance["fit"]
    return f"formula, {how}, saved in {path}; `hecsr predict {path}` evaluates it"


def show_formulas(name: str | None = None) -> str:
    """List the formulas of the literature, or say all that is known of one.

    Raises
    ------
    FormulaError
        If there is none of that name.
    """
    if name is not None:
        return _whole(published(name))
    width = max(map(len, literature()))
    lines = []
    for key, f in literature().items():
        lines += [f"{key:<{width}}  {f.text}", f"{'':<{width}}  {f.sources[0].cited}"]
    return "\n".join(lines)


def told(found: Score, target: str) -> str:
    """Write a score for the terminal."""
    formula = found.published
    unit = "" if found.unit.text == "1" else f" ({found.unit.text})"
    lines = [f"{target}{unit} = {formula.text}"]
    if formula.name:
        lines[0] = f"{formula.label}: {lines[0]}"
        lines.append(f"  {'; '.join(s.cited for s in formula.sources)}")
        lines.append(f"  stated for {formula.stated_for}")
    lines += [f"  {line}" for line in found.inputs.described]
    rows = len(found.inputs.positions)
    lines += ["", f"{rows} rows scored; {found.scheme}"]
    lines += [f"  set aside, {s.rows} row(s): {s.reason}" for s in found.set_aside]
    if found.undefined:
        first = next(iter(found.undefined.values()))
        lines.append(f"  undefined on {len(found.undefined)} row(s), first: {first}")
    if found.outside is not None and found.outside[0]:
        outside, of = found.outside
        lines.append(f"  outside the rows it was refitted to: {outside} of {of} rows")
    lines += _units(found.stated)
    lines += [f"  warning: {doubt}" for doubt in found.doubts]
    lines += ["", _grid(found), *found.verdicts]
    if found.fitted is not None:
        lines += ["", f"refitted on all rows: {found.fitted.to_text()}"]
        known = found.fitted.covariance is not None
        lines += [
            f"  {_coefficient(c, fitted=known)}" for c in found.fitted.coefficients
        ]
        lines += _units(found.fitted)
    return "\n".join(lines)


def _units(formula: Formula | None) -> list[str]:
    """Say what enters a formula as a number, for its units do not close."""
    notes = () if formula is None else unit_notes(formula)
    return [f"  units do not close: {'; '.join(notes)}"] if notes else []


def _coefficient(c: Coefficient, *, fitted: bool) -> str:
    value = f"{c.name} = {c.value:.6g}"
    if c.unit.text != "1":
        value += f" {c.unit.text}"
    if c.standard_error is None:
        held = ", held: the rows cannot tell it from the others" if fitted else ""
        return f"{value}{held}"
    spread = f"standard error {c.standard_error:.2g} given the form"
    return f"{value}, {spread}"


def _grid(found: Score) -> str:
    metrics = METRICS[found.task]
    unit = "" if found.unit.text == "1" else f" ({found.unit.text})"
    head = ["held-out rows", "rows"]
    head += [_HEADS[m] + (unit if m in _WITH_UNIT else "") for m in metrics]
    body = [
        [str(line["label"]), str(line["rows"]), *(_shown(line[m], m) for m in metrics)]
        for line in found.table.to_dict("records")
    ]
    widths = [max(len(row[i]) for row in [head, *body]) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in [head, *body]
    )


def _shown(value: float, metric: str) -> str:
    if not math.isfinite(value):
        return "-"
    if metric in _WITH_UNIT:
        return f"{value:.4g}"
    # an R2 this low says no more, and would fill the line
    return f"{value:.3f}" if value >= _LOWEST else f"< {_LOWEST}"


def _whole(f: Published) -> str:
    lines = [f"{f.name}: {f.label}", f"  {f.text}", f"  stated as: {f.stated}"]
    unit = "" if f.unit is None else f" in {f.unit.text}"
    what = f"1 for {f.quantity}, else 0" if f.verdict else f"{f.quantity}{unit}"
    lines += [f"  gives {what}", f"  stated for {f.stated_for}"]
    for q in f.quantities:
        others = [_text(e) for e in q.instead]
        tail = f"; else {', or '.join(others)}" if others else ""
        lines.append(f"  {q.name}: {q.label}, in {q.unit.text}{tail}")
    if f.note:
        lines.append(f"  note: {f.note}")
    for s in f.sources:
        lines.append(f"  source: {s.cited} (seen: {s.checked})")
    return "\n".join(lines)


def _text(expression: Any) -> str:
    from hecsr.formula.printers.text import to_text

    return to_text(expression, digits=6)


def _read(
    asked: Asked, formula: Published, binding: Binding
) -> tuple[UserTable, str | None]:
    """Read the CSV; the columns that the formula may use hold numbers."""
    from hecsr.formula.expression import variables

    header = read_sheet(asked.data).header
    composition = asked.composition
    if composition is None and "composition" in header:
        composition = "composition"
    used = {*variables(formula.expression), *(q.name for q in formula.quantities)}
    for quantity in formula.quantities:
        used |= {n for other in quantity.instead for n in variables(other)}
    columns = {binding.columns.get(n, n) for n in used} - set(binding.given)
    table = read_user_csv(
        asked.data,
        required=[asked.target, *([composition] if composition else [])],
        numeric=[asked.target, *(c for c in header if c in columns)],
        composition=composition,
        parse=Composition.parse if composition else None,
        on_bad="set_aside" if asked.set_aside else "refuse",
        set_aside_path=asked.set_aside,
    )
    return table, composition


def _lines(found: Score, table: UserTable, composition: str | None) -> pd.DataFrame:
    """Return the predictions with the line of the file that each belongs to.

    `unit` is that of observed and predicted, which may be another than the file's.
    """
    frame = found.predictions.copy()
    positions = frame.pop("position")
    frame.insert(list(frame).index("predicted") + 1, "unit", found.unit.text)
    frame.insert(0, "line", [table.lines[i] for i in positions])
    if composition is not None:
        cells = table.frame[composition].iloc[positions].to_numpy()
        frame.insert(1, "composition", cells)
    return frame


def _allowed(option: str, given: str, allowed: Sequence[str]) -> None:
    if given not in allowed:
        raise ConfigError(f"{option} is '{given}'; {suggestion(given, allowed)}")


def _pairs(option: str, texts: Sequence[str], example: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not (name and sign and value):
            raise ConfigError(f"{option} {text}: give a name and a value, as {example}")
        if name in found:
            raise ConfigError(f"{option} gives '{name}' twice")
        found[name] = value
    return found


def _numbers(option: str, texts: Sequence[str]) -> dict[str, float]:
    found = {}
    for name, text in _pairs(option, texts, "load=9.8").items():
        try:
            found[name] = float(text)
        except ValueError:
            found[name] = math.nan
        if not math.isfinite(found[name]):
            raise ConfigError(f"{option} {name}={text}: give a number, as load=9.8")
    return found
