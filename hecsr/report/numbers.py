"""Numbers as a report prints them."""

from __future__ import annotations

import math
from typing import Final

NONE: Final = "–"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Digits that sums of the same numbers have in common, whatever their order.
_SURE: Final = 12


def fixed(value: float | None, decimals: int) -> str:
    """Write a number with so many decimals; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return NONE
    # a tie such as 0.8775 goes the same way with and without noise in the last digits
    clean = float(f"{value:.{_SURE}g}")
    # adding zero turns -0.0 into 0.0
    return f"{round(clean, decimals) + 0.0:.{decimals}f}".replace("-", "−")


def count(value: float) -> str:
    """Write a whole number with thin spaces between groups of three digits."""
    if not math.isfinite(value):
        return NONE
    digits = f"{round(value):,}".replace("-", "−")
    # four digits are not grouped, as journals do
    return digits.replace(",", "" if abs(value) < 10_000 else "\u202f")


def significant(value: float, digits: int = 4) -> str:
    """Write a number to so many significant digits, with powers of ten."""
    if not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e6:
        return fixed(value, max(decimals_for(value, digits), 0))
    text = f"{value:.{digits}g}"
    mantissa, _, exponent = text.partition("e")
    if exponent:
        mantissa = f"{mantissa} × {power_of_ten(int(exponent))}"
    return mantissa.replace("-", "−")


def power_of_ten(exponent: int) -> str:
    """Write a power of ten with superscript digits."""
    return "10" + str(exponent).translate(_SUPERSCRIPT)


def spread(mean: float, sd: float, decimals: int) -> str:
    """Write ``mean ± sd``; the mean alone where there is no spread."""
    if not math.isfinite(mean) or not math.isfinite(sd):
        return fixed(mean, decimals)
    return f"{fixed(mean, decimals)} ± {fixed(sd, decimals)}"


def ends(low: float, high: float, decimals: int) -> str:
    """Write both ends of an interval; a dash where there is none."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return NONE
    joint = " to " if low < 0 else "–"
    return f"{fixed(low, decimals)}{joint}{fixed(high, decimals)}"


def decimals_for(typical: float, digits: int = 3) -> int:
    """Return the decimals that show `digits` significant digits of a value."""
    if not math.isfinite(typical) or typical == 0:
        return digits - 1
    return min(max(digits - 1 - math.floor(math.log10(abs(typical))), 0), 6)


def with_error(value: float, error: float | None) -> tuple[str, str]:
    """Write a value and its standard error, to two digits of the error.

    Both are multiples of the same power of ten where one is needed.
    """
    if error is None or not math.isfinite(error) or error <= 0:
        return significant(value), NONE
    largest = max(abs(value), error)
    exponent = math.floor(math.log10(largest))
    if -3 <= exponent <= 4 and error < 100:
        exponent = 0
    scaled, scaled_error = value / 10**exponent, error / 10**exponent
    # an error of 12 shows "12", one of 0.0123 shows "0.012"
    decimals = min(max(1 - math.floor(math.log10(scaled_error)), 0), 8)
    tail = f" × {power_of_ten(exponent)}" if exponent else ""
    return fixed(scaled, decimals) + tail, fixed(scaled_error, decimals) + tail
