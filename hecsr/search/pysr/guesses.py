"""Write formulas as PySR reads them, to start its search from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from hecsr.errors import FormulaError
from hecsr.formula.expression import (
    Binary,
    Call,
    Constant,
    Expression,
    Negative,
    Number,
    Power,
    Variable,
    substituted,
)
from hecsr.formula.formula import Formula
from hecsr.search.logarithms import written_out

if TYPE_CHECKING:
    from hecsr.search.samples import Samples

_MOST_FACTORS: Final = 8


def written(
    guess: Formula | Expression, samples: Samples, operators: Sequence[str]
) -> str:
    """Return a formula in ``x0``, ``x1``, ... and in the given operators only.

    Powers become products or roots where there is no better operator for them. Of a
    classifier the expression inside the logistic link is taken.

    Parameters
    ----------
    samples
        Their columns are ``x0``, ``x1``, ... in order; those that span decades stand
        for their logarithm.

    Raises
    ------
    FormulaError
        If it needs another variable or operator, or a constant without value.
    """
    values: Mapping[str, float] = {}
    if isinstance(guess, Formula):
        values, guess = guess.constants, guess.linear_predictor
    # a logarithm that a column stands for is one variable here; no column is so named
    columns: dict[Expression, Expression] = {
        written_out(Variable(d.name), samples): Variable(f"\0{i}")
        for i, d in enumerate(samples.descriptors)
    }
    writer = _Writer(values, frozenset(operators))
    return writer.text(substituted(guess, columns))


@dataclass(frozen=True)
class _Writer:
    values: Mapping[str, float]
    operators: frozenset[str]

    def text(self, node: Expression) -> str:
        match node:
            case Number(value):
                return _number(value)
            case Constant(name):
                if name not in self.values:
                    raise FormulaError(f"no value for the constant '{name}'")
                return _number(self.values[name])
            case Variable(name):
                if not name.startswith("\0"):
                    raise FormulaError(f"no column stands for '{name}'")
                return f"x{name[1:]}"
            case Negative(operand):
                if "neg" in self.operators:
                    return f"neg({self.text(operand)})"
                if "*" in self.operators:
                    return f"((-1.0) * {self.text(operand)})"
                return self.binary("-", "0.0", self.text(operand))
            case Call(function, operand):
                self.need(function)
                return f"{function}({self.text(operand)})"
            case Power(base, exponent):
                return self.power(self.text(base), exponent)
            case Binary(operator, left, right):
                return self.binary(operator, self.text(left), self.text(right))
        raise FormulaError("comparisons are not among PySR's operators here")

    def need(self, operator: str) -> None:
        if operator not in self.operators:
            raise FormulaError(f"the operator '{operator}' is not in the search space")

    def binary(self, operator: str, left: str, right: str) -> str:
        self.need(operator)
        return f"({left} {operator} {right})"

    def power(self, base: str, exponent: Fraction) -> str:
        if exponent == 1:
            return base
        for name, own in (
            ("square", Fraction(2)),
            ("cube", Fraction(3)),
            ("inv", Fraction(-1)),
            ("sqrt", Fraction(1, 2)),
        ):
            if exponent == own and name in self.operators:
                return f"{name}({base})"
        if exponent < 0:
            return self.binary("/", "1.0", self.power(base, -exponent))
        if exponent.denominator == 1 and 1 < exponent <= _MOST_FACTORS:
            product = base
            for _ in range(int(exponent) - 1):
                product = self.binary("*", product, base)
            return product
        if exponent.denominator == 2 and "sqrt" in self.operators:
            return self.power(f"sqrt({base})", exponent * 2)
        return self.binary("^", base, _number(float(exponent)))


def _number(value: float) -> str:
    text = repr(float(value))
    return f"({text})" if value < 0 else text
