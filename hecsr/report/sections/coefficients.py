"""Coefficients as tables show them: what each multiplies, its error and its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecsr.formula.expression import Constant
from hecsr.formula.formula import summands
from hecsr.report.equation import coefficient_symbol, of_coefficient
from hecsr.report.model import Column, Rich, rich
from hecsr.report.numbers import with_error
from hecsr.report.units import unit_cell

if TYPE_CHECKING:
    from hecsr.formula.formula import Formula


def coefficient_rows(formula: Formula) -> list[tuple[Rich, ...]]:
    """Return a row for each coefficient: what it multiplies, value, error, unit."""
    rows: list[tuple[Rich, ...]] = []
    for one in formula.coefficients:
        value, error = with_error(one.value, one.standard_error)
        of = of_coefficient(formula, one.name)
        rows.append(
            (
                (coefficient_symbol(one.name),),
                rich(of) if of is not None else rich(_role(formula, one.name)),
                rich(value),
                rich(error),
                unit_cell(one.unit),
            )
        )
    return rows


def coefficient_columns() -> tuple[Column, ...]:
    """Return the heads over the rows of coefficients."""
    return (
        Column(rich("Coefficient")),
        Column(rich("Multiplies"), stretch=1),
        Column(rich("Value"), align="right"),
        Column(rich("Standard error, given this form"), align="right", stretch=0.7),
        Column(rich("Unit"), align="right"),
    )


def _role(formula: Formula, name: str) -> str:
    bare = Constant(name)
    return "intercept" if bare in summands(formula.linear_predictor) else "see above"
