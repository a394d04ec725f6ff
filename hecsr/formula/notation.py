"""One renderer for every way of writing an expression down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from hecsr.errors import FormulaError
from hecsr.formula.expression import (
    COMPARISONS,
    Binary,
    Call,
    Comparison,
    Constant,
    Expression,
    Negative,
    Number,
    Power,
    Variable,
)

# Binding strength: comparison < sum < sign < product < power < atom.
_COMPARISON, _SUM, _SIGN, _PRODUCT, _POWER, _ATOM = range(6)
_RATIO: Final = 4
"""Exponents with a denominator up to this are written as a ratio: 1/2, not 0.5."""


def exponent_text(exponent: Fraction) -> str:
    """Write a fixed exponent as ``2``, ``-1/2``, or as a decimal, ``0.585``."""
    if exponent.denominator <= _RATIO:
        return str(exponent)
    try:
        decimal = repr(float(exponent))
    except OverflowError:
        return str(exponent)
    return decimal if Fraction(decimal) == exponent else str(exponent)


def number_text(value: float, digits: int | None) -> str:
    """Write a number to so many significant digits; without, as short as exact."""
    if digits is not None:
        return f"{value:.{digits}g}"
    short = f"{value:.15g}"
    return short if float(short) == value else repr(float(value))


@dataclass(frozen=True)
class Notation:
    """How a language writes numbers, products, quotients, powers and functions.

    `quotient` and `power` are given already written operands. Where the quotient
    is a fraction bar its operands need no brackets (`bar`). `draw_out_signs` writes
    ``a + (-2) b`` as ``a - 2 b`` and ``a (b c)`` as ``a b c``; off, the text is read
    back as the same tree.

    `product_of_numbers` stands before a number, where `product` is but a space.
    `fractions` names the functions that are written as a fraction, so that a power
    of theirs needs a bracket. `plain_numbers` says that ``1e20`` binds as a name
    does; a product with a power of ten does not. A comparison stands within
    `iverson` brackets where the language knows these.
    """

    number: Callable[[float], str]
    product: str
    product_of_numbers: str
    quotient: Callable[[str, str], str]
    power: Callable[[str, str], str]
    functions: Mapping[str, Callable[[str], str]]
    bracket: Callable[[str], str]
    bar: bool
    exponent: Callable[[Fraction], str] = exponent_text
    minus: str = "-"
    draw_out_signs: bool = True
    plain_numbers: bool = False
    fractions: frozenset[str] = frozenset()
    iverson: Callable[[str], str] | None = None
    comparisons: Mapping[str, str] = field(
        default_factory=lambda: {sign: f" {sign} " for sign in COMPARISONS}
    )


def render(
    expression: Expression,
    notation: Notation,
    symbols: Mapping[str, str],
    constants: Mapping[str, float | str],
) -> str:
    """Write `expression`; `symbols` for variables, `constants` values or names."""
    return _Renderer(notation, symbols, constants).write(expression)[0]


class _Renderer:
    def __init__(
        self,
        notation: Notation,
        symbols: Mapping[str, str],
        constants: Mapping[str, float | str],
    ) -> None:
        self.n = notation
        self.symbols = symbols
        self.constants = constants

    def write(self, node: Expression) -> tuple[str, int]:
        """Return what is written and how strongly it binds."""
        n = self.n
        match node:
            case Number(value):
                return self.number(value)
            case Constant(name):
                known = self.constants[name]
                return (known, _ATOM) if isinstance(known, str) else self.number(known)
            case Variable(name):
                return self.symbols[name], _ATOM
            case Negative(operand):
                least = _PRODUCT if n.draw_out_signs else _POWER
                text = self.within(operand, least)
                number = isinstance(operand, Number | Constant)
                if not n.draw_out_signs and number and text[0].isdigit():
                    text = n.bracket(text)  # -2 alone is a negative number
                return n.minus + text, _SIGN
            case Call(function, operand):
                strength = _POWER if function in n.fractions else _ATOM
                return n.functions[function](self.write(operand)[0]), strength
            case Power(base, exponent):
                return self.power(base, exponent)
            case Comparison(operator, left, right):
                return self.comparison(operator, left, right)
            case Binary("^", base, by):
                text = self.write(by)[0]
                return n.power(self.within(base, _ATOM), text), _POWER
            case Binary("/", left, right) if n.bar:
                a, b = self.write(left)[0], self.write(right)[0]
                return n.quotient(a, b), _POWER
            case Binary("*" | "/", _, _):
                return self.product(node)
            case Binary():
                return self.sum(node), _SUM
        raise FormulaError(f"cannot write a node of type {type(node).__name__}")

    def number(self, value: float) -> tuple[str, int]:
        text = self.n.number(abs(value))
        simple = self.n.plain_numbers or text.replace(".", "").isdigit()
        negative = value < 0 or (value == 0 and str(value)[0] == "-")
        if negative:
            return self.n.minus + text, _SIGN
        return text, _ATOM if simple else _PRODUCT

    def within(self, node: Expression, least: int) -> str:
        """Write an operand, in brackets if it binds less than `least`."""
        text, strength = self.write(node)
        return text if strength >= least else self.n.bracket(text)

    def comparison(
        self, operator: str, left: Expression, right: Expression
    ) -> tuple[str, int]:
        a, b = self.within(left, _SUM), self.within(right, _SUM)
        text = a + self.n.comparisons[operator] + b
        if self.n.iverson is not None:
            return self.n.iverson(text), _ATOM
        return text, _COMPARISON

    def product(self, node: Expression) -> tuple[str, int]:
        """Write a chain of products, and of quotients where these have no bar."""
        n = self.n
        first, rest = _chain(node, "*" if n.bar else "*/")
        text, strength = self.write(first)
        leads = strength == _SIGN and n.draw_out_signs  # -2 x, not (-2) x
        if n.draw_out_signs and rest[0] == ("*", first):
            text, strength = self.power(first, Fraction(2))
            rest, leads = rest[1:], False
        if strength < _PRODUCT and not leads:
            text = n.bracket(text)
        for operator, right in rest:
            if operator == "/":
                text = n.quotient(text, self.within(right, _POWER))
                continue
            # a (b c) is written a b c; to be read back as the same tree it is not
            b = self.within(right, _PRODUCT if n.draw_out_signs else _POWER)
            numbers = self.begins_with_number(right)
            text += (n.product_of_numbers if numbers else n.product) + b
        if rest:
            return text, _SIGN if leads else _PRODUCT
        return text, strength

    def begins_with_number(self, node: Expression) -> bool:
        match node:
            case Number():
                return True
            case Constant(name):
                return not isinstance(self.constants[name], str)
            case Power(base, _) | Binary("^" | "*", base, _):
                return self.begins_with_number(base)
            case Binary("/", base, _):
                return not self.n.bar and self.begins_with_number(base)
        return False

    def power(self, base: Expression, exponent: Fraction) -> tuple[str, int]:
        text = self.n.exponent(exponent)
        return self.n.power(self.within(base, _ATOM), text), _POWER

    def sum(self, node: Expression) -> str:
        """Write a chain of sums and differences; a leading minus is drawn out."""
        n = self.n
        first, rest = _chain(node, "+-")
        total = self.within(first, _SUM)
        for operator, right in rest:
            sign = operator
            if not n.draw_out_signs:
                text = self.within(right, _PRODUCT)
            else:
                text, strength = self.write(right)
                if strength == _SIGN:
                    sign = "-" if operator == "+" else "+"
                    text = text[len(n.minus) :]
                elif strength < _SIGN:
                    # a - (b + c) needs its bracket; so does a + (b - c)
                    text = n.bracket(text)
            total += f" {n.minus if sign == '-' else sign} {text}"
        return total


def _chain(
    node: Expression, operators: str
) -> tuple[Expression, list[tuple[str, Expression]]]:
    """Take ``((a + b) - c) + d`` apart: a long chain must not be a deep recursion."""
    rest = []
    while isinstance(node, Binary) and node.operator in operators:
        rest.append((node.operator, node.right))
        node = node.left
    return node, rest[::-1]
