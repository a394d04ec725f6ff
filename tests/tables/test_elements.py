"""Element properties and mixing enthalpies."""

from __future__ import annotations

import csv
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from hecsr.errors import MissingDataError, TableError
from hecsr.tables import elements, load, mixing_enthalpies, mixing_enthalpy
from hecsr.tables.periodic import ATOMIC_NUMBER, SYMBOLS

ANCHORS = Path(__file__).parents[1] / "anchors"
CARBIDE_METALS = [
    "Ti",
    "Zr",
    "Hf",
    "V",
    "Nb",
    "Ta",
    "Cr",
    "Mo",
    "W",
    "Mn",
    "Ir",
    "Si",
    "Sc",
    "Y",
]


def symbols_in(table: str) -> set[str]:
    text = " ".join(load(table)["composition"])
    return set(re.findall("[A-Z][a-z]?", text))


def test_there_are_118_symbols_in_order() -> None:
    assert len(SYMBOLS) == len(set(SYMBOLS)) == 118
    assert (SYMBOLS[0], SYMBOLS[71], SYMBOLS[117]) == ("H", "Hf", "Og")
    assert ATOMIC_NUMBER["W"] == 74
    assert frozenset(SYMBOLS) == elements.KNOWN


def test_a_property_has_one_value_per_element() -> None:
    table = load("elements")
    assert not table.duplicated(["symbol", "property"]).any()
    assert set(table["symbol"]) <= elements.KNOWN


def test_every_property_is_described_and_used() -> None:
    assert set(load("elements")["property"]) == set(elements.properties())


@pytest.mark.parametrize("prop", list(elements.properties()))
def test_the_metals_of_the_efa_table_are_complete(prop: str) -> None:
    held = elements.property_values(prop)
    assert [symbol for symbol in CARBIDE_METALS if symbol not in held] == []


@pytest.mark.parametrize("table", ["efa", "formability", "hardness"])
def test_elements_of_the_tables_have_the_basic_properties(table: str) -> None:
    for prop in ("mass", "vec", "r_covalent", "r_atomic", "ionisation_energy"):
        assert symbols_in(table) <= set(elements.property_values(prop)), prop


def test_values_are_physically_possible() -> None:
    for prop in elements.properties():
        found = elements.property_values(prop)
        positive = prop != "valence"
        assert all(np.isfinite(v) for v in found.values())
        assert not positive or min(found.values()) > 0, prop


def test_ionic_radii_are_effective_not_crystal_radii() -> None:
    # Shannon's effective radius of Ti(IV); his crystal radius is 74.5 pm.
    assert elements.property_values("r_ionic")["Ti"] == 60.5


def test_vec_leaves_the_4f_shell_out() -> None:
    assert elements.values("vec", ["Hf", "Ta", "W"]).tolist() == [4, 5, 6]


def test_mass_over_density_is_the_molar_volume() -> None:
    # Two sources that must agree; graphite and alpha phases differ by a few percent.
    held = elements.property_values("molar_volume")
    for symbol in CARBIDE_METALS:
        mass, density = (
            elements.property_values(prop)[symbol] for prop in ("mass", "density")
        )
        assert mass / density == pytest.approx(held[symbol], rel=0.03), symbol


def test_missing_values_name_every_element_and_the_property() -> None:
    with pytest.raises(MissingDataError, match="no r_metallic") as caught:
        elements.values("r_metallic", ["Ti", "Nd", "Gd"])
    assert caught.value.missing == ("Gd", "Nd")
    assert caught.value.property == "r_metallic"


def test_misspelt_property_is_refused_with_a_suggestion() -> None:
    with pytest.raises(TableError, match="did you mean 'r_metallic'"):
        elements.values("r_metalic", ["Ti"])


def test_values_follow_the_order_asked_for() -> None:
    forward = elements.values("mass", ["W", "Ti", "W"])
    assert forward[0] == forward[2] > forward[1]


def test_a_fact_tells_its_source() -> None:
    fact = elements.facts("r_ionic")["Cr"]
    assert fact.source == "shannon1976"
    assert "3+" in fact.note


def test_pairs_stand_once_in_alphabetical_order() -> None:
    table = load("mixing_enthalpy")
    pairs = list(zip(table["element_a"], table["element_b"], strict=True))
    assert all(a < b for a, b in pairs)
    assert max(Counter(pairs).values()) == 1


def test_mixing_enthalpy_is_symmetric_and_zero_for_one_metal() -> None:
    for a, b in combinations(CARBIDE_METALS, 2):
        assert mixing_enthalpy(a, b) == mixing_enthalpy(b, a)
    assert mixing_enthalpy("Ti", "Ti") == 0.0
    matrix = mixing_enthalpies(CARBIDE_METALS)
    assert (matrix == matrix.T).all()
    assert (np.diag(matrix) == 0).all()


def test_missing_pair_is_named_never_zero() -> None:
    with pytest.raises(MissingDataError, match="O-Ti"):
        mixing_enthalpy("Ti", "O")
    with pytest.raises(MissingDataError, match="O-O"):
        mixing_enthalpy("O", "O")
    with pytest.raises(MissingDataError) as caught:
        mixing_enthalpies(["Ti", "O", "Zr"])
    assert caught.value.missing == ("O-O", "O-Ti", "O-Zr")


def anchors(name: str) -> list[dict[str, str]]:
    with (ANCHORS / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize(
    "row",
    anchors("mixing_enthalpy.csv"),
    ids=lambda r: f"{r['element_a']}-{r['element_b']}",
)
def test_mixing_enthalpy_is_the_published_one(row: dict[str, str]) -> None:
    found = mixing_enthalpy(row["element_a"], row["element_b"])
    # Printed as whole numbers of kJ/mol.
    assert found == pytest.approx(float(row["mixing_enthalpy"]), abs=0.5)


@pytest.mark.parametrize(
    "row", anchors("alloy_mixing_enthalpy.csv"), ids=lambda r: r["alloy"]
)
def test_pairs_add_up_to_published_enthalpies_of_alloys(row: dict[str, str]) -> None:
    parts = re.findall(r"([A-Z][a-z]?)([\d.]*)", row["alloy"])
    amounts = np.array([float(amount or 1) for _, amount in parts])
    c = amounts / amounts.sum()
    pairs = mixing_enthalpies([symbol for symbol, _ in parts])
    # Sum over i < j of 4 H_ij c_i c_j; printed with two decimals.
    found = 2 * c @ pairs @ c
    assert found == pytest.approx(float(row["mixing_enthalpy"]), abs=0.006)
