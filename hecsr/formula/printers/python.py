"""NumPy: a function that computes what the formula computes, bit for bit."""

from __future__ import annotations

import builtins
import keyword
from types import MappingProxyType
from typing import Final

from hecsr.formula.expression import FUNCTIONS
from hecsr.formula.printers.code import Language, Source

# numpy's own names where they differ from the formula's
_NAMED: Final = {"atan": "arctan", "logistic": ""}
_TEMPLATES: Final = MappingProxyType(
    {
        "+": "{0} + {1}",
        "-": "{0} - {1}",
        "*": "{0} * {1}",
        "/": "{0} / {1}",
        "^": "§_power({0}, {1})",
        "whole": "np.power({0}, {1})",
        "fraction": "§_root({0}, {1})",
        "<": "§_compared(np.less, {0}, {1})",
        "<=": "§_compared(np.less_equal, {0}, {1})",
        ">": "§_compared(np.greater, {0}, {1})",
        ">=": "§_compared(np.greater_equal, {0}, {1})",
        **{f: f"np.{_NAMED.get(f, f)}({{0}})" for f in FUNCTIONS},
        "logistic": "§_logistic({0})",
    }
)
_GUARDS: Final = MappingProxyType(
    {
        "nonzero": '''\
def §_nonzero(x):
    """Return x; NaN where it is 0, so that a pole stays undefined."""
    return np.where(np.equal(x, 0.0), np.nan, x)
''',
        "one": '''\
def §_one(x):
    """Return x to the power 0; NaN where x is."""
    return np.where(np.isnan(x), np.nan, 1.0)
''',
        "power": '''\
def §_power(a, b):
    """Return a to the power b; NaN where either is, and for 0 to a negative power."""
    undefined = np.isnan(a) | np.isnan(b) | (np.equal(a, 0.0) & np.less(b, 0.0))
    return np.where(undefined, np.nan, np.power(a, b))
''',
        "root": '''\
def §_root(x, power):
    """Return a fractional power; NaN for a negative number."""
    return np.where(x >= 0, np.power(x, power), np.nan)
''',
        "compared": '''\
def §_compared(comparison, a, b):
    """Return 1 where it holds and 0 where not; NaN where an operand is not finite."""
    known = np.isfinite(a) & np.isfinite(b)
    return np.where(known, comparison(a, b), np.nan)
''',
        "logistic": '''\
def §_logistic(x):
    """Return 1 / (1 + exp(-x)), without overflow on either side."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, small) / (1.0 + small)
''',
    }
)


def _layout(source: Source) -> str:
    lines = [f"# {note}".rstrip() for note in source.notes]
    lines += ["", "import numpy as np", "", ""]
    lines += ["\n\n".join(source.guards) + "\n"] if source.guards else []
    lines += [f"def {source.name}({', '.join(source.arguments)}):"]
    lines += _docstring(source)
    for x in source.arguments:
        lines += [f"    {x} = np.asarray({x}, dtype=np.float64)"]
        if x in source.checked:
            lines += [f"    {x} = np.where(np.isfinite({x}), {x}, np.nan)"]
    lines += [
        '    with np.errstate(all="ignore"):',
        f"        value = np.asarray({source.value})",
        "    return np.where(np.isfinite(value), value, np.nan)[()]",
    ]
    return "\n".join(lines) + "\n"


def _docstring(source: Source) -> list[str]:
    """Return the docstring; what would end it is escaped."""
    lines = [source.summary, "", source.equation, "", *source.about, ""]
    kept = [line.replace("\\", "\\\\").replace('"', r"\"") for line in lines]
    body = [f"    {line}".rstrip() for line in kept[1:]]
    return [f'    """{kept[0]}', *body, "    Undefined is NaN.", '    """']


NUMPY: Final = Language(
    name="NumPy",
    templates=lambda: _TEMPLATES,
    guards=_GUARDS,
    reserved=frozenset(
        [*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "np", "value"]
    ),
    layout=_layout,
    literal_quotient="np.divide({0}, {1})",
)
