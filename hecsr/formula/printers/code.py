"""Source code: a formula as one function in a programming language.

What is printed is what is computed: the operations stand in the order in which
:func:`hecsr.formula.expression.evaluate` does them, no number is rounded and nothing
is simplified. Where a language would give a complex number or stop, a small guard
that is part of the source gives NaN, as in hecsr.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hecsr.errors import FormulaError, suggestion
from hecsr.formula.expression import (
    BOUNDED,
    LOGARITHMS,
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
from hecsr.formula.printers.identifiers import comment, function_name, identifiers

if TYPE_CHECKING:
    from hecsr.formula.formula import Formula

# Binding strength, as in hecsr.formula.notation; a function call is an atom.
_SUM, _SIGN, _PRODUCT, _POWER, _ATOM = range(5)
# strength of an operation, and the least its right operand needs without brackets
_INFIX: Final = {
    "+": (_SUM, _PRODUCT),
    "-": (_SUM, _PRODUCT),
    "*": (_PRODUCT, _POWER),
    "/": (_PRODUCT, _POWER),
}

# Stands for the function's name in templates and guards. No language has it.
OWNER: Final = "§"


@dataclass(frozen=True)
class Source:
    """What a language's layout puts together.

    Where a `checked` argument is infinite it is to be NaN.
    """

    name: str
    arguments: tuple[str, ...]
    checked: Collection[str]
    value: str
    guards: tuple[str, ...]
    summary: str
    equation: str
    about: tuple[str, ...]

    @property
    def notes(self) -> list[str]:
        """Lines of the comment at the head of the source."""
        lines = [self.summary, self.equation, "(rounded here; the code is exact)", ""]
        if self.about:
            lines += ["Arguments, in this order:", *self.about, ""]
        return [*lines, *UNDEFINED]


UNDEFINED: Final = (
    "Undefined is NaN: outside the domain of a function, at a pole, on overflow.",
    "Outside the fitted ranges the value is an extrapolation.",
)


@dataclass(frozen=True)
class Language:
    """How a language writes the operations, and how it lays out a function.

    `templates` holds the text of each operation on ``{0}`` and ``{1}``: ``+ - * /``,
    the comparisons, ``whole``, ``fraction`` and ``^`` for powers with an integer, a
    fractional and any exponent, and the functions. `guards` are definitions that a
    template may call by its name after :data:`OWNER` and an underscore. Two of them the
    writer calls, with one argument: ``nonzero`` gives NaN for 0 and else the number,
    ``one`` NaN for NaN and else 1.
    """

    name: str
    templates: Callable[[], Mapping[str, str]]
    guards: Mapping[str, str]
    reserved: frozenset[str]
    layout: Callable[[Source], str]
    # literals alone are computed by the language before the library sees them
    literal_quotient: str | None = None


def write_code(formula: Formula, language: Language, name: str | None = None) -> str:
    """Return source text that defines one function of the formula's variables.

    The arguments stand in the order of ``formula.names``. `name` is that of the
    function; by default it is made from the target's name.

    Raises
    ------
    FormulaError
        If `name` cannot name a function, or a number is not finite.
    """
    owner = function_name(name, formula.target.name, language.reserved)
    own = {owner, *(f"{owner}_{guard}" for guard in language.guards)}
    names = identifiers(formula.names, language.reserved | own)
    writer = _Writer(language, names, formula.constants)
    value = writer.write(formula.expression)[0].replace(OWNER, owner)
    return language.layout(
        Source(
            name=owner,
            arguments=tuple(names.values()),
            checked=writer.checked,
            value=value,
            guards=_guards(language, owner, value),
            summary=summary(formula, language.name),
            equation=comment(f"{formula.target.name} = {formula.to_text()}"),
            about=tuple(about(formula, n, written) for n, written in names.items()),
        )
    )


def summary(formula: Formula, language: str) -> str:
    """Return one line: the target, its unit and the language."""
    probability = "probability of " if formula.task == "classification" else ""
    what = f"{probability}{formula.target.name}, unit {formula.target.unit.text}"
    return comment(f"{what}: {language}, written by hecsr")


def about(formula: Formula, name: str, written: str) -> str:
    """Return one line on a variable: identifier, column, label, unit and range."""
    known = next(d for d in formula.variables if d.name == name)
    label = f" ({known.label})" if known.label not in ("", name) else ""
    text = f"{written}: column '{name}'{label}, unit {known.unit.text}"
    if name in formula.ranges:
        low, high = formula.ranges[name]
        text += f", fitted on {low:.6g} to {high:.6g}"
    return comment(text)


class _Writer:
    def __init__(
        self,
        language: Language,
        names: Mapping[str, str],
        constants: Mapping[str, float],
    ) -> None:
        self.language = language
        self.templates = language.templates()
        self.names = names
        self.constants = constants
        self.checked: set[str] = set()
        """Arguments that may not be infinite, as the value need not show it."""

    def write(self, node: Expression, hidden: bool = False) -> tuple[str, int]:
        """Return the text and how strongly it binds; `hidden` as in evaluate."""
        match node:
            case Number(value):
                return literal(value)
            case Constant(name):
                if name not in self.constants:
                    raise FormulaError(f"no value for the constant '{name}'")
                return literal(self.constants[name])
            case Variable(name):
                if hidden:
                    self.checked.add(self.names[name])
                return self.names[name], _ATOM
            case Negative(operand):
                return f"-{self.within(operand, _POWER, hidden)}", _SIGN
            case Call(function, operand):
                inner = self.write(operand, hidden or function in BOUNDED)
                if hidden and function in LOGARITHMS:
                    inner = _guarded("nonzero", inner[0]), _ATOM
                return self.filled(function, inner)
            case Power(base, exponent):
                inner = self.write(base, hidden or exponent <= 0)
                if exponent == 0:
                    return _guarded("one", inner[0]), _ATOM
                if hidden and exponent < 0:
                    inner = _guarded("nonzero", inner[0]), _ATOM
                kind = "whole" if exponent.denominator == 1 else "fraction"
                return self.filled(kind, inner, literal(float(exponent)))
            case Binary("^", left, right):
                both = self.write(left, hidden=True), self.write(right, hidden=True)
                return self.filled("^", *both)
            case Comparison(operator, left, right):
                return self.filled(operator, self.write(left), self.write(right))
            case Binary("/", left, right):
                return self.divided(node, left, right, hidden)
            case Binary(operator, left, right):
                # a + (b + c) keeps its bracket: in another order it rounds otherwise
                strength, least = _INFIX[operator]
                a = self.within(left, strength, hidden)
                b = self.within(right, least, hidden)
                return self.templates[operator].format(a, b), strength
        raise FormulaError(f"cannot write {node!r}")

    def divided(
        self, node: Expression, left: Expression, right: Expression, hidden: bool
    ) -> tuple[str, int]:
        above, below = self.write(left, hidden), self.write(right, hidden=True)
        if hidden:
            below = _guarded("nonzero", below[0]), _ATOM
        if self.literal_quotient(node):
            whole = str(self.language.literal_quotient)
            return whole.format(above[0], below[0]), _ATOM
        strength, least = _INFIX["/"]
        texts = _bracketed(above, strength), _bracketed(below, least)
        return self.templates["/"].format(*texts), strength

    def literal_quotient(self, node: Expression) -> bool:
        return self.language.literal_quotient is not None and not has_variable(node)

    def filled(self, operation: str, *operands: tuple[str, int]) -> tuple[str, int]:
        """Fill a function call, or an infix power, with its operands."""
        template = self.templates[operation]
        if template.endswith(")"):
            return template.format(*(text for text, _ in operands)), _ATOM
        return template.format(*(_bracketed(o, _ATOM) for o in operands)), _POWER

    def within(self, node: Expression, least: int, hidden: bool) -> str:
        return _bracketed(self.write(node, hidden), least)


def _bracketed(written: tuple[str, int], least: int) -> str:
    text, strength = written
    return text if strength >= least else f"({text})"


def _guarded(guard: str, text: str) -> str:
    return f"{OWNER}_{guard}({text})"


def has_variable(node: Expression) -> bool:
    """Whether a value changes from row to row."""
    return isinstance(node, Variable) or any(map(has_variable, node.children))


def literal(value: float) -> tuple[str, int]:
    """Return the shortest text that is read back as `value`, and its strength.

    Raises
    ------
    FormulaError
        If the value is infinite or NaN.
    """
    if not math.isfinite(value):
        msg = f"the number {value} cannot be written; allowed: finite numbers"
        raise FormulaError(msg)
    text = repr(float(value))
    return text, _SIGN if text.startswith("-") else _ATOM


def _guards(language: Language, owner: str, value: str) -> tuple[str, ...]:
    """Return the definitions that the value calls, in a fixed order."""
    return tuple(
        definition.replace(OWNER, owner)
        for name, definition in language.guards.items()
        if f"{owner}_{name}(" in value
    )


def to_code(formula: Formula, language: str, name: str | None = None) -> str:
    """Return the formula as source text in ``numpy``, ``c``, ``julia`` or ``matlab``.

    The text is for the user to run; hecsr never runs it. C takes and gives single
    numbers, Julia too (``hardness.(x, y)`` for arrays); NumPy and MATLAB work on
    arrays.

    Raises
    ------
    FormulaError
        If the language is unknown, `name` cannot name a function in it, or a number
        of the formula is not finite.
    """
    from hecsr.formula.printers.c import C
    from hecsr.formula.printers.julia import JULIA
    from hecsr.formula.printers.matlab import MATLAB
    from hecsr.formula.printers.python import NUMPY

    known = {"numpy": NUMPY, "c": C, "julia": JULIA, "matlab": MATLAB}
    if language not in known:
        hint = suggestion(language, known)
        raise FormulaError(f"no source code in '{language}'; {hint}")
    return write_code(formula, known[language], name)
