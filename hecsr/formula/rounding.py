"""Rounding of coefficients for print, and what the rounded form is off by.

Digits are chosen from standard errors, two digits of the error, but an error alone
does not say how many are needed: an intercept and the slope of a variable of narrow
range may be uncertain together while their sum is known well. So the rounded form is
always compared with the exact one on data.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.errors import FormulaError
from hecsr.formula.expression import (
    Array,
    Expression,
    Number,
    substituted,
    walk,
)
from hecsr.formula.formula import Formula

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN: Final = 4
"""Significant digits of a coefficient without a standard error."""
MOST: Final = 17
"""Significant digits that tell any two doubles apart."""
TOLERANCE: Final = 0.01


@dataclass(frozen=True, slots=True)
class RoundingError:
    """How far a rounded form is from the exact one on given rows.

    Attributes
    ----------
    absolute
        Largest absolute difference, in the target's unit (of a probability, 1).
    relative
        Largest difference relative to the exact value, where that is not zero.
    to_residual
        `absolute` over the residual standard deviation of the fit; None where that
        is not known.
    rows
        Number of rows on which both forms are defined.
    only_one_defined
        Number of rows on which only one of both is.
    unit
        Unit of `absolute` as text, "1" for a pure number.
    """

    absolute: float
    relative: float
    to_residual: float | None
    rows: int
    only_one_defined: int
    unit: str = "1"

    def __str__(self) -> str:
        """Return the statement that stands beside a rounded formula."""
        unit = "" if self.unit == "1" else f" {self.unit}"
        shares = [f"{self.relative:.2g} of the value"]
        if self.to_residual is not None:
            shares.append(f"{self.to_residual:.2g} of the residual standard deviation")
        text = (
            f"on {self.rows} rows the rounded form differs from the exact one by at "
            f"most {self.absolute:.2g}{unit} ({', '.join(shares)})"
        )
        if self.only_one_defined:
            text += f"; on {self.only_one_defined} more only one of both is defined"
        return text


def digits_of(value: float, error: float | None) -> int:
    """Return the significant digits that show a value to two digits of its error.

    Four without an error; at least one, so that no coefficient becomes 0.

    Examples
    --------
    >>> digits_of(116.5234, 1.83), digits_of(-0.52718, 0.0157)
    (4, 3)
    """
    if error is None or not math.isfinite(error) or error <= 0 or value == 0:
        return UNKNOWN
    # 0.0996 is written 0.10: the place of its digits is found after rounding
    last = _magnitude(float(f"{error:.1e}")) - 1
    return min(max(_magnitude(value) - last + 1, 1), MOST)


def to_digits(value: float, digits: int) -> float:
    """Return a value rounded to so many significant digits."""
    if not 1 <= digits <= MOST:
        raise FormulaError(f"{digits} significant digits; between 1 and {MOST} may be")
    short = float(f"{value:.{digits - 1}e}")
    # rounding up may leave the range of doubles
    return short if math.isfinite(short) else value


def written(value: float, digits: int) -> str:
    """Write a value with so many significant digits: ``0.0120``, ``1.20e-07``.

    Trailing zeros are kept: they say how well the value is known.

    Examples
    --------
    >>> written(0.012, 3), written(1.2e-7, 3)
    ('0.0120', '1.20e-07')
    """
    if not math.isfinite(value):
        return "–"
    text = f"{value:.{digits - 1}e}"
    if value == 0:
        return "0"
    inside = -4 <= int(text.split("e")[1]) < 6
    return format(Decimal(text), "f") if inside else text


def rounded(formula: Formula, digits: int | Mapping[str, int] | None = None) -> Formula:
    """Return the formula with rounded coefficients; print it with ``digits=None``.

    Standard errors, covariance and metrics stay those of the exact form.

    Parameters
    ----------
    digits
        Significant digits of every number: the result computes exactly what a
        printer with `digits` writes. Or those of each coefficient by name. By
        default each coefficient is shown to two digits of its standard error, to
        four digits without one.

    Raises
    ------
    FormulaError
        If digits are asked for that no number has, or of an unknown coefficient.
    """
    expression = formula.expression
    if isinstance(digits, int):
        chosen = dict.fromkeys(formula.constants, digits)
        expression = _with_numbers_rounded(expression, digits)
        rule = f"to {digits} significant digits"
    elif digits is None:
        chosen = by_standard_error(formula)
        rule = "to two digits of the standard errors"
    else:
        for name in digits:
            if name not in formula.constants:
                known = ", ".join(formula.constants) or "none"
                raise FormulaError(f"no coefficient '{name}'; there are: {known}")
        chosen = by_standard_error(formula) | dict(digits)
        rule = "to digits chosen for each coefficient"
    return formula.with_(
        expression=expression,
        coefficients=tuple(
            replace(c, value=to_digits(c.value, chosen[c.name]))
            for c in formula.coefficients
        ),
        provenance={**formula.provenance, "rounded": rule},
    )


def by_standard_error(formula: Formula) -> dict[str, int]:
    """Return the significant digits of each coefficient by its standard error."""
    return {c.name: digits_of(c.value, c.standard_error) for c in formula.coefficients}


def rounding_error(
    formula: Formula,
    data: pd.DataFrame | Mapping[str, Array],
    digits: int | Mapping[str, int] | None = None,
) -> RoundingError:
    """Return how far ``rounded(formula, digits)`` is from `formula` on some rows.

    Raises
    ------
    FormulaError
        If a column is missing.
    """
    exact = formula.evaluate(data)
    return _error(formula, exact, rounded(formula, digits).evaluate(data))


def fewest_digits(
    formula: Formula,
    data: pd.DataFrame | Mapping[str, Array],
    tolerance: float = TOLERANCE,
) -> int:
    """Return the fewest significant digits that are enough on these rows.

    Parameters
    ----------
    tolerance
        Largest difference to the exact form that is allowed, relative to the
        residual standard deviation of the fit; of a probability it is absolute.
        Where the deviation is not known, or zero, the spread of the values takes
        its place.

    Raises
    ------
    FormulaError
        If a column is missing, or the tolerance is not positive.
    """
    exact = formula.evaluate(data)
    allowed = _allowed(formula, exact, tolerance)
    for digits in range(1, MOST):
        found = _error(formula, exact, rounded(formula, digits).evaluate(data))
        if found.absolute <= allowed and not found.only_one_defined:
            return digits
    return MOST


def enough_digits(
    formula: Formula,
    data: pd.DataFrame | Mapping[str, Array],
    tolerance: float = TOLERANCE,
) -> dict[str, int]:
    """Return significant digits for each coefficient that are enough on these rows.

    Begins with two digits of each standard error and gives one digit more, until
    the difference is within `tolerance` (as in :func:`fewest_digits`), to the
    coefficient whose rounding alone changes the values most.
    """
    exact = formula.evaluate(data)
    allowed = _allowed(formula, exact, tolerance)
    digits = by_standard_error(formula)
    names = list(digits)
    full = dict.fromkeys(names, MOST)

    def error(chosen: Mapping[str, int]) -> float:
        found = _error(formula, exact, rounded(formula, chosen).evaluate(data))
        return math.inf if found.only_one_defined else found.absolute

    alone = {n: error({**full, n: digits[n]}) for n in names}
    while error(digits) > allowed:
        open_ = [n for n in names if digits[n] < MOST]
        if not open_:
            break
        worst = max(open_, key=alone.__getitem__)
        digits[worst] += 1
        alone[worst] = error({**full, worst: digits[worst]})
    return digits


def _error(formula: Formula, exact: Array, other: Array) -> RoundingError:
    both = np.isfinite(exact) & np.isfinite(other)
    gap = np.abs(other - exact)[both]
    size = np.abs(exact)[both]
    absolute = float(gap.max(initial=0.0))
    residual = formula.metrics.get("residual_sd", 0.0)
    return RoundingError(
        absolute=absolute,
        relative=float((gap[size > 0] / size[size > 0]).max(initial=0.0)),
        to_residual=absolute / residual if residual > 0 else None,
        rows=int(both.sum()),
        only_one_defined=int((np.isfinite(exact) != np.isfinite(other)).sum()),
        unit=formula.target.unit.text if formula.task == "regression" else "1",
    )


def _allowed(formula: Formula, exact: Array, tolerance: float) -> float:
    """Return the largest difference that is allowed, in the target's unit."""
    if not tolerance > 0:
        raise FormulaError(f"a tolerance of {tolerance}; it must be positive")
    if formula.task == "classification":
        return tolerance
    scale = formula.metrics.get("residual_sd", 0.0)
    if not scale > 0:
        known = exact[np.isfinite(exact)]
        scale = float(known.std()) if known.size else 0.0
    return tolerance * scale


def _with_numbers_rounded(expression: Expression, digits: int) -> Expression:
    numbers = {n for n in walk(expression) if isinstance(n, Number)}
    return substituted(
        expression, {n: Number(to_digits(n.value, digits)) for n in numbers}
    )


def _magnitude(value: float) -> int:
    """Return the power of ten of the first digit: 2 for 123, -1 for 0.5."""
    return int(f"{abs(value):.16e}".split("e")[1])
