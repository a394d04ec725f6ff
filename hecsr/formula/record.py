"""What a formula file holds: the fields of every version, audited on reading.

Version 1 had neither the hull, the leverage, the elements and the families of the
domain, nor the further levels of the interval, nor the versions of the writer;
versions 1 and 2 not the threshold of a classifier.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

FORMAT: Final = "hecsr-formulas"
VERSION: Final = 3
MOST: Final = 500
"""Variables, coefficients and formulas of a file."""
MOST_POINTS: Final = 100_000
MOST_SAMPLES: Final = 10**9
_TEX: Final = re.compile(
    r"\\(input|include|write|read|openin|openout|immediate|catcode|csname|def|let)\b"
)
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
# a heading may hold a line break, but nothing that hides or turns what follows
_UNPRINTABLE: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_ELEMENT: Final = r"^[A-Z][a-z]?$"
_ROUNDING: Final = 1e-6


def _printable(text: str) -> str:
    if found := _UNPRINTABLE.search(text):
        raise ValueError(f"holds the character U+{ord(found[0]):04X}")
    return text


def _no_tex_programs(text: str) -> str:
    if found := _TEX.search(text):
        raise ValueError(f"'{found[0]}' is no mathematics")
    return text


def _no_typst_code(text: str) -> str:
    if "#" in _QUOTED.sub("", text):
        raise ValueError("'#' starts code, which is no mathematics")
    return text


_Text = Annotated[str, Field(max_length=20_000)]
_Line = Annotated[str, Field(max_length=2_000), AfterValidator(_printable)]
_Name = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_printable)]
_Latex = Annotated[_Line, AfterValidator(_no_tex_programs)]
_Typst = Annotated[_Line, AfterValidator(_no_typst_code)]
_Scalar = _Line | int | float | bool | None
_Row = Annotated[list[float], Field(max_length=MOST)]


class Record(BaseModel):
    """Base: no unknown field, no infinite number, never changed."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, strict=True
    )


class TargetRecord(Record):
    """What the formula gives."""

    name: _Line
    label: _Line
    latex: _Latex
    typst: _Typst
    unit: _Line


class VariableRecord(Record):
    """One variable, and the range that it was fitted on."""

    name: _Name
    label: _Line
    latex: _Latex
    typst: _Typst
    unit: _Line
    family: _Line
    kind: Literal[1, 2, 3]
    equation: _Latex
    source: _Line
    lower: float | None
    upper: float | None
    reaches_zero: bool
    scale: float | None
    fitted_from: float
    fitted_to: float

    @model_validator(mode="after")
    def _rising(self) -> VariableRecord:
        if self.fitted_from > self.fitted_to:
            raise ValueError(f"'{self.name}' is fitted from more than it is fitted to")
        return self


class CoefficientRecord(Record):
    """One constant, wherever it stands."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=100)]
    value: float
    standard_error: Annotated[float, Field(ge=0)] | None
    unit: _Line


class IntervalRecordV1(Record):
    """The half width of one level."""

    half_width: Annotated[float, Field(ge=0)]
    level: Annotated[float, Field(gt=0, lt=1)]
    source: _Line


class LevelRecord(Record):
    """A level, and the half width that held it."""

    level: Annotated[float, Field(gt=0, lt=1)]
    half_width: Annotated[float, Field(ge=0)]


class IntervalRecord(IntervalRecordV1):
    """The half widths of several levels."""

    levels: Annotated[list[LevelRecord], Field(max_length=100)]

    @model_validator(mode="after")
    def _rising(self) -> IntervalRecord:
        for less, more in zip(self.levels, self.levels[1:], strict=False):
            if less.level >= more.level or less.half_width > more.half_width:
                raise ValueError("the levels and their half widths do not rise")
        return self


class DomainRecord(Record):
    """What the fitted samples covered; one column of the hull per variable."""

    hull: Annotated[list[_Row], Field(max_length=MOST_POINTS)] | None
    leverage: Annotated[float, Field(ge=0)] | None
    elements: list[Annotated[str, Field(pattern=_ELEMENT)]] | None  # symbols of metals
    families: Annotated[list[_Name], Field(max_length=MOST)] | None

    @field_validator("hull")
    @classmethod
    def _not_empty(cls, hull: list[list[float]] | None) -> list[list[float]] | None:
        if hull == []:
            raise ValueError("no point; null stands for an unknown hull")
        return hull


class FormulaRecordV1(Record):
    """A formula of version 1."""

    task: Literal["regression", "classification"]
    target: TargetRecord
    expression: _Text
    text: _Text
    latex: _Text
    coefficients: Annotated[list[CoefficientRecord], Field(max_length=MOST)]
    covariance: Annotated[list[_Row], Field(max_length=MOST)] | None
    variables: Annotated[list[VariableRecord], Field(max_length=MOST)]
    n_samples: Annotated[int, Field(ge=0, le=MOST_SAMPLES)]
    metrics: Annotated[dict[_Name, float], Field(max_length=MOST)]
    interval: IntervalRecordV1 | None
    provenance: Annotated[dict[_Name, _Scalar], Field(max_length=MOST)]

    @model_validator(mode="after")
    def _names_differ(self) -> FormulaRecordV1:
        for what, names in (
            ("variable", [v.name for v in self.variables]),
            ("coefficient", [c.name for c in self.coefficients]),
        ):
            if len(set(names)) < len(names):
                raise ValueError(f"a {what} is described twice")
        return self

    @field_validator("covariance")
    @classmethod
    def _is_covariance(
        cls, rows: list[list[float]] | None, info: ValidationInfo
    ) -> list[list[float]] | None:
        """Check shape, symmetry, that no variance is negative, and the errors."""
        given = info.data.get("coefficients")
        if rows is None or given is None:
            return rows
        size = len(given)
        if len(rows) != size or any(len(row) != size for row in rows):
            raise ValueError(f"the covariance is not {size} by {size}")
        if not size:
            return rows
        found = np.array(rows)
        variance = np.diag(found)
        if (variance < 0).any():
            raise ValueError("a variance is negative")
        errors = np.sqrt(variance)
        unit = np.where(errors > 0, errors, 1.0)
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = found / unit / unit[:, None]
            apart = float(np.abs(scaled - scaled.T).max())
        # infinite entries are alike, and what is infinite less itself is not a number
        if apart > _ROUNDING:
            raise ValueError("the covariance is not symmetric")
        if not np.abs(scaled).max() <= 1 + _ROUNDING * size:
            raise ValueError("the covariance is not positive semi-definite")
        if np.linalg.eigvalsh(scaled).min() < -_ROUNDING * size:
            raise ValueError("the covariance is not positive semi-definite")
        for one, error in zip(given, errors.tolist(), strict=True):
            said = one.standard_error
            if said is not None and abs(said - error) > _ROUNDING * max(said, error):
                msg = (
                    f"the standard error of '{one.name}' is not that of the covariance"
                )
                raise ValueError(msg)
        return rows


class FormulaRecordV2(FormulaRecordV1):
    """A formula of version 2."""

    interval: IntervalRecord | None
    domain: DomainRecord

    @model_validator(mode="after")
    def _hull_fits(self) -> FormulaRecordV2:
        if self.domain.hull is None:
            return self
        wide = len(self.variables)
        if any(len(row) != wide for row in self.domain.hull):
            raise ValueError(f"domain.hull: points of {wide} variables are needed")
        points = np.array(self.domain.hull)
        for one, column in zip(self.variables, points.T, strict=True):
            ends = (float(column.min()), float(column.max()))
            slack = _ROUNDING * max(abs(one.fitted_from), abs(one.fitted_to))
            if abs(ends[0] - one.fitted_from) > slack or (
                abs(ends[1] - one.fitted_to) > slack
            ):
                msg = f"domain.hull: not of the fitted range of '{one.name}'"
                raise ValueError(msg)
        return self


class FormulaRecord(FormulaRecordV2):
    """A formula of version 3; from the threshold on a probability calls class 1."""

    threshold: Annotated[float, Field(ge=0, le=1)] | None

    @model_validator(mode="after")
    def _of_classes(self) -> FormulaRecord:
        if self.threshold is not None and self.task != "classification":
            raise ValueError(f"threshold: a {self.task} calls no class")
        return self


class FileRecordV1(Record):
    """A file of version 1."""

    format: Literal["hecsr-formulas"]
    version: Literal[1]
    formulas: Annotated[list[FormulaRecordV1], Field(max_length=MOST)]


class FileRecordV2(Record):
    """A file of version 2; `written_by` holds the versions of the packages."""

    format: Literal["hecsr-formulas"]
    version: Literal[2]
    written_by: Annotated[dict[_Name, _Line], Field(max_length=MOST)]
    formulas: Annotated[list[FormulaRecordV2], Field(max_length=MOST)]


class FileRecord(Record):
    """A file of version 3."""

    format: Literal["hecsr-formulas"]
    version: Literal[3]
    written_by: Annotated[dict[_Name, _Line], Field(max_length=MOST)]
    formulas: Annotated[list[FormulaRecord], Field(max_length=MOST)]


def read_records(content: dict[str, Any]) -> list[FormulaRecord]:
    """Return the formulas of a file of any known version, as of the newest.

    Raises
    ------
    pydantic.ValidationError
        If a field is missing, unknown or damaged.
    """
    if content["version"] == VERSION:
        return FileRecord.model_validate(content).formulas
    if content["version"] == 2:
        return [
            FormulaRecord(**_fields(old), threshold=None)
            for old in FileRecordV2.model_validate(content).formulas
        ]
    unknown = DomainRecord(hull=None, leverage=None, elements=None, families=None)
    found = []
    for old in FileRecordV1.model_validate(content).formulas:
        interval = None
        if old.interval is not None:
            interval = IntervalRecord(**old.interval.model_dump(), levels=[])
        fields = _fields(old) | {"interval": interval, "domain": unknown}
        found.append(FormulaRecord(**fields, threshold=None))
    return found


def _fields(old: FormulaRecordV1) -> dict[str, Any]:
    return {name: getattr(old, name) for name in type(old).model_fields}
