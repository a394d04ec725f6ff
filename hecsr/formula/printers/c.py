"""C: a function of single numbers, spelled by SymPy's printer; C99 or newer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from hecsr.formula.printers.code import Language, Source
from hecsr.formula.printers.spelling import spelled

_CALLS: Final = {
    "^": "§_power",
    # pow(-inf, -1/2) is 0 in C; a negative number has no fractional power in hecsr
    "fraction": "§_root",
    "cbrt": "cbrt",
    "log10": "log10",
    "logistic": "§_logistic",
    "<": "§_less",
    "<=": "§_less_equal",
    ">": "§_greater",
    ">=": "§_greater_equal",
}


def _comparison(name: str, sign: str) -> str:
    return f"""\
static double §_{name}(double a, double b)
{{
    return isfinite(a) && isfinite(b) ? (a {sign} b ? 1.0 : 0.0) : NAN;
}}
"""


_GUARDS: Final = MappingProxyType(
    {
        "nonzero": """\
static double §_nonzero(double x)
{
    return x == 0.0 ? NAN : x; /* a pole stays undefined */
}
""",
        "one": """\
static double §_one(double x)
{
    return isnan(x) ? NAN : 1.0;
}
""",
        "power": """\
static double §_power(double a, double b)
{
    return isnan(a) || isnan(b) || (a == 0.0 && b < 0.0) ? NAN : pow(a, b);
}
""",
        "root": """\
static double §_root(double x, double power)
{
    return x >= 0.0 ? pow(x, power) : NAN;
}
""",
        "logistic": """\
static double §_logistic(double x)
{
    const double small = exp(-fabs(x)); /* overflows on neither side */
    return (x >= 0.0 ? 1.0 : small) / (1.0 + small);
}
""",
        "less": _comparison("less", "<"),
        "less_equal": _comparison("less_equal", "<="),
        "greater": _comparison("greater", ">"),
        "greater_equal": _comparison("greater_equal", ">="),
    }
)

# Words of C and C++, what math.h declares, and macros of common compilers.
_RESERVED: Final = frozenset(
    """
    alignas alignof and asm auto bitand bitor bool break case catch char class compl
    const constexpr continue decltype default delete do double else enum explicit
    export extern false float for friend goto if inline int long mutable namespace
    new noexcept not nullptr operator or private protected public register restrict
    return short signed sizeof static struct switch template this throw true try
    typedef typeof typename union unsigned using virtual void volatile wchar_t while
    xor main value I NAN INFINITY HUGE_VAL HUGE DOMAIN SING OVERFLOW UNDERFLOW PLOSS
    TLOSS MAXFLOAT linux unix i386 signgam
    acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh drem erf erfc
    exp exp2 exp10 expm1 fabs fdim finite floor fma fmax fmin fmod fpclassify frexp
    gamma hypot ilogb isfinite isgreater isinf isless isnan isnormal isunordered j0 j1
    jn ldexp lgamma llrint llround log log10 log1p log2 logb lrint lround modf nan
    nearbyint nextafter nexttoward pow pow10 remainder remquo rint round scalb scalbln
    scalbn signbit significand sin sincos sinh sqrt tan tanh tgamma trunc y0 y1 yn
    """.split()
)


@cache
def _templates() -> Mapping[str, str]:
    from sympy.printing.c import C99CodePrinter

    return spelled(C99CodePrinter, _CALLS)


def _layout(source: Source) -> str:
    head = "\n".join(f" * {note}".rstrip() for note in source.notes)
    arguments = ", ".join(f"double {x}" for x in source.arguments) or "void"
    guards = "".join(f"{guard}\n" for guard in source.guards)
    known = "".join(
        f"    {x} = isfinite({x}) ? {x} : NAN;\n"
        for x in source.arguments
        if x in source.checked
    )
    return f"""\
/*
{head}
 */
#include <math.h>

{guards}double {source.name}({arguments})
{{
{known}    const double value = {source.value};
    return isfinite(value) ? value : NAN;
}}
"""


C: Final = Language(
    name="C",
    templates=_templates,
    guards=_GUARDS,
    reserved=_RESERVED,
    layout=_layout,
)
