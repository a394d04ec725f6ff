"""The facts that ship with the package, and the reader of a user's own tables.

``names``, ``info`` and ``load`` give whole tables; the modules ``elements`` and
``precursors`` and the function ``mixing_enthalpy`` give single values; every value
carries the key of a source that ``citation`` resolves.
"""

from __future__ import annotations

from hecsr.tables import elements, precursors
from hecsr.tables.catalogue import Field, TableInfo, info, load, names
from hecsr.tables.citations import Source, citation, sources
from hecsr.tables.mixing import mixing_enthalpies, mixing_enthalpy
from hecsr.tables.user import UserTable, read_user_csv

__all__ = [
    "Field",
    "Source",
    "TableInfo",
    "UserTable",
    "citation",
    "elements",
    "info",
    "load",
    "mixing_enthalpies",
    "mixing_enthalpy",
    "names",
    "precursors",
    "read_user_csv",
    "sources",
]
