"""Units are written so that DynamicQuantities.jl reads the same dimension."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hecsr.search.pysr.units import quantity
from hecsr.units import _KNOWN, BASE, parse_unit


@pytest.mark.parametrize(
    ("unit", "written"),
    [
        ("kg", "kg"),
        ("m/s", "m*s^-1"),
        ("K", "K"),
        ("GPa", "1000000000.0*kg*m^-1*s^-2"),
        ("MPa", "1000000.0*kg*m^-1*s^-2"),
        ("Å", "1e-10*m"),
        ("%", "1"),
        ("1", "1"),
        ("electrons", "1"),
        ("eV", "1.602176634e-19*kg*m^2*s^-2"),
        ("m^(1/2)", "m^0.5"),
        ("MPa m^(1/2)", "1000000.0*kg*m^-0.5*s^-2"),
    ],
)
def test_only_si_base_units_are_written(unit, written):
    assert quantity(parse_unit(unit)) == written


def read(text):
    """Factor and exponents of a written unit, as Julia's grammar has it."""
    factor, found = 1.0, dict.fromkeys(BASE, Fraction(0))
    for part in text.split("*"):
        name, _, power = part.partition("^")
        if name in found:
            exponent = Fraction(power or "1").limit_denominator(100)
            found[name] += exponent
        else:
            factor = float(part)
    return factor, tuple(found.values())


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(_KNOWN)), st.sampled_from([1, -1, 2, "1/2", "-2/3"]))
def test_a_written_unit_has_the_factor_and_dimension_of_the_unit(name, power):
    unit = parse_unit(name) ** Fraction(power)
    factor, exponents = read(quantity(unit))
    assert exponents == unit.dimension.exponents
    if not unit.dimension.dimensionless:
        assert factor == unit.factor
