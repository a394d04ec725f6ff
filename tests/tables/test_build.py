"""The element tables against the libraries they are made from and against others.

Where the libraries agree with the table nothing is listed; every disagreement is,
with its reason, and a new one fails the test.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from hecsr.errors import TableError
from hecsr.tables import elements, load
from hecsr.tables.build import choices, libraries
from hecsr.tables.build.collect import number
from hecsr.tables.build.libraries import (
    magpie,
    mendeleev_elements,
    pymatgen_elements,
)
from hecsr.tables.build_elements import SHIPPED, main
from hecsr.tables.periodic import ATOMIC_NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ABSENT = [
    name for name in ("mendeleev", "pymatgen", "matminer") if find_spec(name) is None
]
needs_libraries = pytest.mark.skipif(
    bool(ABSENT),
    reason=f"not installed: {', '.join(ABSENT)} (pip install 'hecsr[data]')",
)

F_SHELL = "Magpie counts the filled 4f shell"
LANTHANIDE = "Magpie counts 4f electrons; here lanthanides are trivalent"
P_BLOCK = "Magpie counts the filled d (and f) shell below the p shell"
ALLEN = "Magpie's value does not follow from the published configuration energy"
OLD_PAULING = "mendeleev follows a handbook that keeps Pauling's older value"
AVERAGED = "mendeleev averages over spin or bonding states"
ALKALI = "pymatgen does not scale the body-centred metal to twelve neighbours"
GALLIUM = "gallium has no close-packed form; the scaling differs"
GLASS = "Miracle's radii are fitted to metallic glasses, not to the metals"
HANDBOOKS = "handbooks differ by one to five percent"
MELTING = "handbooks differ by up to two percent"
TRIPLE = "melting point against triple point"
COMPRESSION = "measured or derived differently; compilations differ by 10 to 130 %"
BORON = "boron forms with different stiffness"

Disagreements = dict[str, str]


def magpie_of(table: str, scale: float = 1.0) -> Callable[[str], float | None]:
    def look_up(symbol: str) -> float | None:
        value = magpie(table).get(ATOMIC_NUMBER[symbol])
        return None if value is None else value * scale

    return look_up


def pymatgen_of(key: str, scale: float = 1.0) -> Callable[[str], float | None]:
    def look_up(symbol: str) -> float | None:
        value = pymatgen_elements()[symbol].get(key)
        return None if value is None else value * scale

    return look_up


def mendeleev_of(key: str) -> Callable[[str], float | None]:
    return lambda symbol: mendeleev_elements()[symbol][key]


def effective_radius(symbol: str) -> float | None:
    charge, spin, _ = choices.VALENCE[symbol]
    table = pymatgen_elements()[symbol]["Shannon radii"]
    words = {"HS": "High Spin", "LS": "Low Spin", "": ""}[spin]
    entry = table.get(str(charge), {}).get("VI", {})
    found = entry.get(words) or (next(iter(entry.values())) if entry else None)
    return None if found is None else 100 * found["ionic_radius"]


def first_ionisation(symbol: str) -> float | None:
    energies = pymatgen_elements()[symbol].get("Ionization energies")
    return energies[0] if energies else None


def crystal_radius(symbol: str) -> float | None:
    charge = choices.VALENCE[symbol][0]
    value = pymatgen_elements()[symbol].get("Ionic radii", {}).get(str(charge))
    return None if value is None else 100 * value


def disagreements(
    prop: str, look_up: Callable[[str], float | None], tolerance: float
) -> set[str]:
    """Return the elements whose value elsewhere is beyond a relative tolerance."""
    found = set()
    for symbol, value in elements.property_values(prop).items():
        other = look_up(symbol)
        if other is not None and abs(other - value) > tolerance * abs(value):
            found.add(symbol)
    return found


_DENSITY = dict.fromkeys(
    ["B", "Ba", "C", "Ce", "K", "Mn", "Pr", "Re", "Ru", "Sm", "Ta", "V", "Yb"],
    HANDBOOKS,
)
_STIFFNESS = {
    "B": BORON,
    **dict.fromkeys(
        [
            "Ca",
            "Cd",
            "Cr",
            "Eu",
            "La",
            "Lu",
            "Mg",
            "Mn",
            "Mo",
            "Ru",
            "Sc",
            "Sm",
            "Tm",
            "Y",
            "Yb",
            "Zn",
        ],
        COMPRESSION,
    ),
}

#: (property, other library, look-up, relative tolerance, accepted disagreements)
COMPARISONS: list[
    tuple[str, str, Callable[[str], float | None], float, Disagreements]
] = [
    ("mass", "pymatgen", pymatgen_of("Atomic mass"), 1e-3, {}),
    ("mass", "Magpie", magpie_of("AtomicWeight"), 1e-3, {}),
    (
        "vec",
        "Magpie",
        magpie_of("NValence"),
        0,
        {
            **dict.fromkeys(["Hf", "Ta", "W", "Re", "Ir"], F_SHELL),
            **dict.fromkeys(["Ga", "Sn", "Bi"], P_BLOCK),
            **dict.fromkeys(
                [
                    "Ce",
                    "Pr",
                    "Nd",
                    "Sm",
                    "Eu",
                    "Gd",
                    "Tb",
                    "Dy",
                    "Ho",
                    "Er",
                    "Tm",
                    "Yb",
                    "Lu",
                ],
                LANTHANIDE,
            ),
        },
    ),
    (
        "chi_pauling",
        "mendeleev",
        mendeleev_of("en_pauling"),
        5e-3,
        dict.fromkeys(("W", "Bi", "Lu"), OLD_PAULING),
    ),
    ("chi_pauling", "Magpie", magpie_of("Electronegativity"), 5e-3, {}),
    (
        "chi_allen",
        "Magpie",
        magpie_of("AllenElectronegativity"),
        4e-3,
        dict.fromkeys(("Hf", "Ta", "W", "Lu"), ALLEN),
    ),
    (
        "r_metallic",
        "pymatgen",
        pymatgen_of("Metallic radius", 100),
        0.01,
        {**dict.fromkeys(("Li", "Na", "K"), ALKALI), "Ga": GALLIUM},
    ),
    (
        "r_metallic",
        "Magpie",
        magpie_of("MiracleRadius"),
        0.05,
        dict.fromkeys(("Si", "Bi", "Na"), GLASS),
    ),
    (
        "r_covalent",
        "mendeleev",
        mendeleev_of("covalent_radius_cordero"),
        1e-3,
        dict.fromkeys(("C", "Mn", "Fe", "Co"), AVERAGED),
    ),
    ("r_covalent", "Magpie", magpie_of("CovalentRadius"), 1e-3, {}),
    ("r_atomic", "pymatgen", pymatgen_of("Atomic radius", 100), 1e-3, {}),
    ("r_atomic", "Magpie", magpie_of("AtomicRadius", 100), 1e-3, {}),
    ("r_ionic", "pymatgen", effective_radius, 1e-3, {}),
    (
        "density",
        "pymatgen",
        pymatgen_of("Density of solid", 1e-3),
        0.01,
        {**_DENSITY, "Nd": HANDBOOKS},
    ),
    ("density", "Magpie", magpie_of("Density", 1e-3), 0.01, _DENSITY),
    (
        "melting_point",
        "pymatgen",
        pymatgen_of("Melting point"),
        5e-3,
        {**dict.fromkeys(["Ho", "Ir", "Lu", "Nd"], MELTING), "O": TRIPLE},
    ),
    (
        "melting_point",
        "Magpie",
        magpie_of("MeltingT"),
        5e-3,
        {**dict.fromkeys(["Er", "Ir"], MELTING), "O": TRIPLE},
    ),
    ("molar_volume", "Magpie", magpie_of("MolarVolume"), 1e-3, {}),
    ("bulk_modulus", "pymatgen", pymatgen_of("Bulk modulus"), 0.1, _STIFFNESS),
    ("bulk_modulus", "Magpie", magpie_of("BulkModulus"), 0.1, _STIFFNESS),
    ("ionisation_energy", "pymatgen", first_ionisation, 1e-3, {}),
    ("ionisation_energy", "Magpie", magpie_of("FirstIonizationEnergy"), 1e-3, {}),
]


@needs_libraries
@pytest.mark.data
@pytest.mark.parametrize(
    ("prop", "library", "look_up", "tolerance", "accepted"),
    COMPARISONS,
    ids=[f"{row[0]}-{row[1]}" for row in COMPARISONS],
)
def test_table_agrees_with_other_libraries_but_for_what_is_listed(
    prop: str,
    library: str,
    look_up: Callable[[str], float | None],
    tolerance: float,
    accepted: Disagreements,
) -> None:
    found = disagreements(prop, look_up, tolerance)
    assert found == set(accepted), library
    assert all(accepted.values())


@needs_libraries
@pytest.mark.data
def test_pymatgen_ionic_radii_are_crystal_radii() -> None:
    # Shannon: a cation's crystal radius is 14 pm larger, an anion's 14 pm smaller.
    compared = 0
    for symbol, value in elements.property_values("r_ionic").items():
        other = crystal_radius(symbol)
        if other is not None:
            shift = -14 if symbol == "O" else 14
            assert other == pytest.approx(value + shift, abs=0.4), symbol
            compared += 1
    assert compared > 40


@needs_libraries
@pytest.mark.data
def test_mixing_enthalpies_are_those_of_matminer() -> None:
    held = {(a, b): value for a, b, value in libraries.miedema_pairs()}
    for row in load("mixing_enthalpy").itertuples():
        pair = (row.element_a, row.element_b)
        assert held.get(pair, held.get(pair[::-1])) == row.mixing_enthalpy


@needs_libraries
@pytest.mark.data
def test_building_again_gives_the_shipped_bytes(tmp_path: Path) -> None:
    main(["--out", str(tmp_path / "built")])
    for path in sorted(SHIPPED.iterdir()):
        built = tmp_path / "built" / path.name
        assert built.read_bytes() == path.read_bytes(), path.name


@pytest.mark.skipif(not ABSENT, reason="all data libraries are installed")
def test_build_without_the_libraries_says_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"pip install 'hecsr\[data\]'"):
        main(["--out", str(tmp_path / "built")])
    assert set(libraries.LIBRARIES)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (113.99999999999999, "114"),
        (0.1 + 0.2, "0.3"),
        (-0.0, "0"),
        (6.82812, "6.82812"),
    ],
)
def test_numbers_are_written_without_binary_noise(value: float, text: str) -> None:
    assert number(value) == text


def test_every_metal_of_the_build_has_its_choices() -> None:
    metals = set(choices.METALS)
    assert metals <= set(choices.VEC)
    assert metals <= set(choices.VALENCE)
