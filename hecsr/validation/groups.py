"""Groups of rows that must not be torn apart by a split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.errors import HecsrError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def connected_groups(*keys: Sequence[Any]) -> NDArray[np.intp]:
    """Return the connected component of each row, linked by equal values of a key.

    Two rows belong together if they agree in one of the keys, or through a chain of
    such rows: with the composition and the paper as keys, neither a composition nor
    a paper stands in two groups. A key that is None or NaN joins a row to nothing.

    Parameters
    ----------
    *keys
        One sequence per key, all as long as there are rows.

    Returns
    -------
    ndarray of int
        The group of each row, numbered in order of first appearance.

    Examples
    --------
    >>> connected_groups(["A", "A", "B", "C"], [None, "p", "p", None]).tolist()
    [0, 0, 0, 1]
    """
    if not keys:
        raise HecsrError("give at least one key to group by")
    lengths = {len(key) for key in keys}
    if len(lengths) > 1:
        raise HecsrError(f"the keys to group by differ in length: {sorted(lengths)}")
    n_rows = lengths.pop()
    root = list(range(n_rows))

    def find(row: int) -> int:
        while root[row] != row:
            root[row] = root[root[row]]
            row = root[row]
        return row

    for key in keys:
        first: dict[Any, int] = {}
        for row, value in enumerate(key):
            if is_missing(value):
                continue
            a, b = find(first.setdefault(value, row)), find(row)
            # the smaller row leads, so that numbering follows first appearance
            root[max(a, b)] = min(a, b)
    number: dict[int, int] = {}
    groups = [number.setdefault(find(row), len(number)) for row in range(n_rows)]
    return np.array(groups, dtype=np.intp)


def numbered(groups: Sequence[Any] | NDArray[Any], n_rows: int) -> NDArray[np.intp]:
    """Return the number of each row's group, in order of first appearance.

    Raises
    ------
    HecsrError
        If there is not one group for each of the `n_rows` rows.
    """
    if len(groups) != n_rows:
        raise HecsrError(f"{len(groups)} groups are given for {n_rows} rows")
    number: dict[Any, int] = {}
    return np.array([number.setdefault(g, len(number)) for g in groups], dtype=np.intp)


def is_missing(value: Any) -> bool:
    """Whether a key is None, NaN, NaT or pandas' NA."""
    # NaN and pandas' NaT differ from themselves; pandas.NA, asked first, neither way
    return value is None or str(value) == "<NA>" or value != value  # noqa: PLR0124
