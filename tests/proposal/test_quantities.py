"""Units are read out of column names, and not where an ending is another word."""

import pytest

from hecsr.proposal.quantities import quantity


@pytest.mark.parametrize(
    ("name", "label", "unit"),
    [
        ("hardness_GPa", "hardness", "GPa"),
        ("load_N", "load", "N"),
        ("temperature_C", "temperature", "°C"),
        ("sintering temperature (°C)", "sintering temperature", "°C"),
        ("load (gf)", "load", "gf"),
        ("T [K]", "T", "K"),
        ("T_K", "T", "K"),
        ("density_g_cm3", "density", "g/cm^3"),
        ("dH_kJ_per_mol", "dH", "kJ/mol"),
        ("grain_size_um", "grain size", "um"),
        ("HV (kgf/mm^2)", "HV", "kgf/mm^2"),
        ("hold_time_min", "hold time", "min"),
    ],
)
def test_a_name_says_its_unit(name, label, unit):
    found = quantity(name)
    assert (found.label, found.unit, found.doubt) == (label, unit, "")


@pytest.mark.parametrize(
    "name", ["x_N", "x_C", "hardness_min", "n_at", "phase_A", "process", "delta_2"]
)
def test_an_ending_that_is_another_word_is_no_unit(name):
    assert quantity(name).unit is None


def test_an_ending_that_is_no_unit_of_the_quantity_is_doubted():
    found = quantity("load_GPa")
    assert found.unit is None
    assert "'GPa' ends its name, but is no unit of load" in found.doubt


def test_brackets_that_hold_no_unit_are_doubted():
    assert "'a.u.' in its name is no known unit" in quantity("load (a.u.)").doubt


def test_a_known_quantity_has_its_unit_and_the_assumption_is_said():
    found = quantity("load")
    assert found.unit == "N"
    assert "is taken to be N" in found.doubt
