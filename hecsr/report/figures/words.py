"""Labels of figures: mathematics where matplotlib can set it, else plain words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from hecsr.report.model import Math
from hecsr.report.units import unit_text

if TYPE_CHECKING:
    from hecsr.report.metrics import Metric
    from hecsr.report.view import View
    from hecsr.units import Unit

_POWER = re.compile("[⁻ᐟ⁰¹²³⁴⁵⁶⁷⁸⁹]+")
# A longer name does not fit beside a panel.
_LONG: Final = 16
_DIGITS: Final = str.maketrans("⁻ᐟ⁰¹²³⁴⁵⁶⁷⁸⁹", "-/0123456789")


def symbol(view: View, name: str) -> str:
    """Return a descriptor's symbol, or its name if the symbol cannot be drawn."""
    shown = view.symbol(name)
    return (drawable(shown.latex) if isinstance(shown, Math) else "") or plain(name)


def plain(text: str) -> str:
    """Return text that matplotlib does not take for mathematics."""
    return text.replace("$", r"\$")


@lru_cache(maxsize=512)
def drawable(latex: str) -> str:
    """Return LaTeX between dollars if matplotlib's own mathematics reads it."""
    from matplotlib.mathtext import MathTextParser

    text = f"${latex}$"
    try:
        MathTextParser("path").parse(text)
    except (ValueError, RuntimeError):
        return ""
    return text


def with_unit(text: str, unit: Unit) -> str:
    """Return an axis title with its unit."""
    if unit.text == "1":
        return plain(text)
    # the figures' font has no superscript minus, its mathematics has
    shown = _POWER.sub(
        lambda m: f"$^{{{m[0].translate(_DIGITS)}}}$", plain(unit_text(unit))
    )
    return f"{plain(text)} ({shown})"


def of_metric(view: View, one: Metric) -> str:
    """Return the axis title of a metric on held-out rows."""
    return with_unit(f"Held-out {one.label}", view.unit_of(one))


def of_target(view: View, before: str) -> str:
    """Return the axis title of an observed or predicted target."""
    target = view.result.data.target
    label = target.label or target.name
    symbol_ = drawable(target.latex) if len(label) > _LONG else ""
    if not symbol_:
        return with_unit(f"{before} {label}", view.target_unit)
    return f"{before} {symbol_}{with_unit('', view.target_unit)}"
