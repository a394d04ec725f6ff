"""The two sets of precursor compounds and what is known of them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from hecsr.errors import MissingDataError, TableError
from hecsr.tables import elements, load, precursors

NINE = ["Cr", "Hf", "Mo", "Nb", "Ta", "Ti", "V", "W", "Zr"]
AVOGADRO = 0.602214076  # 1e24 per mole: from g/mol and cubic angstrom to g/cm3


def test_compound_is_the_key() -> None:
    table = load("precursor_compounds")
    assert table["compound"].is_unique
    assert table["formula"].duplicated().any()  # WC occurs twice


def test_a_metal_stands_once_in_each_set() -> None:
    table = load("precursor_compounds")
    for which in ("structural_set", "stable_set"):
        assert not table[table[which]].duplicated(["family", "metal"]).any()
    assert (table["structural_set"] | table["stable_set"]).all()


def test_carbides_of_group_six_differ_between_the_sets() -> None:
    structural = precursors.compounds("carbide", "structural")
    stable = precursors.compounds("carbide", "stable")
    assert sorted(structural) == sorted(stable) == NINE
    keys = {m: (structural[m].key, stable[m].key) for m in NINE}
    differing = {m: pair for m, pair in keys.items() if pair[0] != pair[1]}
    assert differing == {
        "Cr": ("CrC", "Cr3C2"),
        "Mo": ("MoC", "Mo2C"),
        "W": ("WC_B1", "WC"),
    }


@pytest.mark.parametrize("prop", ["lattice_a", "volume", "density_xray"])
@pytest.mark.parametrize("family", ["carbide", "diboride"])
def test_structural_sets_are_complete_where_descriptors_need_them(
    family: str, prop: str
) -> None:
    assert np.isfinite(precursors.values(family, prop, "structural", NINE)).all()


def test_rock_salt_moduli_and_stable_enthalpies_are_complete() -> None:
    for prop in ("bulk_modulus", "shear_modulus", "young_modulus"):
        assert (precursors.values("carbide", prop, "structural", NINE) > 0).all()
    enthalpy = precursors.values("carbide", "formation_enthalpy", "stable", NINE)
    assert (enthalpy < 0).all()


def test_enthalpy_is_per_mole_of_metal_unless_asked_otherwise() -> None:
    per_metal = precursors.values("carbide", "formation_enthalpy", "stable", ["Cr"])
    given = precursors.values(
        "carbide", "formation_enthalpy", "stable", ["Cr"], per_metal=False
    )
    assert given.tolist() == [-85.35]  # Cr3C2, NIST-JANAF
    assert per_metal == pytest.approx(given / 3)


def test_rock_salt_set_carries_no_melting_point_of_another_carbide() -> None:
    with pytest.raises(MissingDataError) as caught:
        precursors.values("carbide", "melting_point", "structural", NINE)
    assert caught.value.missing == ("Cr", "Mo", "W")


def test_missing_value_names_metal_family_set_and_property() -> None:
    with pytest.raises(MissingDataError) as caught:
        precursors.values("diboride", "formation_enthalpy", "stable", ["Ti", "Zr"])
    text = str(caught.value)
    for word in ("formation_enthalpy", "stable", "diboride", "Ti"):
        assert word in text
    assert caught.value.missing == ("Ti",)


def test_unknown_words_are_refused_with_what_is_allowed() -> None:
    with pytest.raises(TableError, match="carbide"):
        precursors.values("carbides", "volume", "stable", ["Ti"])
    with pytest.raises(TableError, match="did you mean 'volume'"):
        precursors.values("carbide", "volumes", "stable", ["Ti"])
    with pytest.raises(TableError, match="structural, stable"):
        precursors.metals("carbide", "rocksalt")  # type: ignore[arg-type]


def test_withheld_values_are_nowhere_in_use() -> None:
    used = load("precursor_properties").set_index(["compound", "property"])["value"]
    for row in load("withheld").itertuples():
        key = (row.compound, row.property)
        assert key not in used.index or used[key] != row.value_seen, key


def test_units_are_the_same_for_all_values_of_a_property() -> None:
    units = load("precursor_properties").groupby("property")["unit"].nunique()
    assert (units == 1).all()


def test_volume_follows_from_the_cubic_lattice_parameter() -> None:
    for family in ("carbide", "nitride"):
        metals = [
            metal
            for metal in precursors.metals(family, "structural")
            if precursors.compounds(family, "structural")[metal].structure == "rocksalt"
        ]
        a = precursors.values(family, "lattice_a", "structural", metals)
        volume = precursors.values(family, "volume", "structural", metals)
        np.testing.assert_allclose(a**3 / 4, volume, rtol=2e-4)


@pytest.mark.parametrize(
    ("family", "anion", "per_metal"),
    [("carbide", "C", 1), ("nitride", "N", 1), ("diboride", "B", 2)],
)
def test_xray_density_follows_from_volume_and_mass(
    family: str, anion: str, per_metal: int
) -> None:
    metals = precursors.metals(family, "structural")
    mass = elements.values("mass", metals)
    mass = mass + per_metal * elements.property_values("mass")[anion]
    volume = precursors.values(family, "volume", "structural", metals)
    density = precursors.values(family, "density_xray", "structural", metals)
    np.testing.assert_allclose(mass / AVOGADRO / volume, density, rtol=5e-4)


def test_moduli_agree_with_each_other() -> None:
    table = load("precursor_properties").pivot_table(
        index="compound", columns="property", values="value"
    )
    whole = table.dropna(subset=["bulk_modulus", "shear_modulus", "young_modulus"])
    b, g = whole["bulk_modulus"], whole["shear_modulus"]
    young = 9 * b * g / (3 * b + g)
    np.testing.assert_allclose(young, whole["young_modulus"], rtol=0.01)


@pytest.mark.parametrize(
    ("family", "which"), [*product(precursors.families(), ("structural", "stable"))]
)
def test_facts_carry_their_source(family: str, which: str) -> None:
    for prop in precursors.properties():
        for fact in precursors.facts(family, prop, which).values():  # type: ignore[arg-type]
            assert fact.source
