"""Make the element tables anew: ``python -m hecsr.tables.build_elements``.

Reads mendeleev, pymatgen and matminer (``pip install 'hecsr[data]'``), adds the
conventions in :mod:`hecsr.tables.build.choices`, writes ``properties.csv``,
``elements.csv`` and ``mixing_enthalpy.csv``, and seals the datapackage again. The
same library versions give the same bytes.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

from hecsr.tables.build.collect import element_rows, mixing_rows
from hecsr.tables.build.properties import PROPERTIES
from hecsr.tables.build.seal import seal, write_table

if TYPE_CHECKING:
    from collections.abc import Sequence

SHIPPED = Path(__file__).parent / "data"


def build(folder: Path) -> None:
    """Write the three tables into a folder and seal it.

    Parameters
    ----------
    folder : Path
        Made if absent; the other shipped tables are copied into it first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if folder.resolve() != SHIPPED.resolve():
        shutil.copytree(SHIPPED, folder, dirs_exist_ok=True)
    write_table(
        folder / "properties.csv",
        ("property", "label", "unit", "convention", "description"),
        [astuple(prop) for prop in PROPERTIES],
    )
    write_table(
        folder / "elements.csv",
        ("symbol", "property", "value", "source", "note"),
        [astuple(row) for row in element_rows()],
    )
    write_table(
        folder / "mixing_enthalpy.csv",
        ("element_a", "element_b", "mixing_enthalpy", "source"),
        mixing_rows(),
    )
    seal(folder)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the build from the command line."""
    parser = argparse.ArgumentParser(description="Make the element tables anew.")
    parser.add_argument(
        "--out", type=Path, default=SHIPPED, help="folder to write to (the shipped one)"
    )
    build(parser.parse_args(arguments).out)


if __name__ == "__main__":
    main()
