"""Descriptors against numbers printed in papers; see tests/anchors/README.md."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from hecsr.descriptors import describe
from hecsr.descriptors.entropy import mixing_entropy
from hecsr.descriptors.size import mismatch

ANCHORS = Path(__file__).parents[1] / "anchors"
GAS_CONSTANT = 8.314462618  # J/(mol K), exact in SI to the digits given


def anchors(name: str) -> list[dict[str, str]]:
    with (ANCHORS / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


RADII = {
    row["symbol"]: float(row["radius_angstrom"])
    for row in anchors("size_mismatch_radii.csv")
}


def amounts(alloy: str) -> dict[str, float]:
    parts = re.findall(r"([A-Z][a-z]?)([\d.]*)", alloy)
    return {symbol: float(amount or 1) for symbol, amount in parts}


@pytest.mark.parametrize("row", anchors("size_mismatch.csv"), ids=lambda r: r["alloy"])
def test_size_mismatch_is_the_published_one(row: dict[str, str]) -> None:
    given = amounts(row["alloy"])
    fractions = np.array(list(given.values())) / sum(given.values())
    radii = np.array([RADII[symbol] for symbol in given])
    published = float(row["mismatch_percent"])
    # The radii have two decimals; half a digit of one moves this by up to 0.15.
    assert 100 * mismatch(fractions, radii) == pytest.approx(published, abs=0.10)


def test_at_least_ten_published_mismatches_are_compared() -> None:
    assert len(anchors("size_mismatch.csv")) >= 10


@pytest.mark.parametrize(
    ("count", "printed"), [(2, 0.693), (3, 1.099), (4, 1.386), (5, 1.609), (6, 1.792)]
)
def test_mixing_entropy_of_equal_parts_in_gas_constants(
    count: int, printed: float
) -> None:
    entropy = mixing_entropy(np.full(count, 1 / count))
    # The printed values (for five metals 1.609 R) have three decimals.
    assert entropy / GAS_CONSTANT == pytest.approx(printed, abs=5e-4)


def test_vec_of_the_deed_table() -> None:
    rows = anchors("vec_deed.csv")
    assert len(rows) == 33
    frame = describe([row["composition"] for row in rows], ["vec"]).frame
    # The sums are of whole numbers; 0.3333 of three metals is rounding, 0.003.
    np.testing.assert_allclose(
        frame["vec"].to_numpy(dtype=float),
        [float(row["vec"]) for row in rows],
        atol=0.005,
    )
