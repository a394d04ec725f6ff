"""Mixing enthalpies of metal pairs: Miedema's model as tabulated in 2005.

Takeuchi and Inoue, Mater. Trans. 46 (2005) 2817, 10.2320/matertrans.46.2817.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from hecsr.errors import MissingDataError
from hecsr.tables.catalogue import records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_NAME = "mixing enthalpy"
_ADVICE = "the table holds pairs of metals only"


@cache
def _table() -> Mapping[tuple[str, str], float]:
    return {
        (row["element_a"], row["element_b"]): float(row["mixing_enthalpy"])
        for row in records("mixing_enthalpy")
    }


@cache
def _metals() -> frozenset[str]:
    return frozenset(symbol for pair in _table() for symbol in pair)


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a <= b else (b, a)


def _known(a: str, b: str) -> bool:
    return a in _metals() if a == b else _pair(a, b) in _table()


def mixing_enthalpy(a: str, b: str) -> float:
    """Return the mixing enthalpy of the equimolar liquid of two metals, kJ/mol.

    Parameters
    ----------
    a, b : str
        Element symbols, in any order.

    Returns
    -------
    float
        kJ per mole of atoms; zero for a metal with itself.

    Raises
    ------
    MissingDataError
        If the table does not hold the pair.

    Examples
    --------
    >>> mixing_enthalpy("Zr", "Cr")
    -12.0
    """
    if not _known(a, b):
        raise MissingDataError("pair", ["-".join(_pair(a, b))], _NAME, _ADVICE)
    return 0.0 if a == b else _table()[_pair(a, b)]


def mixing_enthalpies(symbols: Sequence[str]) -> NDArray[np.float64]:
    """Return the symmetric matrix of mixing enthalpies of some metals, kJ/mol.

    Parameters
    ----------
    symbols : sequence of str
        Element symbols.

    Returns
    -------
    ndarray of shape (len(symbols), len(symbols))
        kJ per mole of atoms, zero on the diagonal.

    Raises
    ------
    MissingDataError
        If pairs are missing; all of them are named.

    Examples
    --------
    >>> mixing_enthalpies(["Ti", "Zr", "Cr"])[2].tolist()
    [-7.0, -12.0, 0.0]
    """
    pairs = [*combinations(symbols, 2), *((one, one) for one in symbols)]
    missing = ["-".join(_pair(a, b)) for a, b in pairs if not _known(a, b)]
    if missing:
        raise MissingDataError("pair(s)", missing, _NAME, _ADVICE)
    matrix = [[mixing_enthalpy(a, b) for b in symbols] for a in symbols]
    return np.array(matrix, dtype=np.float64)
