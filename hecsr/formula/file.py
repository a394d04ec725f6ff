"""Formulas as versioned JSON: read and audited, never executed.

The expression is text of :mod:`hecsr.formula.grammar`; numbers are exact.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hecsr.descriptors.catalogue import catalogue
from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import FormulaError
from hecsr.formula.expression import constants
from hecsr.formula.formula import Coefficient, Formula, Interval, Target
from hecsr.formula.grammar import parse
from hecsr.formula.printers.text import to_text
from hecsr.units import parse_unit

FORMAT: Final = "hecsr-formulas"
VERSION: Final = 1


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class _Target(_Record):
    name: str
    label: str
    latex: str
    typst: str
    unit: str


class _Variable(_Record):
    name: str
    label: str
    latex: str
    typst: str
    unit: str
    family: str
    kind: Literal[1, 2, 3]
    equation: str
    source: str
    lower: float | None
    upper: float | None
    reaches_zero: bool
    scale: float | None
    fitted_from: float
    fitted_to: float


class _Coefficient(_Record):
    name: str
    value: float
    standard_error: float | None
    unit: str


class _Interval(_Record):
    half_width: Annotated[float, Field(ge=0)]
    level: Annotated[float, Field(gt=0, lt=1)]
    source: str


class _Formula(_Record):
    task: Literal["regression", "classification"]
    target: _Target
    expression: str
    text: str
    latex: str
    coefficients: list[_Coefficient]
    covariance: list[list[float]] | None
    variables: list[_Variable]
    n_samples: int
    metrics: dict[str, float]
    interval: _Interval | None
    provenance: dict[str, str | int | float | bool | None]


class _File(_Record):
    format: Literal["hecsr-formulas"]
    version: Literal[1]
    formulas: list[_Formula]


def save_formulas(path: str | os.PathLike[str], formulas: Sequence[Formula]) -> Path:
    """Write formulas to a JSON file, complete or not at all, and return its path."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "formulas": [_to_record(f).model_dump() for f in formulas],
    }
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    target = Path(path)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        temporary.chmod(0o644)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def load_formulas(path: str | os.PathLike[str]) -> tuple[Formula, ...]:
    """Read the formulas of a JSON file.

    Raises
    ------
    FormulaError
        If the file cannot be read, is of another format or a newer version, or
        holds an expression outside the grammar.
    """
    source = Path(path)
    try:
        content = json.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise FormulaError(f"{source}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise FormulaError(f"{source} is not JSON: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        msg = f"{source} is not a formula file: its 'format' is not '{FORMAT}'"
        raise FormulaError(msg)
    if content.get("version") != VERSION:
        msg = (
            f"{source} is of version {content.get('version')!r}; this hecsr reads "
            f"version {VERSION}: a newer hecsr may read it"
        )
        raise FormulaError(msg)
    try:
        records = _File.model_validate(content).formulas
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise FormulaError(f"{source}: {place}: {first['msg']}") from error
    return tuple(_from_record(record) for record in records)


def load_formula(path: str | os.PathLike[str], which: int = 0) -> Formula:
    """Read one formula of a file, the first by default."""
    formulas = load_formulas(path)
    if not -len(formulas) <= which < len(formulas):
        msg = f"{path} holds {len(formulas)} formula(s); there is no number {which}"
        raise FormulaError(msg)
    return formulas[which]


def _to_record(formula: Formula) -> _Formula:
    target = formula.target
    return _Formula(
        task=formula.task,
        target=_Target(
            name=target.name,
            label=target.label,
            latex=target.latex,
            typst=target.typst,
            unit=target.unit.text,
        ),
        expression=to_text(formula.expression),
        text=formula.to_text(),
        latex=formula.to_latex(equation=True),
        coefficients=[
            _Coefficient(
                name=c.name,
                value=c.value,
                standard_error=c.standard_error,
                unit=c.unit.text,
            )
            for c in formula.coefficients
        ],
        covariance=None
        if formula.covariance is None
        else [list(row) for row in formula.covariance],
        variables=[_variable(d, formula.ranges[d.name]) for d in formula.variables],
        n_samples=formula.n_samples,
        metrics=dict(formula.metrics),
        interval=None
        if formula.interval is None
        else _Interval(
            half_width=formula.interval.half_width,
            level=formula.interval.level,
            source=formula.interval.source,
        ),
        provenance=dict(formula.provenance),
    )


def _variable(descriptor: Descriptor, fitted: tuple[float, float]) -> _Variable:
    return _Variable(
        name=descriptor.name,
        label=descriptor.label,
        latex=descriptor.latex,
        typst=descriptor.typst,
        unit=descriptor.unit.text,
        family=descriptor.family,
        kind=descriptor.kind,  # type: ignore[arg-type]
        equation=descriptor.equation,
        source=descriptor.source,
        lower=descriptor.lower,
        upper=descriptor.upper,
        reaches_zero=descriptor.reaches_zero,
        scale=descriptor.scale,
        fitted_from=fitted[0],
        fitted_to=fitted[1],
    )


def _from_record(record: _Formula) -> Formula:
    names = [c.name for c in record.coefficients]
    expression = parse(record.expression, names)
    for name in constants(expression):
        if name not in names:
            raise FormulaError(f"the constant '{name}' has no value")
    described = [v.name for v in record.variables]
    if len(set(described)) < len(described) or len(set(names)) < len(names):
        raise FormulaError("a variable or a coefficient is described twice")
    size = len(names)
    if record.covariance is not None and (
        len(record.covariance) != size
        or any(len(row) != size for row in record.covariance)
    ):
        raise FormulaError(f"the covariance is not {size} by {size}")
    target = record.target
    return Formula(
        expression=expression,
        variables=tuple(_descriptor(v) for v in record.variables),
        coefficients=tuple(
            Coefficient(c.name, c.value, c.standard_error, parse_unit(c.unit))
            for c in record.coefficients
        ),
        target=Target(
            target.name,
            target.label,
            target.latex,
            target.typst,
            parse_unit(target.unit),
        ),
        task=record.task,
        covariance=None
        if record.covariance is None
        else tuple(tuple(row) for row in record.covariance),
        ranges={v.name: (v.fitted_from, v.fitted_to) for v in record.variables},
        n_samples=record.n_samples,
        metrics=dict(record.metrics),
        interval=None
        if record.interval is None
        else Interval(
            record.interval.half_width, record.interval.level, record.interval.source
        ),
        provenance=dict(record.provenance),
    )


def _descriptor(variable: _Variable) -> Descriptor:
    unit = parse_unit(variable.unit)
    known = catalogue().get(variable.name) if variable.kind != 3 else None
    if known is not None:
        # what is computed here must be what the formula was fitted to
        if not known.descriptor.unit.like(unit):
            msg = (
                f"'{variable.name}' is in {variable.unit} in the file, "
                f"in {known.descriptor.unit.text} in this version of hecsr"
            )
            raise FormulaError(msg)
        return known.descriptor
    return Descriptor(
        name=variable.name,
        label=variable.label,
        latex=variable.latex,
        typst=variable.typst,
        unit=unit,
        family=variable.family,
        kind=variable.kind,
        equation=variable.equation,
        source=variable.source,
        lower=variable.lower,
        upper=variable.upper,
        reaches_zero=variable.reaches_zero,
        scale=variable.scale,
    )
