"""Numbers are printed with the digits that they deserve."""

import math

import pytest

from hecsr.report.numbers import count, fixed, significant, spread, with_error
from hecsr.report.units import unit_text
from hecsr.units import parse_unit


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(1.005, 2, "1.00"), (-0.0001, 2, "0.00"), (-1.5, 1, "−1.5"), (math.nan, 2, "–")],
)
def test_fixed(value, decimals, text):
    assert fixed(value, decimals) == text


@pytest.mark.parametrize(
    "sums", [(0.8775, 0.87749999999999, 0.87750000000001), (2.5e6, 2.5e6 + 1e-8)]
)
def test_noise_in_the_last_digits_does_not_show(sums):
    assert len({fixed(value, 3) for value in sums}) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [(3399.6, "3400"), (0.0504, "0.0504"), (1.5e-7, "1.5 × 10⁻⁷"), (0.0, "0")],
)
def test_significant(value, text):
    assert significant(value, 3) == text


def test_counts_of_five_digits_are_grouped():
    assert count(1234) == "1234"
    assert count(45_000_000) == "45\u202f000\u202f000"


def test_a_mean_without_spread_stands_alone():
    assert spread(1.0, math.nan, 2) == "1.00"
    assert spread(1.0, 0.25, 2) == "1.00 ± 0.25"


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (154.41, 1.71, ("154.4", "1.7")),
        (-200.4, 36.2, ("−200", "36")),
        (1.2345e-7, 2.1e-9, ("1.234 × 10⁻⁷", "0.021 × 10⁻⁷")),
        (2.0, None, ("2.000", "–")),
    ],
)
def test_a_coefficient_is_rounded_by_its_error(value, error, shown):
    assert with_error(value, error) == shown


def test_units_are_written_with_raised_powers():
    assert unit_text(parse_unit("J/(mol K)")) == "J\u00a0mol⁻¹\u00a0K⁻¹"
    assert unit_text(parse_unit("GPa^(-1/2)")) == "GPa⁻¹ᐟ²"
    assert unit_text(parse_unit("%")) == "%"
    assert unit_text(parse_unit("1")) == ""
    assert unit_text(parse_unit("°C")) == "°C"
