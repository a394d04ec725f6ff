"""Julia: a function of single numbers, spelled by SymPy's printer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from hecsr.formula.printers.code import Language, Source
from hecsr.formula.printers.spelling import spelled

# Julia stops with a DomainError at log(-1), sqrt(-1), (-1)^0.5 and sin(Inf).
_CALLS: Final = {
    "^": "§_power",
    "fraction": "§_root",
    "log": "§_log",
    "log10": "§_log10",
    "sqrt": "§_sqrt",
    "cbrt": "cbrt",
    "sin": "§_sin",
    "cos": "§_cos",
    "tan": "§_tan",
    "logistic": "§_logistic",
    "<": "§_less",
    "<=": "§_less_equal",
    ">": "§_greater",
    ">=": "§_greater_equal",
}


def _comparison(name: str, sign: str) -> str:
    known = "isfinite(a) && isfinite(b)"
    return f"§_{name}(a, b) = {known} ? Float64(a {sign} b) : NaN\n"


_GUARDS: Final = MappingProxyType(
    {
        "nonzero": "§_nonzero(x) = x == 0.0 ? NaN : x # a pole stays undefined\n",
        "one": "§_one(x) = isnan(x) ? NaN : 1.0\n",
        "power": """\
function §_power(a, b)
    if isnan(a) || isnan(b) || (a == 0.0 && b < 0.0)
        return NaN
    end
    # a negative number has integer powers only; one that is infinite has all
    if a < 0.0 && b != trunc(b)
        return isinf(a) ? abs(a)^b : NaN
    end
    return a^b
end
""",
        "root": "§_root(x, power) = x >= 0.0 ? x^power : NaN\n",
        **{f: f"§_{f}(x) = x >= 0.0 ? {f}(x) : NaN\n" for f in ("log", "log10")},
        "sqrt": "§_sqrt(x) = x >= 0.0 ? sqrt(x) : NaN\n",
        **{
            f: f"§_{f}(x) = isfinite(x) ? {f}(x) : NaN\n" for f in ("sin", "cos", "tan")
        },
        "logistic": """\
function §_logistic(x)
    small = exp(-abs(x)) # overflows on neither side
    return (x >= 0.0 ? 1.0 : small) / (1.0 + small)
end
""",
        "less": _comparison("less", "<"),
        "less_equal": _comparison("less_equal", "<="),
        "greater": _comparison("greater", ">"),
        "greater_equal": _comparison("greater_equal", ">="),
    }
)

_RESERVED: Final = frozenset(
    """
    abstract baremodule begin break catch const continue do else elseif end export
    false finally for function global if import importall in isa let local macro
    module mutable outer primitive public quote return struct true try type typealias
    using where while value abs atan cbrt cos exp isfinite isinf isnan log log10 pi sin
    sqrt tan tanh trunc Float64 Inf NaN Main Base Core
    """.split()
)


@cache
def _templates() -> Mapping[str, str]:
    from sympy.printing.julia import JuliaCodePrinter

    return spelled(JuliaCodePrinter, _CALLS)


def _layout(source: Source) -> str:
    names = ", ".join(source.arguments)
    lines = [f"# {note}".rstrip() for note in source.notes]
    lines += ["", *source.guards, f"function {source.name}({names})"]
    # an integer would overflow, and refuse negative powers
    for x in source.arguments:
        lines += [f"    {x} = Float64({x})"]
        if x in source.checked:
            lines += [f"    {x} = isfinite({x}) ? {x} : NaN"]
    lines += [
        f"    value = {source.value}",
        "    return isfinite(value) ? value : NaN",
        "end",
    ]
    return "\n".join(lines) + "\n"


JULIA: Final = Language(
    name="Julia",
    templates=_templates,
    guards=_GUARDS,
    reserved=_RESERVED,
    layout=_layout,
)
