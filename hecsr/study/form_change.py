"""How one formula differs from another: its terms, and their coefficients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.formula.expression import Binary, Constant, Expression, constants
from hecsr.formula.printers.text import to_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecsr.formula.formula import Coefficient, Formula


def same_terms(formula: Formula, other: Formula) -> bool:
    """Whether two formulas have the same terms, in any order.

    A coefficient in front of a term does not count; a constant inside one counts by
    its name, not by its value.
    """
    return _features(formula).keys() == _features(other).keys()


def largest_shift(formula: Formula, plain: Formula) -> float:
    """Return the largest change of a coefficient, in its standard errors in `plain`.

    Of the coefficients that both have; NaN where no standard error is known.
    """
    gaps = [gap for gap in _gaps(formula, plain) if np.isfinite(gap)]
    return max(gaps, default=float("nan"))


def _features(formula: Formula) -> dict[str, Coefficient | None]:
    """Return the terms without their coefficients, and these, in any order."""
    return dict(_feature(formula, term) for term in formula.terms)


def _feature(formula: Formula, term: Expression) -> tuple[str, Coefficient | None]:
    match term:
        case Binary("*", Constant(name), feature) if not constants(feature):
            by_name = {c.name: c for c in formula.coefficients}
            return to_text(feature), by_name[name]
    # constants inside a term: it is the same where they stand in the same places
    return to_text(term), None


def _gaps(formula: Formula, plain: Formula) -> Iterator[float]:
    new, old = _features(formula), _features(plain)
    inside = {c.name for c in new.values() if c} | {c.name for c in old.values() if c}
    pairs = [(new[key], old[key]) for key in old]
    named = {c.name: c for c in formula.coefficients if c.name not in inside}
    pairs += [(named.get(c.name), c) for c in plain.coefficients if c.name in named]
    for now, then in pairs:
        if now is not None and then is not None and then.standard_error:
            yield abs(now.value - then.value) / then.standard_error
