"""Splits that train on what is low and test on what is beyond: metals, years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.errors import HecsrError
from hecsr.validation.folds import Splits
from hecsr.validation.leave_out import hold_out

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray


def more_metals(
    n_metals: ArrayLike,
    limits: Sequence[int],
    y: ArrayLike,
    *,
    min_rows: int = 5,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    classes: bool = False,
) -> Splits:
    """Train on compositions of few metals and test on those of more.

    Parameters
    ----------
    n_metals
        Different metals in each sample, shape (n,).
    limits
        The most metals to train on. With several, each is tested up to the next.

    Raises
    ------
    HecsrError
        If no limit leaves `min_rows` rows, and for `classes` both classes to train
        on.

    Examples
    --------
    >>> y = [1.0, 2.0, 3.0, 4.0, 5.0]
    >>> made = more_metals([1, 2, 5, 4, 6], [2, 4], y, min_rows=1)
    >>> [(s.label, s.train.tolist(), s.test.tolist()) for s in made]
    [('3 to 4 metals', [0, 1], [3]), ('5 and more metals', [0, 1, 3], [2, 4])]
    """

    def window(after: int, last: int | None) -> str:
        if last is None:
            return f"{after + 1} and more metals"
        reach = f"{last}" if last == after + 1 else f"{after + 1} to {last}"
        return f"{reach} metals"

    return _beyond(
        np.asarray(n_metals, dtype=np.float64),
        limits,
        y,
        name="more-metals",
        label="Extrapolation to more metals",
        description=f"trained on compositions of up to {_either(limits)} metals, "
        "tested on those of more",
        quantity="numbers of metals",
        window=window,
        min_rows=min_rows,
        groups=groups,
        classes=classes,
    )


def later_years(
    years: ArrayLike,
    limits: Sequence[int],
    y: ArrayLike,
    *,
    min_rows: int = 5,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    classes: bool = False,
) -> Splits:
    """Train on what was known at the end of a year and test on what came after.

    Parameters
    ----------
    years
        Year of each row, shape (n,); a row where it is NaN takes no part, for it
        may be of either side.
    limits
        The last years to train on. With several, each is tested up to the next: a
        window that expands.

    Raises
    ------
    HecsrError
        If no limit leaves `min_rows` rows, and for `classes` both classes to train
        on.

    Examples
    --------
    >>> y = [1.0, 2.0, 3.0, 4.0]
    >>> made = later_years([2018, 2019, 2020, 2023], [2018, 2020], y, min_rows=1)
    >>> [(s.label, s.train.tolist(), s.test.tolist()) for s in made]
    [('2019 to 2020', [0], [1, 2]), ('after 2020', [0, 1, 2], [3])]
    """

    def window(after: int, last: int | None) -> str:
        if last is None:
            return f"after {after}"
        return f"in {last}" if last == after + 1 else f"{after + 1} to {last}"

    values = np.asarray(years, dtype=np.float64)
    made = _beyond(
        values,
        limits,
        y,
        name="later-years",
        label="Extrapolation to later years",
        description=f"trained on rows of the years up to {_either(limits)}, tested on "
        "those of later ones",
        quantity="years",
        window=window,
        min_rows=min_rows,
        groups=groups,
        classes=classes,
    )
    unknown = int(np.isnan(values).sum())
    if not unknown:
        return made
    note = f"{made.scheme.label}: {unknown} rows without a year take no part"
    return Splits(made.scheme, made.splits, (note, *made.notes))


def _beyond(
    values: NDArray[np.float64],
    limits: Sequence[int],
    y: ArrayLike,
    *,
    name: str,
    label: str,
    description: str,
    quantity: str,
    window: Callable[[int, int | None], str],
    min_rows: int,
    groups: Sequence[Any] | NDArray[Any] | None,
    classes: bool,
) -> Splits:
    """Train up to each limit, and test from there up to the next one."""
    ends = sorted(set(limits))
    if not ends:
        raise HecsrError(f"{label}: no limit of the {quantity} is given")
    n_rows = len(np.asarray(y))
    if values.shape != (n_rows,):
        msg = f"{len(values)} {quantity} are given for {n_rows} rows"
        raise HecsrError(f"{label}: {msg}")
    sides = {}
    for after, last in zip(ends, [*ends[1:], None], strict=True):
        # a comparison with NaN is false: such a row is on neither side
        test = values > after
        if last is not None:
            test &= values <= last
        sides[window(after, last)] = (test, values <= after)
    again = ", up to the next of these" if len(ends) > 1 else ""
    try:
        made = hold_out(
            sides,
            y,
            name=name,
            label=label,
            description=description + again,
            min_rows=min_rows,
            groups=groups,
            classes=classes,
        )
    except HecsrError as error:
        found = _reach(values[~np.isnan(values)])
        raise HecsrError(f"{error}; {quantity} in the table: {found}") from None
    rows = ", ".join(f"{len(s.train)} and {len(s.test)}" for s in made)
    told = f"{made.scheme.description}; rows to train on and to test: {rows}"
    return made.named(name, label, told)


def _either(limits: Sequence[int]) -> str:
    *first, last = map(str, sorted(set(limits))) if limits else ("",)
    return f"{', '.join(first)} or {last}" if first else last


def _reach(known: NDArray[np.float64]) -> str:
    if not len(known):
        return "none"
    low, high = known.min(), known.max()
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
