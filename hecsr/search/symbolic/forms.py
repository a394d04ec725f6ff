"""From what a search wrote, numbers and all, to a form whose constants are fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from hecsr.errors import SearchError, UnitError
from hecsr.formula.expression import (
    Binary,
    Call,
    Comparison,
    Constant,
    Expression,
    Negative,
    Power,
    variables,
    walk,
)
from hecsr.formula.nonlinear import Form
from hecsr.formula.physics import unit_of
from hecsr.search.symbolic.merging import merged
from hecsr.units import NUMBER, Unit


def as_form(
    expression: Expression,
    values: Mapping[str, float] = MappingProxyType({}),
    units: Mapping[str, Unit] | None = None,
) -> Form:
    """Return the form of an expression: what is in it to be fitted, and from where.

    Every number becomes a constant ``c0, c1, ...`` in order of appearance, after
    those that say the same are merged: factors of a product, offsets of a sum, what
    may be taken out of a power, root, logarithm or exponential. Structural and so
    kept are exponents that are fractions of small numbers, the 1 of ``1/x``, and
    factors of exactly 1 and -1.

    Parameters
    ----------
    values
        The values of constants that the expression already has.
    units
        Units of the variables; a factor that makes a quantity a pure number stays
        inside a logarithm or a fitted power. Without them all are pure numbers.

    Raises
    ------
    SearchError
        If a number comes out infinite or undefined.
    """

    def pure(inner: Expression) -> bool:
        if units is None or all(units[n].like(NUMBER) for n in variables(inner)):
            return True
        try:
            return unit_of(inner, units).like(NUMBER)
        except UnitError:
            # a constant inside carries a unit of its own
            return False

    found = merged(expression, values, pure)
    form = _numbered(found)
    if not all(abs(v) < float("inf") for v in form.start.values()):
        raise SearchError("a number of the expression is infinite or undefined")
    return form


def renumbered(form: Form) -> Form:
    """Name the constants ``c0, c1, ...`` in order of appearance, and drop others."""
    names = dict.fromkeys(
        n.name for n in walk(form.expression) if isinstance(n, Constant)
    )
    new = {old: f"c{i}" for i, old in enumerate(names)}
    expression = _renamed(form.expression, lambda name: new[name])
    return Form(expression, {new[n]: float(form.start[n]) for n in names})


def _numbered(expression: Expression) -> Form:
    """Give each place of a number a name of its own."""
    start: dict[str, float] = {}

    def name(value: str) -> str:
        start[f"c{len(start)}"] = float(value)
        return f"c{len(start) - 1}"

    return Form(_renamed(expression, name), start)


def _renamed(node: Expression, name: Callable[[str], str]) -> Expression:
    match node:
        case Constant(old):
            return Constant(name(old))
        case Binary(operator, left, right):
            first = _renamed(left, name)
            return Binary(operator, first, _renamed(right, name))
        case Comparison(operator, left, right):
            first = _renamed(left, name)
            return Comparison(operator, first, _renamed(right, name))
        case Power(base, exponent):
            return Power(_renamed(base, name), exponent)
        case Negative(operand):
            return Negative(_renamed(operand, name))
        case Call(function, operand):
            return Call(function, _renamed(operand, name))
    return node
