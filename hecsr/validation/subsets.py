"""Folds within a part of the rows: trained and tested on these alone."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.errors import ConfigError, HecsrError
from hecsr.validation.folds import Splits, k_fold

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def folds_within(
    label: str,
    mask: ArrayLike,
    y: ArrayLike,
    *,
    n_splits: int = 5,
    n_repeats: int = 1,
    groups: NDArray[Any] | None = None,
    stratified: bool = False,
    seed: int = 0,
) -> Splits:
    """Split the rows of a subset as :func:`~hecsr.validation.folds.k_fold` does.

    The other rows are neither trained on nor tested. The splits name positions among
    all rows.

    Parameters
    ----------
    label
        What the subset is called; the scheme bears it.
    mask
        Which rows belong to it, shape (n,).
    y
        Target of all rows, shape (n,).

    Raises
    ------
    ConfigError
        If the subset holds too few rows, groups or members of a class for the folds.

    Examples
    --------
    >>> made = folds_within("first", [True] * 4 + [False], [0, 1, 2, 3, 4], n_splits=2)
    >>> made.scheme.name, sorted(i for s in made for i in s.test.tolist())
    ('first', [0, 1, 2, 3])
    """
    rows = np.flatnonzero(np.asarray(mask, dtype=bool))
    target = np.asarray(y)
    if not len(rows):
        raise ConfigError(f"the subset '{label}' holds no row; change its 'select'")
    try:
        made = k_fold(
            target[rows],
            n_splits=n_splits,
            n_repeats=n_repeats,
            groups=None if groups is None else np.asarray(groups)[rows],
            stratified=stratified,
            seed=seed,
        )
    except HecsrError as error:
        raise ConfigError(f"the subset '{label}': {error}") from error
    scheme = replace(
        made.scheme,
        name=_slug(label),
        label=label[:1].upper() + label[1:],
        description=f"trained and tested on {len(rows)} of the {len(target)} rows "
        f"alone; {made.scheme.description}",
    )
    splits = tuple(
        replace(split, train=rows[split.train], test=rows[split.test]) for split in made
    )
    return Splits(scheme, splits, made.notes)


def _slug(label: str) -> str:
    """Return a label as it may stand in the name of a file."""
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")
