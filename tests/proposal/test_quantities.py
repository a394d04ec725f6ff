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
        ("E / GPa", "E", "GPa"),
        ("E/GPa", "E", "GPa"),
        ("T / K", "T", "K"),
        ("T/°C", "T", "°C"),
        ("load (max) / N", "load (max)", "N"),
        ("ΔH / (kJ/mol)", "ΔH", "kJ/mol"),
        ("ρ / g cm^-3", "ρ", "g/cm^3"),
        ("kappa / W/(m K)", "kappa", "W/(m K)"),
        ("H/E (GPa)", "H/E", "GPa"),
        ("dH kJ/mol", "dH", "kJ/mol"),
        ("lattice a / Å", "lattice a", "Å"),
        ("HV, GPa", "HV", "GPa"),
        ("HV,GPa", "HV", "GPa"),
        ("HV, (GPa)", "HV", "GPa"),
        ("K_V_GPa", "K V", "GPa"),
        ("G_R_GPa", "G R", "GPa"),
        ("modulus_e_GPa", "modulus e", "GPa"),
        ("temperature_1_K", "temperature 1", "K"),
        ("VEC (e/atom)", "VEC", "electrons/atom"),
    ],
)
def test_a_name_says_its_unit(name, label, unit):
    found = quantity(name)
    assert (found.label, found.unit, found.doubt) == (label, unit, "")


@pytest.mark.parametrize(
    "name",
    [
        "x_N",
        "x_C",
        "hardness_min",
        "n_at",
        "phase_A",
        "process",
        "delta_2",
        "c/a",
        "c/a ratio",
        "H/E",
        "V/N",
        "beta_1/K",
        "sample_1_K",
        "x / 1",
        "/GPa",
        ",",
    ],
)
def test_an_ending_that_is_another_word_is_no_unit(name):
    found = quantity(name)
    assert (found.unit, found.doubt) == (None, "")


@pytest.mark.parametrize(
    ("name", "doubt"),
    [
        ("CTE_1e-6_K", "power of ten"),
        ("CTE (1e-6/K)", "power of ten"),
        ("CTE / 10^-6 K^-1", "power of ten"),
        ("10^3_load_N", "power of ten"),
        ("vec_e_atom", "'e' before 'atom'"),
        ("vec_e/atom", "e may stand for electrons"),
        ("resistivity_uOhm_cm", "'uOhm' before 'cm' in its name is no known unit"),
        ("resistivity/uOhm cm", "'uOhm' before 'cm'"),
        ("conductivity_S_cm", "'S' before 'cm'"),
        ("cracks_per_mm", "'per' before 'mm'"),
        ("H / E", "'E' behind the slash is no known unit of H"),
        ("V / N", "'N' behind the slash is no known unit of V"),
        ("resistivity / uOhm cm", "'uOhm cm' behind the slash"),
    ],
)
def test_what_may_be_a_unit_that_is_not_known_is_doubted(name, doubt):
    found = quantity(name)
    assert found.unit is None
    assert doubt in found.doubt


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
