"""Splits that leave out one kind: a row, an element, a source, a family, any label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import HecsrError
from hecsr.result import Scheme
from hecsr.validation.folds import Split, Splits
from hecsr.validation.groups import is_missing, numbered

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Groups = Sequence[Any] | NDArray[Any]
    Mask = NDArray[np.bool_]

ROW_BY_ROW: Final = "leave-one-out"
"""The scheme whose folds are too small to be scored one by one."""

_MOST_NAMED: Final = 12
"""More labels than this are counted instead of listed."""


def hold_out(
    sides: Mapping[str, tuple[ArrayLike, ArrayLike]],
    y: ArrayLike,
    *,
    name: str,
    label: str,
    description: str,
    min_rows: int = 5,
    min_test: int | None = None,
    groups: Groups | None = None,
    classes: bool = False,
) -> Splits:
    """Make one split of each pair of sides: rows to hold out, rows to train on.

    Rows that share a group with a held-out row are not trained on. A pair is
    skipped, with a note, where too few rows would stand on either side, or, for
    `classes`, the training rows would be of one class.

    Parameters
    ----------
    sides
        By what is held out, the rows to hold out and those to train on, each of
        shape (n,); rows in neither take no part.
    min_rows, min_test
        The fewest rows to train on and to hold out; by default the same.

    Raises
    ------
    HecsrError
        If no pair is left.
    """
    target = np.asarray(y)
    codes = None if groups is None else numbered(groups, len(target))
    least = min_rows if min_test is None else min_test
    splits: list[Split] = []
    few: list[str] = []
    one_class: list[str] = []
    tied = 0
    for what, pair in sides.items():
        held, rest = (np.asarray(side, dtype=bool) for side in pair)
        for mask in (held, rest):
            if mask.shape != target.shape:
                msg = f"'{what}' has {mask.shape[0]} flags for {len(target)} rows"
                raise HecsrError(msg)
        train = rest & ~held
        if codes is not None:
            train &= ~np.isin(codes, codes[held])
        n_test, n_train = int(held.sum()), int(train.sum())
        if n_test < least or n_train < min_rows:
            few.append(f"{what} ({n_test}, {n_train})")
        elif classes and len(np.unique(target[train])) < 2:
            one_class.append(what)
        else:
            tied = max(tied, int((rest & ~held).sum()) - n_train)
            rows = np.flatnonzero(train), np.flatnonzero(held)
            splits.append(Split(0, len(splits), what, *rows))
    notes = _notes(few, one_class, tied, sorted({least, min_rows}))
    if not splits:
        reasons = "; ".join(notes) or "all rows are alike in it"
        raise HecsrError(f"{label}: nothing can be left out; {reasons}")
    scheme = Scheme(name, label, description, n_splits=len(splits))
    return Splits(scheme, tuple(splits), tuple(f"{label}: {note}" for note in notes))


def _notes(
    few: Sequence[str], one_class: Sequence[str], tied: int, least: Sequence[int]
) -> list[str]:
    found = []
    if few:
        found.append(
            f"not held out for want of rows, fewer than {' or '.join(map(str, least))} "
            f"(rows to hold out, rows to train on): {_listed(few)}"
        )
    if one_class:
        found.append(
            "not held out, since one class only would be left to train on: "
            f"{_listed(one_class)}"
        )
    if tied:
        found.append(
            f"up to {tied} rows of a split share a group with held-out ones and are "
            "not trained on"
        )
    return found


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    rest = len(names) - _MOST_NAMED
    return f"{shown} and {rest} more" if rest > 0 else shown


def leave_out(
    members: Mapping[str, ArrayLike],
    y: ArrayLike,
    *,
    name: str,
    label: str,
    description: str,
    min_rows: int = 5,
    groups: Groups | None = None,
    classes: bool = False,
) -> Splits:
    """Hold out the members of each label in turn and train on all others.

    Parameters
    ----------
    members
        For each label, which rows belong to it; a row may belong to several.

    Raises
    ------
    HecsrError
        If no label can be held out; see :func:`hold_out` for what is skipped.
    """
    masks = {what: np.asarray(m, dtype=bool) for what, m in members.items()}
    return hold_out(
        {what: (mask, ~mask) for what, mask in masks.items()},
        y,
        name=name,
        label=label,
        description=description,
        min_rows=min_rows,
        groups=groups,
        classes=classes,
    )


def leave_one_row_out(
    y: ArrayLike,
    *,
    min_rows: int = 5,
    groups: Groups | None = None,
    classes: bool = False,
) -> Splits:
    """Hold out each row in turn or, where rows are grouped, each group of rows.

    To hold out every row of a group by itself and train on no other of it would give
    the same models once for each row. Every row is held out once. Every model is
    fitted as often as there are groups: an engine searches anew each time, which at
    n groups costs n / 5 times as much as a 5-fold.

    Examples
    --------
    >>> [s.test.tolist() for s in leave_one_row_out([1, 2, 3, 4], min_rows=2)]
    [[0], [1], [2], [3]]
    """
    n_rows = len(np.asarray(y))
    codes = numbered(range(n_rows) if groups is None else groups, n_rows)
    # groups kept whole already; the names are numbers, as those of plain folds
    members = {str(g + 1): codes == g for g in range(codes.max(initial=-1) + 1)}
    whole = len(members) < n_rows
    what = "group of rows" if whole else "row"
    return hold_out(
        {name: (mask, ~mask) for name, mask in members.items()},
        y,
        name=ROW_BY_ROW,
        label=f"Leave one {what} out",
        description=f"trained on all rows but one {what}, tested on that one; the "
        "held-out rows are scored together",
        min_rows=min_rows,
        min_test=1,
        classes=classes,
    )


def leave_one_element_out(
    elements: Sequence[Collection[str]],
    y: ArrayLike,
    *,
    min_rows: int = 10,
    groups: Groups | None = None,
    classes: bool = False,
) -> Splits:
    """Hold out all samples that contain an element; train on those without it.

    `elements` holds for each sample its elements, or its metals alone. An element
    that every sample contains is passed over. A sample is held out once for each of
    its elements, so that scores of all folds together count it as often.
    """
    members = _members(elements)
    return leave_out(
        {name: mask for name, mask in members.items() if not mask.all()},
        y,
        name="leave-one-element-out",
        label="Leave one element out",
        description=(
            "trained on the samples without an element, tested on all with it:"
            " extrapolation to an element never seen"
        ),
        min_rows=min_rows,
        groups=groups,
        classes=classes,
    )


def leave_one_source_out(
    sources: Sequence[Collection[str]],
    y: ArrayLike,
    *,
    min_rows: int = 5,
    groups: Groups | None = None,
    classes: bool = False,
) -> Splits:
    """Hold out what one source of data reports; train on what it does not report.

    `sources` holds for each row all that report it. Rows without a source are only
    trained on.
    """
    made = leave_out(
        _members(sources),
        y,
        name="leave-one-source-out",
        label="Leave one source out",
        description="trained on the rows that a source does not report, "
        "tested on those that it does; a row may have several sources",
        min_rows=min_rows,
        groups=groups,
        classes=classes,
    )
    return _with_unnamed(made, sum(not row for row in sources), "source")


def leave_one_label_out(
    labels: Sequence[Any],
    y: ArrayLike,
    *,
    what: str,
    min_rows: int = 5,
    groups: Groups | None = None,
    classes: bool = False,
) -> Splits:
    """Hold out the rows of one label in turn, as of a family or a paper.

    Parameters
    ----------
    labels
        One per row; rows where it is None, NaN or empty are only trained on.
    what
        What the labels are, as "family"; the scheme bears it.

    Examples
    --------
    >>> y = [1.0, 2.0, 3.0, 4.0]
    >>> made = leave_one_label_out(["a", "a", "b", ""], y, what="paper", min_rows=1)
    >>> [(s.label, s.train.tolist(), s.test.tolist()) for s in made]
    [('a', [2, 3], [0, 1]), ('b', [0, 1, 3], [2])]
    """
    known = [() if is_missing(v) or str(v) == "" else (str(v),) for v in labels]
    members = _members(known)
    if all(name.isdigit() for name in members):
        # a bare number would be taken for that of a fold
        members = {f"{what} {name}": mask for name, mask in members.items()}
    made = leave_out(
        members,
        y,
        name=f"leave-one-{'-'.join(what.lower().split())}-out",
        label=f"Leave one {what} out",
        description=f"trained on the rows of every {what} but one, tested on that one",
        min_rows=min_rows,
        groups=groups,
        classes=classes,
    )
    return _with_unnamed(made, sum(not row for row in known), what)


def _members(kinds: Sequence[Collection[str]]) -> dict[str, Mask]:
    names = sorted({name for row in kinds for name in row})
    return {name: np.array([name in row for row in kinds]) for name in names}


def _with_unnamed(made: Splits, unnamed: int, what: str) -> Splits:
    if not unnamed:
        return made
    note = f"{made.scheme.label}: {unnamed} rows name no {what} and are only trained on"
    return Splits(made.scheme, made.splits, (note, *made.notes))
