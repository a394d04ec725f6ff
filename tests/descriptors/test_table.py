import numpy as np
import pytest

from hecsr.descriptors import (
    catalogue,
    describe,
    describe_where_known,
    resolve,
    weighted,
)
from hecsr.descriptors.entropy import GAS_CONSTANT, mixing_entropy
from hecsr.descriptors.miedema import inverse_omega, mixing_enthalpy
from hecsr.descriptors.supplied import converted, supplied
from hecsr.errors import HecsrError, MissingDataError, TableError, UnitError
from hecsr.units import parse_unit


def value(composition, name):
    return float(describe(composition, [name]).values[0, 0])


def test_statistics_by_hand():
    c, p = np.array([0.25, 0.75]), np.array([2.0, 6.0])
    assert weighted.mean(c, p) == 5.0
    assert weighted.deviation(c, p) == pytest.approx(np.sqrt(3.0))
    assert (weighted.minimum(c, p), weighted.maximum(c, p)) == (2.0, 6.0)
    assert weighted.extent(c, p) == 4.0
    assert weighted.pair_mismatch(c, p) == pytest.approx(0.25 * 0.75 * 4)


def test_five_equimolar_metals_have_1_609_gas_constants():
    assert mixing_entropy(np.full(5, 0.2)) / GAS_CONSTANT == pytest.approx(
        1.609, abs=5e-4
    )
    assert mixing_entropy(np.array([1.0])) == 0.0
    assert value("(Hf,Nb,Ta,Ti,Zr)C", "entropy") == pytest.approx(
        1.6094 * 8.3145, abs=1e-3
    )


def test_each_sublattice_has_its_own_entropy():
    both = "(Ti,Zr)(C0.5N0.5)"
    assert value(both, "entropy") == pytest.approx(np.log(2) * GAS_CONSTANT)
    assert value(both, "anion_entropy") == pytest.approx(np.log(2) * GAS_CONSTANT)
    assert value("(Ti,Zr)C", "anion_entropy") == 0.0


def test_enthalpy_and_omega_of_one_pair():
    pairs = np.array([[0.0, -12.0], [-12.0, 0.0]])
    assert mixing_enthalpy(np.array([0.5, 0.5]), pairs) == pytest.approx(-12.0)
    assert inverse_omega(-12.0, 2000.0, 6.0) == pytest.approx(1.0)
    assert np.isnan(inverse_omega(0.0, 2000.0, 0.0))


def test_omega_of_one_metal_is_undefined_and_said_to_be():
    table = describe(["TiC", "(Ti,Zr)C"], ["omega_inverse"])
    assert np.isnan(table.values[0, 0])
    assert np.isfinite(table.values[1, 0])
    assert table.warnings == ("omega_inverse is undefined for 1 composition(s)",)


def test_precursors_are_those_of_the_structure_or_the_stable_ones():
    # lattice parameters in the table: TiC 4.327, WC in rock salt 4.383
    assert value("(Ti,W)C", "a_mean") == pytest.approx((4.327 + 4.383) / 2)
    # Cr3C2 has -85.35 kJ/mol per formula, so -28.45 per metal
    assert value("CrC", "formation_mean") == pytest.approx(-28.45)
    # half the metal's share goes to its carbide, half to its nitride
    assert value("TiC0.5N0.5", "a_mean") == pytest.approx((4.327 + 4.241) / 2)


def test_the_xray_density_of_a_binary_is_that_of_its_cell():
    # the table's own X-ray density of TiC is 4.909 g/cm3
    assert value("TiC", "density_xray") == pytest.approx(4.909, abs=0.003)


def test_ionic_character_of_one_bond():
    # Ti 1.54, C 2.55: 1 - exp(-(1.01/2)^2) = 0.225
    assert value("TiC", "ionic_character") == pytest.approx(0.225, abs=5e-4)
    assert value("TiC", "chi_gap") == pytest.approx(1.01)


def test_fractions_of_absent_elements_are_left_out():
    names = describe("(Hf,Zr)C", ["fractions"]).names
    assert "x_Hf" in names
    assert "x_Ti" not in names
    assert describe("(Hf,Zr)C", ["x_Ti"]).values.tolist() == [[0.0]]


def test_every_descriptor_says_what_it_is():
    for name, computed in catalogue().items():
        d = computed.descriptor
        assert d.name == name
        assert d.label, name
        assert d.latex, name
        assert d.typst, name
        assert d.family, name
        assert d.source, name
        assert d.kind in (1, 2)
        assert d.equation or name == "n_metals"


def test_lengths_share_a_unit_so_that_they_may_be_added():
    units = {
        c.descriptor.unit.text
        for c in catalogue().values()
        if c.descriptor.unit.dimension == parse_unit("m").dimension
    }
    assert units == {"Å"}


def test_missing_data_name_every_element_and_the_property():
    with pytest.raises(MissingDataError, match=r"chi_allen.*La") as caught:
        describe(["(Ti,Zr)C", "(La,Ce,Ti)C"], ["chi_allen_mean"])
    assert set(caught.value.missing) == {"Ce", "La"}
    table, gaps = describe_where_known(["(Ti,Zr)C", "(La,Ti)C"], ["chi_allen_mean"])
    assert len(table.samples) == 1
    assert gaps[0].position == 1


@pytest.mark.parametrize("text", ["SrTiO3", "(Cr,Mo)B", "(Ti,Zr)C0.5O0.5"])
def test_a_family_without_precursors_is_named(text):
    with pytest.raises(MissingDataError, match="no precursor data"):
        describe(text, ["a_mean"])


def test_words_that_are_no_descriptor_get_a_suggestion():
    with pytest.raises(TableError, match="did you mean 'delta'"):
        resolve(["detla"])
    assert resolve(["mixing entropy", "entropy"]) == ("entropy",)
    with pytest.raises(HecsrError, match="no compositions"):
        describe([])


def test_tables_select_and_join():
    table = describe(["(Ti,Zr)C", "TiC"], ["vec", "entropy"])
    assert (
        table.select(["entropy"]).values[:, 0].tolist() == table.values[:, 1].tolist()
    )
    assert table.rows([1]).samples == ("TiC",)
    with pytest.raises(TableError, match="repeat: vec, entropy"):
        table.join(table)
    with pytest.raises(TableError, match="did you mean 'vec'"):
        table.select(["vex"])


def test_supplied_columns_are_converted_to_the_quantitys_unit():
    load, given = supplied("load", "kgf")
    assert converted(np.array([1.0]), given, load.unit).tolist() == [9.80665]
    assert load.positive
    assert load.scale == 9.80665
    temperature, given = supplied("sintering_temperature", "°C")
    assert converted(np.array([1900.0]), given, temperature.unit) == pytest.approx(
        2173.15
    )
    own, given = supplied("my column", "°C")
    assert own.unit.text == "K"
    with pytest.raises(UnitError, match="'load' is given in 'K'"):
        supplied("load", "K")


def test_adding_a_metal_with_no_share_changes_nothing():
    plain = describe("(Ti0.5Zr0.5)C", ["elements", "alloy"]).values
    again = describe("(Zr,Ti)C", ["elements", "alloy"]).values
    assert np.array_equal(plain, again)
