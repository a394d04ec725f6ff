"""The tables that ship with the package: what there is, and how to read it safely.

Each table is a CSV file described in ``data/datapackage.json`` (Frictionless). Its
SHA-256 is compared before a value is used, so that a number in a report is always
the number that was published with this version.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hecsr.errors import TableError, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

FOLDER = Path(__file__).parent / "data"
_REPAIR = "reinstall hecsr, or copy your own rows into a CSV of your own"


@dataclass(frozen=True)
class Field:
    """A column of a shipped table.

    Parameters
    ----------
    name : str
        Column name.
    type : str
        ``string``, ``number``, ``integer`` or ``boolean``.
    unit : str
        Unit of the numbers; empty where there is none.
    description : str
        What stands in the column.
    """

    name: str
    type: str
    unit: str
    description: str


@dataclass(frozen=True)
class TableInfo:
    """What is known of a shipped table without reading its rows.

    Parameters
    ----------
    name, title, description : str
        Key, heading and one sentence on the content.
    rows : int
        Number of rows.
    licence : str
        Licence of the table as a whole.
    fields : tuple of Field
        Columns in order.
    sources : tuple of str
        Titles of the sources.
    sha256 : str
        Digest of the file.
    """

    name: str
    title: str
    description: str
    rows: int
    licence: str
    fields: tuple[Field, ...]
    sources: tuple[str, ...]
    sha256: str


@cache
def _resources() -> Mapping[str, Mapping[str, Any]]:
    path = FOLDER / "datapackage.json"
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
        return {resource["name"]: resource for resource in package["resources"]}
    except (OSError, ValueError, KeyError) as error:
        text = f"the description of the shipped tables cannot be read: {path.name}"
        raise TableError(f"{text} ({error}); {_REPAIR}") from error


def _resource(name: str) -> Mapping[str, Any]:
    try:
        return _resources()[name]
    except KeyError:
        text = f"no shipped table '{name}'; {suggestion(name, names())}"
        raise TableError(text) from None


def names() -> tuple[str, ...]:
    """Return the keys of all shipped tables.

    Examples
    --------
    >>> "efa" in names()
    True
    """
    return tuple(_resources())


def info(name: str) -> TableInfo:
    """Describe one shipped table.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    TableInfo
        Title, columns with units, licence, sources and digest.

    Raises
    ------
    TableError
        If there is no such table.

    Examples
    --------
    >>> info("efa").rows
    483
    """
    resource = _resource(name)
    fields = tuple(
        Field(item["name"], item["type"], item.get("unit", ""), item["description"])
        for item in resource["schema"]["fields"]
    )
    return TableInfo(
        name=name,
        title=resource["title"],
        description=resource["description"],
        rows=resource["rows"],
        licence=resource["licenses"][0]["name"],
        fields=fields,
        sources=tuple(source["title"] for source in resource["sources"]),
        sha256=resource["hash"].removeprefix("sha256:"),
    )


@cache
def records(name: str) -> tuple[Mapping[str, str], ...]:
    """Return the rows of a shipped table as text, after comparing its digest.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Raises
    ------
    TableError
        If the table is unknown, absent or altered.
    """
    path = FOLDER / _resource(name)["path"]
    try:
        data = path.read_bytes()
    except OSError as error:
        text = f"the shipped table {path.name} cannot be read ({error.strerror})"
        raise TableError(f"{text}; {_REPAIR}") from error
    if hashlib.sha256(data).hexdigest() != info(name).sha256:
        text = f"the shipped table {path.name} has been altered since it was published"
        raise TableError(f"{text}; {_REPAIR}")
    return tuple(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


@cache
def _frame(name: str) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    columns: dict[str, Any] = {}
    rows = records(name)
    for field in info(name).fields:
        cells = [row[field.name] for row in rows]
        if field.type == "boolean":
            columns[field.name] = np.array([cell == "true" for cell in cells])
        elif field.type == "number":
            numbers = [float(cell) if cell else float("nan") for cell in cells]
            columns[field.name] = np.array(numbers, dtype=np.float64)
        elif field.type == "integer":
            whole = [int(cell) if cell else None for cell in cells]
            kind = "int64" if all(cells) else "Int64"
            columns[field.name] = pd.Series(whole, dtype=kind)
        else:
            columns[field.name] = cells
    return pd.DataFrame(columns)


def load(name: str) -> pd.DataFrame:
    """Return a shipped table as a data frame of its own.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    pandas.DataFrame
        Numbers as float64, whole numbers as int64 (Int64 where some are missing),
        flags as bool, text as text with the empty string where nothing is said.

    Raises
    ------
    TableError
        If the table is unknown, absent or altered.

    Examples
    --------
    >>> table = load("efa")
    >>> table.groupby("dataset").size().to_dict()
    {'divilov2024': 421, 'sarker2018_kaufmann2020': 62}
    """
    return _frame(name).copy()
