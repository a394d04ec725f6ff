"""Excel and LibreOffice: a formula for a cell, in the notation of their files.

That is with English function names and commas. A program set to another language
shows them in its own as soon as the formula comes from a workbook
(:mod:`hecsr.formula.printers.workbook`); typed or pasted it must be in its own.

Three traps are avoided. ``-2^2`` is 4 in Excel and ``a^b^c`` is ``(a^b)^c``: powers
are written with ``POWER``. ``POWER(-8,1/3)`` is -2: fractional powers are taken of a
square root, which refuses negative numbers. An empty cell counts as 0: the formula
asks first whether every variable is a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from hecsr.errors import FormulaError, suggestion
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
)

if TYPE_CHECKING:
    from hecsr.formula.formula import Formula

MAX_LENGTH: Final = 8192
MAX_DEPTH: Final = 64
MAX_ROW: Final = 1_048_576
_LARGEST: Final = 9.99999999999999e307
_SUM, _SIGN, _PRODUCT, _ATOM = range(4)
_INFIX: Final = {
    "+": (_SUM, _PRODUCT),
    "-": (_SUM, _PRODUCT),
    "*": (_PRODUCT, _ATOM),
    "/": (_PRODUCT, _ATOM),
}
_FUNCTIONS: Final = {
    "exp": "EXP({0})",
    "log": "LN({0})",
    "log10": "LOG10({0})",
    "sqrt": "SQRT({0})",
    "cbrt": "(SIGN({0})*POWER(ABS({0}),1/3))",
    "abs": "ABS({0})",
    "sin": "SIN({0})",
    "cos": "COS({0})",
    "tan": "TAN({0})",
    "atan": "ATAN({0})",
    "tanh": "TANH({0})",
    # without overflow on either side
    "logistic": "(EXP(MIN({0},0))/(1+EXP(-ABS({0}))))",
}
_CELL = re.compile(
    r"(?:(?:'(?:[^'\[\]:*?/\\]|'')+'|[A-Za-z_][A-Za-z0-9_.]*)!)?"
    r"\$?(?P<column>[A-Z]{1,3})\$?(?P<row>[1-9][0-9]{0,6})"
)


def to_excel(formula: Formula, cells: Mapping[str, str] | None = None) -> str:
    """Return the formula as the content of a cell.

    Where the formula is undefined the cell shows an error: ``#N/A`` if a variable is
    missing, else ``#NUM!`` or ``#DIV/0!``. Excel holds no infinity, so the cell shows
    an error too where only a part is too large for a number, as ``1/exp(x)`` at 1000.
    So it may, by the program, where a power is too small for a number or the angle of
    a sine, cosine or tangent is beyond 1e8.

    Numbers are written with up to 17 digits. Excel reads 15 of them, a change of at
    most 1e-14 of each number: where large terms nearly cancel, the result has as
    many digits fewer as they lose.

    Parameters
    ----------
    cells
        The cell of each variable, as ``B2``, ``$B$2`` or ``Data!B2``; by default
        one column each in the order of ``formula.names``, from ``A2`` on.

    Raises
    ------
    FormulaError
        If a variable has no cell or what is given is none, or if the formula is
        longer or deeper than Excel reads.
    """
    names = formula.names
    places = default_cells(names) if cells is None else _checked(names, cells)
    text = _Writer(places, formula.constants).write(formula.expression)[0]
    if places:
        listed = ",".join(places[name] for name in names)
        text = f"IF(COUNT({listed})<{len(names)},NA(),{text})"
    if len(text) >= MAX_LENGTH or _depth(text) > MAX_DEPTH:
        msg = (
            f"a cell formula of {len(text)} characters, nested {_depth(text)} deep; "
            f"Excel reads up to {MAX_LENGTH - 1} and {MAX_DEPTH}; choose a simpler "
            "formula of the front, or export it as source code"
        )
        raise FormulaError(msg)
    return f"={text}"


def default_cells(names: tuple[str, ...], row: int = 2) -> dict[str, str]:
    """Return a cell of `row` for each name, from column A on."""
    return {name: f"{column_letters(i)}{row}" for i, name in enumerate(names)}


def column_letters(position: int) -> str:
    """Return the letters of a column, counted from 0: A, B, ..., Z, AA, ..."""
    letters = ""
    position += 1
    while position:
        position, digit = divmod(position - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def excel_number(value: float) -> str:
    """Return the shortest text that is read back as `value`.

    Raises
    ------
    FormulaError
        If Excel holds no such number.
    """
    if not abs(value) <= _LARGEST:
        msg = f"Excel cannot hold the number {value}; allowed: up to {_LARGEST} in size"
        raise FormulaError(msg)
    return repr(float(value)).removesuffix(".0").upper()


def _checked(names: tuple[str, ...], cells: Mapping[str, str]) -> dict[str, str]:
    for name, cell in cells.items():
        if name not in names:
            raise FormulaError(f"no variable '{name}'; {suggestion(name, names)}")
        match = _CELL.fullmatch(cell)
        # XFD is the last column
        if match is None or int(match["row"]) > MAX_ROW or _beyond(match["column"]):
            msg = (
                f"'{cell}' is no cell; allowed: as B2, $B$2 or Data!B2, up to "
                f"XFD{MAX_ROW}"
            )
            raise FormulaError(msg)
    for name in names:
        if name not in cells:
            raise FormulaError(f"no cell for '{name}'; give one for each of {names}")
    return {name: cells[name] for name in names}


def _beyond(column: str) -> bool:
    return (len(column), column) > (3, "XFD")


def _depth(text: str) -> int:
    """Return how deep brackets are nested outside of quoted sheet names."""
    deepest = depth = 0
    for character in re.sub(r"'(?:[^']|'')*'!", "", text):
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    return deepest


class _Writer:
    def __init__(
        self, cells: Mapping[str, str], constants: Mapping[str, float]
    ) -> None:
        self.cells = cells
        self.constants = constants

    def write(self, node: Expression) -> tuple[str, int]:
        """Return the text and how strongly it binds.

        Raises
        ------
        FormulaError
            If the text is far too long, before it grows beyond memory: some
            operations repeat their operand.
        """
        text, strength = self.node(node)
        if len(text) > 4 * MAX_LENGTH:
            msg = (
                f"a cell formula of more than {4 * MAX_LENGTH} characters; Excel reads "
                f"up to {MAX_LENGTH - 1}; choose a simpler formula of the front, or "
                "export it as source code"
            )
            raise FormulaError(msg)
        return text, strength

    def node(self, node: Expression) -> tuple[str, int]:
        match node:
            case Number(value):
                return self.number(value)
            case Constant():
                return self.number(self.value(node))
            case Variable(name):
                return self.cells[name], _ATOM
            case Negative(operand):
                return f"-{self.within(operand, _ATOM)}", _SIGN
            case Call(function, operand):
                return _FUNCTIONS[function].format(self.write(operand)[0]), _ATOM
            case Power(base, exponent):
                return self.power(base, exponent), _ATOM
            case Comparison(operator, left, right):
                a, b = self.write(left)[0], self.write(right)[0]
                return f"IF({a}{operator}{b},1,0)", _ATOM
            case Binary("^", base, by):
                return self.any_power(base, by), _ATOM
            case Binary(operator, left, right):
                strength, least = _INFIX[operator]
                a, b = self.within(left, strength), self.within(right, least)
                return f"{a}{operator}{b}", strength
        raise FormulaError(f"cannot write {node!r}")

    def number(self, value: float) -> tuple[str, int]:
        text = excel_number(value)
        return text, _SIGN if text.startswith("-") else _ATOM

    def value(self, node: Constant) -> float:
        if node.name not in self.constants:
            raise FormulaError(f"no value for the constant '{node.name}'")
        return self.constants[node.name]

    def within(self, node: Expression, least: int) -> str:
        text, strength = self.write(node)
        return text if strength >= least else f"({text})"

    def power(self, base: Expression, exponent: Fraction) -> str:
        if not exponent:
            return "1"  # 0^0 is an error in Excel
        text = self.write(base)[0]
        if exponent.denominator == 1:
            return f"POWER({text},{excel_number(float(exponent))})"
        root = f"SQRT({text})"
        if exponent == Fraction(1, 2):
            return root
        return f"POWER({root},{excel_number(float(2 * exponent))})"

    def any_power(self, base: Expression, by: Expression) -> str:
        if isinstance(by, Constant):
            # as numpy's power: of negative numbers if the exponent is an integer
            excel_number(self.value(by))
            return self.power(base, Fraction(self.value(by)))
        a, b = self.write(base)[0], self.write(by)[0]
        defined = f"IF(AND({a}<0,{b}<>INT({b})),NA(),POWER({a},{b}))"
        return f"IF({b}=0,1,{defined})"
