"""Read element data from mendeleev, pymatgen and matminer, as they store them.

The three libraries are needed only here and in one test; the package itself runs
without them (``pip install hecsr[data]`` brings them).
"""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hecsr.errors import TableError

#: Libraries the build needs, by import name.
LIBRARIES = ("mendeleev", "pymatgen.core", "matminer")


def _folder(module: str) -> Path:
    """Return the folder of an installed library without importing it."""
    top = module.partition(".")[0]
    if find_spec(top) is None or (spec := find_spec(module)) is None:
        text = f"{top} is not installed; run: pip install 'hecsr[data]'"
        raise TableError(text)
    places = spec.submodule_search_locations
    if not places:
        text = f"{module} is installed in a form whose data files cannot be read"
        raise TableError(text)
    return Path(next(iter(places)))


@cache
def mendeleev_elements() -> dict[str, dict[str, Any]]:
    """Return mendeleev's stored columns by symbol.

    Reading its SQLite file is a hundred times faster than building its objects.

    Returns
    -------
    dict
        Symbol to column name to value, with ``melting_point`` and
        ``ionisation_energy`` joined in.
    """
    path = _folder("mendeleev") / "elements.db"
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        rows = [dict(row) for row in db.execute("select * from elements")]
        melting = {
            row["atomic_number"]: row["melting_point"]
            for row in db.execute(
                "select atomic_number, melting_point from phasetransitions "
                "where allotrope is null or allotrope = 'white'"
            )
        }
        ionisation = dict(
            db.execute(
                "select atomic_number, ionization_energy from ionizationenergies "
                "where ion_charge = 0"
            ).fetchall()
        )
    for row in rows:
        row["melting_point"] = melting.get(row["atomic_number"])
        row["ionisation_energy"] = ionisation.get(row["atomic_number"])
    return {row["symbol"]: row for row in rows}


@cache
def shannon_radii() -> dict[tuple[str, int, str], float]:
    """Return Shannon's effective ionic radii at coordination number 6.

    Returns
    -------
    dict
        (symbol, charge, spin) to radius in pm; spin is ``HS``, ``LS`` or empty.
    """
    path = _folder("mendeleev") / "elements.db"
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        rows = db.execute(
            "select e.symbol, i.charge, coalesce(i.spin, ''), i.ionic_radius "
            "from ionicradii i join elements e using (atomic_number) "
            "where i.coordination = 'VI'"
        ).fetchall()
    return {(symbol, charge, spin): radius for symbol, charge, spin, radius in rows}


@cache
def pymatgen_elements() -> dict[str, dict[str, Any]]:
    """Return pymatgen's periodic table by symbol, in the library's own units."""
    path = _folder("pymatgen.core") / "periodic_table.json.gz"
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        table: dict[str, dict[str, Any]] = json.load(stream)
    return {key: value for key, value in table.items() if not key.startswith("_")}


@cache
def magpie(table: str) -> dict[int, float]:
    """Return one Magpie table shipped with matminer, by atomic number."""
    folder = _folder("matminer") / "utils" / "data_files" / "magpie_elementdata"
    lines = (folder / f"{table}.table").read_text(encoding="utf-8").splitlines()
    found = {}
    for number, line in enumerate(lines, start=1):
        try:
            found[number] = float(line)
        except ValueError:  # "Missing", "None" or an empty line
            continue
    return found


def miedema_pairs() -> Iterator[tuple[str, str, float]]:
    """Yield element pairs with their mixing enthalpy in kJ/mol, as matminer has them.

    matminer names Takeuchi and Inoue (2005) as the origin of its file.
    """
    folder = _folder("matminer") / "utils" / "data_files"
    text = (folder / "MiedemaLiquidDeltaHf.tsv").read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        if line.strip():
            first, second, value = line.split()
            yield first, second, float(value)
