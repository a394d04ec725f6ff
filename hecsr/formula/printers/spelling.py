"""How SymPy's code printers spell the operations of a language.

Each operation is printed alone, on placeholders. Handed a whole formula SymPy would
put it in order and simplify it (``x / x`` to 1, ``sqrt(x)^2`` to ``x``, a sum to
another order), which changes where the formula is defined and how it rounds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_INFIX = re.compile(r"\} ?([^\s,]+) ?\{")


def spelled(
    printer: Any, calls: Mapping[str, str], *, elementwise: bool = False
) -> dict[str, str]:
    """Return the templates of all operations on ``{0}`` and ``{1}``.

    `printer` is a class of SymPy's code printers. `calls` names the operations that
    are written as the call of another function, such as a guard. A language whose
    function takes single numbers has the dots of elementwise operators dropped.
    """
    import sympy

    a, b = (sympy.Symbol(text, real=True) for text in ("{0}", "{1}"))
    inverse = sympy.Pow(b, -1, evaluate=False)
    minus = sympy.Mul(-1, b, evaluate=False)
    operations = {
        "+": sympy.Add(a, b, evaluate=False),
        "-": sympy.Add(a, minus, evaluate=False),
        "*": sympy.Mul(a, b, evaluate=False),
        "/": sympy.Mul(a, inverse, evaluate=False),
        "whole": sympy.Pow(a, b, evaluate=False),
        "fraction": sympy.Pow(a, b, evaluate=False),
        "^": sympy.Pow(a, b, evaluate=False),
        "exp": sympy.exp(a),
        "log": sympy.log(a),
        "sqrt": sympy.sqrt(a),
        "cbrt": sympy.cbrt(a),
        "abs": sympy.Abs(a),
        "sin": sympy.sin(a),
        "cos": sympy.cos(a),
        "tan": sympy.tan(a),
        "atan": sympy.atan(a),
        "tanh": sympy.tanh(a),
    }
    for operation, name in calls.items():
        two = operation in ("<", "<=", ">", ">=", "fraction", "^", "whole")
        operations[operation] = sympy.Function(name)(*((a, b) if two else (a,)))
    settings = {"order": "none", "user_functions": {n: n for n in calls.values()}}
    write = printer(settings)
    return {
        operation: _spaced(write.doprint(node), elementwise)
        for operation, node in operations.items()
    }


def _spaced(text: str, elementwise: bool) -> str:
    def infix(match: re.Match[str]) -> str:
        sign = match[1] if elementwise else match[1].removeprefix(".")
        return f"}} {sign} {{"

    return _INFIX.sub(infix, text)
