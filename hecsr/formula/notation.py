"""One renderer for every way of writing an expression down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

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


@dataclass(frozen=True)
class Notation:
    """How a language writes numbers, products, quotients, powers and functions.

    `quotient` and `power` are given already written operands. Where the quotient
    is a fraction bar its operands need no brackets (`bar`). `draw_out_signs` writes
    ``a + (-2) b`` as ``a - 2 b`` and ``a (b c)`` as ``a b c``; off, the text is read
    back as the same tree.
    """

    number: Callable[[float], str]
    product: str
    quotient: Callable[[str, str], str]
    power: Callable[[str, str], str]
    functions: Mapping[str, Callable[[str], str]]
    bracket: Callable[[str], str]
    bar: bool
    minus: str = "-"
    draw_out_signs: bool = True
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
                if not n.draw_out_signs and text[0].isdigit():
                    text = n.bracket(text)  # -2 alone is a negative number
                return n.minus + text, _SIGN
            case Call(function, operand):
                return n.functions[function](self.write(operand)[0]), _ATOM
            case Power(base, exponent):
                return self.power(base, exponent)
            case Comparison(operator, left, right):
                a, b = self.within(left, _SUM), self.within(right, _SUM)
                return a + n.comparisons[operator] + b, _COMPARISON
            case Binary("*", left, right):
                return self.product(left, right)
            case Binary("^", base, by):
                text = self.write(by)[0]
                return n.power(self.within(base, _ATOM), text), _POWER
            case Binary("/", left, right):
                if n.bar:
                    a, b = self.write(left)[0], self.write(right)[0]
                    return n.quotient(a, b), _POWER
                a, b = self.within(left, _PRODUCT), self.within(right, _POWER)
                return n.quotient(a, b), _PRODUCT
            case Binary(operator, left, right):
                return self.sum(operator, left, right), _SUM
        raise FormulaError(f"cannot write {node!r}")

    def number(self, value: float) -> tuple[str, int]:
        text = self.n.number(abs(value))
        atom = _ATOM if text.replace(".", "").isdigit() else _PRODUCT
        negative = value < 0 or (value == 0 and str(value)[0] == "-")
        return (self.n.minus + text, _SIGN) if negative else (text, atom)

    def within(self, node: Expression, least: int) -> str:
        """Write an operand, in brackets if it binds less than `least`."""
        text, strength = self.write(node)
        return text if strength >= least else self.n.bracket(text)

    def product(self, left: Expression, right: Expression) -> tuple[str, int]:
        if self.n.draw_out_signs and left == right:
            return self.power(left, Fraction(2))
        # a (b c) is written a b c; to be read back as the same tree it is not
        b = self.within(right, _PRODUCT if self.n.draw_out_signs else _POWER)
        a, strength = self.write(left)
        leads = strength == _SIGN and self.n.draw_out_signs  # -2 x, not (-2) x
        if strength < _PRODUCT and not leads:
            a, strength = self.n.bracket(a), _PRODUCT
        return f"{a}{self.n.product}{b}", _SIGN if leads else _PRODUCT

    def power(self, base: Expression, exponent: Fraction) -> tuple[str, int]:
        return self.n.power(self.within(base, _ATOM), str(exponent)), _POWER

    def sum(self, operator: str, left: Expression, right: Expression) -> str:
        """Write a sum; a leading minus on the right operand is drawn out."""
        first = self.within(left, _SUM)
        text, strength = self.write(right)
        lead = self.n.minus
        if not self.n.draw_out_signs:
            first = self.within(left, _SUM)
            return f"{first} {operator} {self.within(right, _PRODUCT)}"
        # a - (b + c) needs its bracket; so does a + (b - c), to keep the tree
        if strength == _SUM:
            return f"{first} {_sign(operator, self.n)} {self.n.bracket(text)}"
        if strength == _SIGN:
            flipped = "-" if operator == "+" else "+"
            return f"{first} {_sign(flipped, self.n)} {text[len(lead) :]}"
        return f"{first} {_sign(operator, self.n)} {text}"


def _sign(operator: str, notation: Notation) -> str:
    return notation.minus if operator == "-" else operator
