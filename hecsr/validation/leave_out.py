"""Splits that leave out one kind: an element, a source, any label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.errors import HecsrError
from hecsr.result import Scheme
from hecsr.validation.folds import Split, Splits
from hecsr.validation.groups import is_missing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Mask = NDArray[np.bool_]


def leave_out(
    members: Mapping[str, ArrayLike],
    y: ArrayLike,
    *,
    name: str,
    label: str,
    description: str,
    min_rows: int = 5,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    classes: bool = False,
) -> Splits:
    """Hold out the members of each label in turn and train on all others.

    A label is skipped, with a note, where fewer than `min_rows` rows would stand on
    either side, or, for `classes`, the training rows would be of one class. Rows
    that share a group with a held-out row are not trained on.

    Parameters
    ----------
    members
        For each label, which rows belong to it; a row may belong to several.

    Raises
    ------
    HecsrError
        If no label can be held out.
    """
    target = np.asarray(y)
    splits: list[Split] = []
    notes: list[str] = []
    for what, mask in members.items():
        held = np.asarray(mask, dtype=bool)
        if held.shape != target.shape:
            msg = f"'{what}' has {held.shape[0]} flags for {len(target)} rows"
            raise HecsrError(msg)
        train = ~held if groups is None else ~held & ~_same_group(groups, held)
        n_test, n_train = int(held.sum()), int(train.sum())
        if n_test < min_rows or n_train < min_rows:
            why = f"{n_test} rows with it, {n_train} to train on"
        elif classes and len(np.unique(target[train])) < 2:
            why = "one class only is left to train on"
        else:
            rows = np.flatnonzero(train), np.flatnonzero(held)
            splits.append(Split(0, len(splits), what, *rows))
            continue
        notes.append(f"{label}: {what} is not held out ({why})")
    if not splits:
        reasons = "; ".join(notes) or "no label is given"
        raise HecsrError(f"nothing can be left out: {reasons}")
    scheme = Scheme(name, label, description, n_splits=len(splits))
    return Splits(scheme, tuple(splits), tuple(notes))


def leave_one_element_out(
    elements: Sequence[Collection[str]],
    y: ArrayLike,
    *,
    min_rows: int = 10,
    classes: bool = False,
) -> Splits:
    """Hold out all samples that contain an element; train on those without it.

    `elements` holds for each sample its elements, or its metals alone. An element
    that every sample contains is passed over. A sample is held out once for each of
    its elements, so that scores of all folds together count it as often.
    """
    names = sorted({name for sample in elements for name in sample})
    members: dict[str, Mask] = {
        name: np.array([name in sample for sample in elements]) for name in names
    }
    members = {name: mask for name, mask in members.items() if not mask.all()}
    return leave_out(
        members,
        y,
        name="leave-one-element-out",
        label="Leave one element out",
        description=(
            "trained on the samples without an element, tested on all with it:"
            " extrapolation to an element never seen"
        ),
        min_rows=min_rows,
        classes=classes,
    )


def leave_one_source_out(
    sources: Sequence[str | None],
    y: ArrayLike,
    *,
    min_rows: int = 5,
    small: str = "merge",
    groups: Sequence[Any] | NDArray[Any] | None = None,
    classes: bool = False,
) -> Splits:
    """Hold out one source of data in turn.

    Sources of fewer than `min_rows` rows are held out together (``small="merge"``)
    or not at all (``small="skip"``); rows without a source are only trained on.
    What was done stands in the notes.
    """
    if small not in {"merge", "skip"}:
        raise HecsrError(f"small sources: '{small}' is neither 'merge' nor 'skip'")
    keys = [None if is_missing(s) else str(s) for s in sources]
    counts = {key: keys.count(key) for key in dict.fromkeys(keys) if key is not None}
    large = [key for key, count in counts.items() if count >= min_rows]
    few = [key for key in counts if key not in large]
    members: dict[str, Mask] = {
        key: np.array([k == key for k in keys]) for key in sorted(large)
    }
    notes: list[str] = []
    if few and small == "merge":
        merged = f"{len(few)} small sources"
        members[merged] = np.array([k in few for k in keys])
        notes.append(f"held out together as '{merged}': {', '.join(sorted(few))}")
    elif few:
        notes.append(f"too small to be held out: {', '.join(sorted(few))}")
    unknown = keys.count(None)
    if unknown:
        notes.append(f"{unknown} rows name no source and are only trained on")
    made = leave_out(
        members,
        y,
        name="leave-one-source-out",
        label="Leave one source out",
        description="trained on all sources but one, tested on that one",
        min_rows=min_rows,
        groups=groups,
        classes=classes,
    )
    return Splits(made.scheme, made.splits, (*notes, *made.notes))


def _same_group(groups: Sequence[Any] | NDArray[Any], held: Mask) -> Mask:
    touched = {g for g, h in zip(groups, held, strict=True) if h}
    return np.array([g in touched for g in groups])
