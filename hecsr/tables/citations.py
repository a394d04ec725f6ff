"""Sources of the shipped values, by the key that stands beside each value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from hecsr.errors import TableError, suggestion
from hecsr.tables.catalogue import load, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd


@dataclass(frozen=True)
class Source:
    """Where a value was read.

    Parameters
    ----------
    key : str
        Short name used in the tables.
    citation : str
        Authors, title or journal.
    doi : str
        Digital object identifier; empty where it could not be confirmed.
    locator : str
        Address or place where the facts were read.
    licence : str
        Terms of the source.
    note : str
        What a reader should know of it.
    """

    key: str
    citation: str
    doi: str
    locator: str
    licence: str
    note: str


@cache
def _all() -> Mapping[str, Source]:
    return {row["key"]: Source(**row) for row in records("sources")}


def citation(key: str) -> Source:
    """Return the source a key stands for.

    Parameters
    ----------
    key : str
        Key from the ``source`` column of a table.

    Raises
    ------
    TableError
        If no source has that key.

    Examples
    --------
    >>> citation("takeuchi_inoue2005").doi
    '10.2320/matertrans.46.2817'
    """
    try:
        return _all()[key]
    except KeyError:
        text = f"no source '{key}'; {suggestion(key, _all())}"
        raise TableError(text) from None


def sources(keys: Iterable[str] | None = None) -> pd.DataFrame:
    """Return sources as a table, in the order asked for and each once.

    Parameters
    ----------
    keys : iterable of str, optional
        Keys wanted; all of them by default.

    Raises
    ------
    TableError
        If a key is unknown.
    """
    table = load("sources")
    if keys is None:
        return table
    wanted = [citation(key).key for key in dict.fromkeys(keys)]
    return table.set_index("key").loc[wanted].reset_index()
