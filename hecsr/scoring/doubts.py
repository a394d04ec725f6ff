"""What makes one doubt that a formula was meant as it was scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.errors import SearchError
from hecsr.formula.expression import Comparison, evaluate, variables, walk
from hecsr.formula.printers.text import to_text
from hecsr.formula.published.verdict import conditions, is_verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hecsr.formula.expression import Array, Expression
    from hecsr.formula.formula import Formula


def doubts(
    formula: Formula, columns: Mapping[str, Array], observed: Array
) -> tuple[str, ...]:
    """Return a sentence for each thing that is probably not meant.

    A rule that says the same of every row, and comparisons that are added up where
    the target is 0 and 1.

    Parameters
    ----------
    columns
        Values of the variables, each of length n.
    observed
        Target values of the n rows.
    """
    expression = formula.expression
    if formula.task == "regression":
        classes = set(np.unique(observed)) <= {0.0, 1.0}
        if classes and any(isinstance(n, Comparison) for n in walk(expression)):
            said = (
                "the target is 0 and 1, but comparisons that are added up give a "
                "value and no class: a product of comparisons is a rule, as "
                "(delta < 0.065) * (vec > 8)"
            )
            return (said,)
        return ()
    if not is_verdict(expression):
        return ()
    values = formula.evaluate(columns)
    values = values[~np.isnan(values)]
    if not values.size or values.min() != values.max():
        return ()
    units = {d.name: d.unit.text for d in formula.variables}
    sides = "; ".join(_sides(expression, columns, formula.constants, units))
    said = (
        f"the rule says {values[0]:g} of every row: {sides}; is the unit right "
        "(--unit NAME=...)?"
    )
    return (said,)


def _sides(
    expression: Expression,
    columns: Mapping[str, Array],
    constants: Mapping[str, float],
    units: Mapping[str, str],
) -> Iterator[str]:
    """Yield the range of each compared value beside its threshold."""
    try:
        parts = conditions(expression)
    except SearchError:
        # not a product of comparisons: the variables alone
        for name in variables(expression):
            yield f"{name} is {_range(columns[name])} (in {units[name]})"
        return
    for part in parts:
        value = evaluate(part.value, columns, constants)
        beside = evaluate(part.threshold, columns, constants)
        used = dict.fromkeys(variables(part.value))
        of = ", ".join(f"{n} in {units[n]}" for n in used)
        yield (
            f"{to_text(part.value, digits=4)} is {_range(value)} ({of}), to be "
            f"{part.operator} {_range(beside)}"
        )


def _range(values: Array) -> str:
    low, high = np.nanmin(values), np.nanmax(values)
    return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
