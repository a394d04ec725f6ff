"""Formulas as versioned JSON: read and audited, never executed.

The expression is text of :mod:`hecsr.formula.grammar`; numbers are exact. Version 3
is written, older ones are read too; what they did not hold is unknown (None).
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final, NoReturn

import numpy as np
from pydantic import ValidationError

from hecsr.descriptors.catalogue import catalogue
from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import FormulaError, HecsrError
from hecsr.formula.domain import Domain
from hecsr.formula.expression import constants
from hecsr.formula.formula import Coefficient, Formula, Interval, Target
from hecsr.formula.grammar import parse
from hecsr.formula.hull import Hull
from hecsr.formula.printers.text import to_text
from hecsr.formula.record import (
    FORMAT,
    VERSION,
    CoefficientRecord,
    DomainRecord,
    FileRecord,
    FormulaRecord,
    IntervalRecord,
    LevelRecord,
    TargetRecord,
    VariableRecord,
    read_records,
)
from hecsr.units import parse_unit

MAX_BYTES: Final = 50_000_000
_WRITERS: Final = ("hecsr", "numpy", "scipy", "scikit-learn")


def save_formulas(
    path: str | os.PathLike[str], formulas: Formula | Iterable[Formula]
) -> Path:
    """Write one or more formulas to a JSON file, whole or not at all; return its path.

    Raises
    ------
    FormulaError
        If a formula holds what a file may not, as a number that is not finite, or
        lacks the range of a variable, or if the file cannot be written.
    """
    target = Path(path)
    given = [formulas] if isinstance(formulas, Formula) else formulas
    if not isinstance(given, Iterable):
        raise FormulaError(f"{given!r} is no formula; give one, or a list of them")
    listed = list(given)
    for one in listed:
        if not isinstance(one, Formula):
            raise FormulaError(f"{one!r} is no formula; give one, or a list of them")
    try:
        written_by = {"python": platform.python_version()}
        content = FileRecord(
            format=FORMAT,
            version=VERSION,
            written_by=written_by | {name: version(name) for name in _WRITERS},
            formulas=[_to_record(f) for f in listed],
        ).model_dump()
    except ValidationError as error:
        _refuse(target, error)
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        _replace(target, text)
    except OSError as error:
        raise FormulaError(f"cannot write {target}: {error.strerror}") from error
    return target


def _replace(target: Path, text: str) -> None:
    """Put text in the place of a file, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        temporary.chmod(0o644)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def load_formulas(path: str | os.PathLike[str]) -> tuple[Formula, ...]:
    """Read the formulas of a JSON file of this version or an older one.

    Raises
    ------
    FormulaError
        If the file cannot be read, is of another format or a newer version, is
        damaged, or holds an expression outside the grammar; the place is named.
    """
    source = Path(path)
    try:
        if source.stat().st_size > MAX_BYTES:
            raise FormulaError(f"{source} is larger than {MAX_BYTES // 10**6} MB")
        content = json.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise FormulaError(f"{source}: {error.strerror}") from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise FormulaError(f"{source} is not JSON: {error}") from error
    except ValueError as error:
        if isinstance(error, FormulaError):
            raise
        # an integer of thousands of digits
        raise FormulaError(f"{source} is not JSON: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        msg = f"{source} is not a formula file: its 'format' is not '{FORMAT}'"
        raise FormulaError(msg)
    said = content.get("version")
    if type(said) is not int or not 1 <= said <= VERSION:
        msg = (
            f"{source} is of version {str(said)[:20]}; this hecsr reads versions 1 to "
            f"{VERSION}: a newer hecsr may read it"
        )
        raise FormulaError(msg)
    try:
        records = read_records(content)
    except ValidationError as error:
        _refuse(source, error)
    found = []
    for i, record in enumerate(records):
        try:
            found.append(_from_record(record))
        except HecsrError as error:
            raise FormulaError(f"{source}: formulas.{i}: {error}") from error
    return tuple(found)


def _refuse(source: Path, error: ValidationError) -> NoReturn:
    """Name the first damaged place; what stands there may be long or hostile."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    raise FormulaError(f"{source}: {place}: {first['msg']}") from error


def load_formula(path: str | os.PathLike[str], which: int = 0) -> Formula:
    """Read one formula of a file, the first by default."""
    formulas = load_formulas(path)
    if not -len(formulas) <= which < len(formulas):
        msg = f"{path} holds {len(formulas)} formula(s); there is no number {which}"
        raise FormulaError(msg)
    return formulas[which]


def _to_record(formula: Formula) -> FormulaRecord:
    target = formula.target
    bare = [d.name for d in formula.variables if d.name not in formula.ranges]
    if bare:
        msg = (
            f"the formula of '{target.name}' does not know the fitted range of "
            f"{', '.join(bare)}, which a file states; give it as domain=Domain(ranges)"
        )
        raise FormulaError(msg)
    return FormulaRecord(
        task=formula.task,
        target=TargetRecord(
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
            CoefficientRecord(
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
        else IntervalRecord(
            half_width=formula.interval.half_width,
            level=formula.interval.level,
            source=formula.interval.source,
            levels=[
                LevelRecord(level=level, half_width=half)
                for level, half in formula.interval.levels
            ],
        ),
        provenance=dict(formula.provenance),
        domain=_domain_record(formula),
        threshold=formula.threshold,
    )


def _domain_record(formula: Formula) -> DomainRecord:
    domain = formula.domain

    def listed(names: Sequence[str] | None) -> list[str] | None:
        return None if names is None else list(names)

    return DomainRecord(
        hull=None if domain.hull is None else domain.hull.corners.tolist(),
        leverage=domain.leverage,
        elements=listed(domain.elements),
        families=listed(domain.families),
    )


def _variable(descriptor: Descriptor, fitted: tuple[float, float]) -> VariableRecord:
    return VariableRecord(
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


def _from_record(record: FormulaRecord) -> Formula:
    names = [c.name for c in record.coefficients]
    expression = parse(record.expression, names)
    for name in constants(expression):
        if name not in names:
            raise FormulaError(f"the constant '{name}' has no value")
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
        domain=_domain(record),
        n_samples=record.n_samples,
        metrics=dict(record.metrics),
        interval=None
        if record.interval is None
        else Interval(
            record.interval.half_width,
            record.interval.level,
            record.interval.source,
            tuple((one.level, one.half_width) for one in record.interval.levels),
        ),
        provenance=dict(record.provenance),
        threshold=record.threshold,
    )


def _domain(record: FormulaRecord) -> Domain:
    domain = record.domain

    def named(names: Sequence[str] | None) -> tuple[str, ...] | None:
        return None if names is None else tuple(names)

    return Domain(
        ranges={v.name: (v.fitted_from, v.fitted_to) for v in record.variables},
        hull=None if domain.hull is None else Hull(np.array(domain.hull), reduced=True),
        leverage=domain.leverage,
        elements=named(domain.elements),
        families=named(domain.families),
    )


def _descriptor(variable: VariableRecord) -> Descriptor:
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
