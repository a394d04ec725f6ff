"""Units of expressions: what may be added, and what constants and value are in.

Each constant takes the unit that makes sense of the formula. In a product units are
multiplied and in a sum they are equal, so the exponents of the unknown units obey
linear equations, which are solved exactly, in fractions.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from types import MappingProxyType
from typing import Final

from hecsr.errors import UnitError
from hecsr.formula.expression import (
    Binary,
    Call,
    Comparison,
    Constant,
    Expression,
    Negative,
    Number,
    Power,
    Variable,
    constants,
    variables,
)
from hecsr.formula.printers.text import to_text
from hecsr.units import NUMBER, Unit, product_of_powers

_ROOTS: Final = {"sqrt": Fraction(1, 2), "cbrt": Fraction(1, 3)}
_TARGET: Final = "target"
_NO_SCALES: Final[Mapping[str, float]] = MappingProxyType({})
_TRIED: Final = 10
"""Up to so many quantities every choice of those taken as numbers is tried.

Of more, those in one unit are taken together.
"""

_Form = dict[Hashable, Fraction]
"""A product of powers: of constants' unknown units, of variables' and the target's."""


@dataclass(frozen=True, slots=True)
class UnitCheck:
    """What a formula's value and constants are in.

    `as_numbers` names the variables that enter as numbers in their units, which a
    change of unit would change the form for; with `value_as_number` the formula
    gives a number that is read in the unit of the target.
    """

    value: Unit
    constants: Mapping[str, Unit]
    as_numbers: tuple[str, ...] = ()
    value_as_number: bool = False

    @property
    def consistent(self) -> bool:
        """Whether units alone make sense of the formula."""
        return not self.as_numbers and not self.value_as_number

    def notes(self, units: Mapping[str, Unit]) -> tuple[str, ...]:
        """Say what enters as a number, one sentence each, as ``load ..., in N``."""
        found = [f"{n} enters as a number, in {units[n].text}" for n in self.as_numbers]
        if self.value_as_number:
            found.append(f"the value is a number, read in {self.value.text}")
        return tuple(found)


def unit_of(
    expression: Expression,
    units: Mapping[str, Unit],
    scales: Mapping[str, float] = _NO_SCALES,
) -> Unit:
    """Return the unit of an expression without fitted constants.

    Values are combined as numbers in the variables' own units, so a sum needs
    equal units, not only equal dimensions: 1 pm + 1 Å is refused. `scales` are
    reference values in the variables' units: a variable over its own is a number.

    Raises
    ------
    UnitError
        If unlike units are added (both operands are named), or a function is
        given a quantity that is not a pure number.
    """
    for name in constants(expression):
        msg = f"the unit of the constant '{name}' is not known; check_units finds it"
        raise UnitError(msg)
    return check_units(expression, units, scales=scales).value


def units_of_constants(
    expression: Expression,
    units: Mapping[str, Unit],
    target: Unit | None,
    scales: Mapping[str, float] = _NO_SCALES,
) -> dict[str, Unit]:
    """Return the unit of each constant, such that the value is in that of `target`.

    As :func:`check_units`, which says more.
    """
    return dict(check_units(expression, units, target, scales).constants)


def check_units(
    expression: Expression,
    units: Mapping[str, Unit],
    target: Unit | None = None,
    scales: Mapping[str, float] = _NO_SCALES,
    *,
    lenient: bool = False,
) -> UnitCheck:
    """Derive the unit of a formula with constants anywhere, and those of the constants.

    Operands of a sum or comparison are alike; functions but roots and ``abs``, and
    exponents, take numbers; the whole is in `target`, where one is given. Numbers
    have no unit, but a 0 has any. Of constants that only matter together, as in
    ``c1 * c2 * x``, the later ones are numbers.

    A quantity with a unit under an exponent that is fitted or varies, ``c0 * x^c1``,
    has no unit that could be stated before the fit: it is refused. Write
    ``c0 * (x / c2)^c1``, or divide by a scale.

    Parameters
    ----------
    units
        Unit of each variable.
    target
        Unit of the value; a number where the expression stands inside a logistic
        link. None: whatever follows.
    scales
        Reference values in the variables' units.
    lenient
        Where no units make sense of the formula, take as few variables as needed,
        and last the target, as mere numbers in their units; the result names them.

    Raises
    ------
    UnitError
        If the formula is inconsistent; both terms are named with their units.
    """
    for name in variables(expression):
        if name not in units:
            raise UnitError(f"the unit of '{name}' is not known")
    try:
        return _System(expression, units, target, scales).solution()
    except UnitError:
        if not lenient:
            raise
    for numbers, bare in _choices(expression, units, target):
        changed = dict(units) | dict.fromkeys(numbers, NUMBER)
        aim = NUMBER if bare else target
        try:
            found = _System(expression, changed, aim, scales).solution()
        except UnitError:
            continue
        break
    value = target if bare and target is not None else found.value
    return UnitCheck(value, found.constants, numbers, bare)


def _choices(
    expression: Expression, units: Mapping[str, Unit], target: Unit | None
) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Yield variables to take as numbers, and whether the target is: few first.

    The last choice, everything, is always consistent.
    """
    names = [n for n in variables(expression) if not units[n].like(NUMBER)]
    groups: list[tuple[str, ...]] = [(n,) for n in names]
    if len(groups) > _TRIED:
        alike: dict[str, tuple[str, ...]] = {}
        for n in names:
            alike[units[n].text] = (*alike.get(units[n].text, ()), n)
        groups = list(alike.values())
    bare = target is not None and not target.like(NUMBER)
    quantities = [*groups, ()] if bare else groups
    counts = range(1, len(quantities) + 1)
    if len(quantities) > _TRIED + 1:
        counts = range(len(quantities), len(quantities) + 1)
    for count in counts:
        for chosen in combinations(quantities, count):
            yield tuple(n for group in chosen for n in group), () in chosen


class _System:
    """Linear equations between the exponents of units, solved as they arise."""

    def __init__(
        self,
        expression: Expression,
        units: Mapping[str, Unit],
        target: Unit | None,
        scales: Mapping[str, float],
    ) -> None:
        self.expression, self.scales, self.target = expression, scales, target
        self.units = units
        self.solved: dict[Hashable, _Form] = {}
        self.zeros = 0

    def solution(self) -> UnitCheck:
        self.solved, self.zeros = {}, 0
        whole = self.form(self.expression)
        goal = self.target

        def complaint() -> str:
            own, wanted = self.unit(whole).text, "" if goal is None else goal.text
            return f"{_short(self.expression)} is in {own}, but the target in {wanted}"

        if goal is not None:
            self.equate(whole, {_TARGET: Fraction(1)}, complaint)
        found = {
            name: self.unit({Constant(name): Fraction(1)})
            for name in constants(self.expression)
        }
        value = self.unit(whole) if self.target is None else self.target
        return UnitCheck(value, MappingProxyType(found))

    def form(self, node: Expression) -> _Form:
        """Return the unit of a node; what it asks of others is added and solved."""
        match node:
            case Number(value):
                if value != 0:
                    return {}
                self.zeros += 1
                return {self.zeros: Fraction(1)}
            case Constant() | Variable():
                return {node: Fraction(1)}
            case Negative(operand) | Call("abs", operand):
                return self.form(operand)
            case Power(base, exponent):
                return _scaled(self.form(base), exponent)
            case Call(function, operand) if function in _ROOTS:
                return _scaled(self.form(operand), _ROOTS[function])
            case Call(function, operand):
                self.number(operand, function)
                return {}
            case Binary("/", Variable(name), Number(v)) if self.scales.get(name) == v:
                return {}
            case Binary("^", base, exponent):
                self.number(base, "^")
                self.number(exponent, "exponent")
                return {}
            case Comparison(_, left, right):
                self.alike(left, right, "compared")
                return {}
            case Binary(operator, left, right) if operator in "*/":
                sign = 1 if operator == "*" else -1
                return _plus(self.form(left), self.form(right), sign)
            case Binary(_, left, right):
                return self.alike(left, right, "added or subtracted")
        raise UnitError(f"the unit of {node!r} is not known")

    def alike(self, left: Expression, right: Expression, joined: str) -> _Form:
        a, b = self.form(left), self.form(right)

        def complaint() -> str:
            free = any(isinstance(k, Constant) for k in (*a, *b))
            tail = ", whatever the units of the constants" if free else ""
            return (
                f"{_short(left)} in {self.unit(a).text} and {_short(right)} in "
                f"{self.unit(b).text} cannot be {joined}{tail}"
            )

        self.equate(a, b, complaint)
        # of a 0 and a quantity the quantity says what both are in
        return b if isinstance(left, Number) else a

    def number(self, operand: Expression, use: str) -> None:
        form = self.form(operand)

        def complaint() -> str:
            what, unit = _short(operand), self.unit(form).text
            if use == "exponent":
                return f"the exponent {what} is in {unit}; an exponent is a number"
            if use == "^":
                return (
                    f"{what} in {unit} has an exponent that is not a fixed number; "
                    f"divide it by a constant or scale in {unit} first"
                )
            return f"{use} of {what}, which is in {unit}"

        self.equate(form, {}, complaint)

    def equate(self, a: _Form, b: _Form, complaint: Callable[[], str]) -> None:
        rest = self.reduced(_plus(a, b, -1))
        unknown = [k for k in rest if not isinstance(k, Variable) and k != _TARGET]
        if not unknown:
            if not self.product(rest).like(NUMBER):
                raise UnitError(complaint())
            return
        # a 0 takes what is left over; then constants in order of appearance
        pivot = next((k for k in unknown if isinstance(k, int)), unknown[0])
        share = rest.pop(pivot)
        self.solved[pivot] = _scaled(rest, -1 / share)
        for key, form in self.solved.items():
            self.solved[key] = self.reduced(form)

    def reduced(self, form: _Form) -> _Form:
        """Put in what is solved already."""
        result: _Form = {}
        for key, power in form.items():
            known = self.solved.get(key, {key: Fraction(1)})
            result = _plus(result, _scaled(known, power))
        return result

    def unit(self, form: _Form) -> Unit:
        """Return the unit of a form; constants still free are numbers."""
        return self.product(self.reduced(form))

    def product(self, form: _Form) -> Unit:
        parts: list[tuple[Unit, Fraction]] = []
        if _TARGET in form and self.target is not None:
            parts.append((self.target, form[_TARGET]))
        parts += [
            (self.units[key.name], power)
            for key, power in form.items()
            if isinstance(key, Variable)
        ]
        return product_of_powers(parts)


def _short(node: Expression) -> str:
    return to_text(node, digits=6)


def _scaled(form: _Form, power: Fraction) -> _Form:
    return {key: own * power for key, own in form.items()} if power else {}


def _plus(a: _Form, b: _Form, sign: int = 1) -> _Form:
    result = dict(a)
    for key, power in b.items():
        result[key] = result.get(key, Fraction(0)) + sign * power
    return {key: power for key, power in result.items() if power}
