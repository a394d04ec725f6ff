"""MATLAB and Octave: a function of arrays, spelled by SymPy's printer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from hecsr.formula.printers.code import Language, Source
from hecsr.formula.printers.spelling import spelled

# MATLAB gives complex numbers for log(-1), sqrt(-1) and (-1)^0.5.
_CALLS: Final = {
    "^": "§_power",
    "fraction": "§_root",
    "log": "§_log",
    "log10": "§_log10",
    "sqrt": "§_sqrt",
    "cbrt": "§_cbrt",
    "logistic": "§_logistic",
    "<": "§_less",
    "<=": "§_less_equal",
    ">": "§_greater",
    ">=": "§_greater_equal",
}


def _nonnegative(name: str) -> str:
    return f"""\
function y = §_{name}(x)
    x(~(x >= 0)) = NaN;
    y = {name}(x);
end
"""


def _comparison(name: str, sign: str) -> str:
    return f"""\
function y = §_{name}(a, b)
    y = double(a {sign} b);
    y(~(isfinite(a) & isfinite(b))) = NaN;
end
"""


_GUARDS: Final = MappingProxyType(
    {
        "nonzero": """\
function x = §_nonzero(x)
    x(x == 0) = NaN; % a pole stays undefined
end
""",
        "one": """\
function y = §_one(x)
    y = ones(size(x));
    y(isnan(x)) = NaN;
end
""",
        "power": """\
function y = §_power(a, b)
    % of the absolute value, so that a whole array does not turn complex
    below = a < 0 | (a == 0 & 1 ./ a < 0);
    y = abs(a) .^ b .* (1 - 2 .* (below & mod(b, 2) == 1));
    % a negative number has integer powers only; one that is infinite has all
    y((a < 0 & a > -Inf) & b ~= fix(b)) = NaN;
    y(isnan(a) | isnan(b) | (a == 0 & b < 0)) = NaN;
end
""",
        "root": """\
function y = §_root(x, power)
    x(~(x >= 0)) = NaN;
    y = x .^ power;
end
""",
        **{name: _nonnegative(name) for name in ("log", "log10", "sqrt")},
        "cbrt": """\
function y = §_cbrt(x)
    y = nthroot(x, 3);
end
""",
        "logistic": """\
function y = §_logistic(x)
    small = exp(-abs(x)); % overflows on neither side
    above = ones(size(x));
    below = ~(x >= 0);
    above(below) = small(below);
    y = above ./ (1 + small);
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
    arguments break case catch classdef continue do else elseif end enumeration events
    for function global if methods otherwise parfor persistent properties return spmd
    switch try until while end_try_catch end_unwind_protect endfor endfunction endif
    endparfor endswitch endwhile unwind_protect unwind_protect_cleanup
    abs ans atan cos double e exp eps fix i Inf inf isfinite isnan j log log10 mod NA
    NaN nan nthroot ones pi sin size sqrt tan tanh value varargin varargout nargin
    nargout
    """.split()
)


@cache
def _templates() -> Mapping[str, str]:
    from sympy.printing.octave import OctaveCodePrinter

    return spelled(OctaveCodePrinter, _CALLS, elementwise=True)


def _layout(source: Source) -> str:
    lines = [f"function value = {source.name}({', '.join(source.arguments)})"]
    for x in source.arguments:
        lines += [f"    {x} = double({x});"]
        if x in source.checked:
            lines += [f"    {x}(~isfinite({x})) = NaN;"]
    lines += [
        f"    value = {source.value};",
        "    value(~isfinite(value)) = NaN;",
        "end",
    ]
    head = [f"% {note}".rstrip() for note in source.notes]
    # saved as a file, the function that bears its name comes first
    return "\n".join([*head, *lines, "", *source.guards]).rstrip() + "\n"


MATLAB: Final = Language(
    name="MATLAB",
    templates=_templates,
    guards=_GUARDS,
    reserved=_RESERVED,
    layout=_layout,
)
