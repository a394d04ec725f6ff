"""Repeated k-fold splits: plain, grouped, stratified, and both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.errors import HecsrError
from hecsr.result import Scheme
from hecsr.validation.groups import numbered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray

    Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Split:
    """Row positions to train on and to hold out; `label` names what is left out."""

    repeat: int
    fold: int
    label: str
    train: Rows
    test: Rows


@dataclass(frozen=True, eq=False)
class Splits:
    """A scheme and the splits it made; `notes` say what it could not hold out."""

    scheme: Scheme
    splits: tuple[Split, ...]
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Split]:
        return iter(self.splits)

    def __len__(self) -> int:
        return len(self.splits)

    def named(self, name: str, label: str = "", description: str = "") -> Splits:
        """Return the same splits under another name."""
        scheme = replace(
            self.scheme,
            name=name,
            label=label or self.scheme.label,
            description=description or self.scheme.description,
        )
        return replace(self, scheme=scheme)


def k_fold(
    y: ArrayLike,
    *,
    n_splits: int = 5,
    n_repeats: int = 1,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    stratified: bool = False,
    seed: int = 0,
) -> Splits:
    """Split the rows into `n_splits` parts, shuffled anew in each repeat.

    Parameters
    ----------
    y
        Target; class labels where `stratified`.
    groups
        Rows of one group stay together. Groups are dealt out, the largest first and
        equal ones in random order, each to the part that holds the fewest rows.
    stratified
        Give every part about the same share of each class.

    Raises
    ------
    HecsrError
        If there are fewer rows, groups or members of a class than parts, or a part
        would be trained on one class only.
    """
    target = np.asarray(y)
    keys = None if groups is None else numbered(groups, len(target))
    _check(target, keys, n_splits, n_repeats, stratified=stratified)
    splits = []
    for repeat in range(n_repeats):
        state = np.random.SeedSequence([seed, repeat]).generate_state(1)[0]
        parts = _parts(target, keys, n_splits, int(state), stratified=stratified)
        for fold in range(n_splits):
            test = np.flatnonzero(parts == fold)
            train = np.flatnonzero(parts != fold)
            if stratified and len(np.unique(target[train])) < 2:
                msg = (
                    f"the training rows of part {fold + 1} hold one class only: the"
                    " other stands in too few groups; use fewer folds"
                )
                raise HecsrError(msg)
            splits.append(Split(repeat, fold, str(fold + 1), train, test))
    return Splits(_scheme(n_splits, n_repeats, keys, stratified), tuple(splits))


def _parts(
    target: NDArray[Any],
    keys: Rows | None,
    n_splits: int,
    state: int,
    *,
    stratified: bool,
) -> Rows:
    """Return the part that each row falls into."""
    from sklearn.model_selection import KFold, StratifiedGroupKFold, StratifiedKFold

    if keys is not None and not stratified:
        return _grouped(keys, n_splits, np.random.default_rng(state))
    kind = KFold
    if stratified:
        kind = StratifiedKFold if keys is None else StratifiedGroupKFold
    splitter = kind(n_splits, shuffle=True, random_state=state)
    parts = np.zeros(len(target), dtype=np.intp)
    for fold, (_, test) in enumerate(splitter.split(target, target, keys)):
        parts[test] = fold
    if len(np.unique(parts)) < n_splits:
        msg = f"the groups do not spread over {n_splits} parts; use fewer folds"
        raise HecsrError(msg)
    return parts


def _grouped(keys: Rows, n_splits: int, rng: np.random.Generator) -> Rows:
    sizes = np.bincount(keys)
    shuffled = rng.permutation(len(sizes))
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    held = np.zeros(n_splits, dtype=np.intp)
    part_of = np.zeros(len(sizes), dtype=np.intp)
    for group in order:
        part_of[group] = np.argmin(held)
        held[part_of[group]] += sizes[group]
    return part_of[keys]


def _check(
    target: NDArray[Any],
    keys: Rows | None,
    n_splits: int,
    n_repeats: int,
    *,
    stratified: bool,
) -> None:
    if n_splits < 2 or n_repeats < 1:
        msg = f"{n_splits} folds in {n_repeats} repeats: give at least 2 and 1"
        raise HecsrError(msg)
    if len(target) < n_splits:
        msg = f"{len(target)} rows cannot be split into {n_splits} folds"
        raise HecsrError(f"{msg}; add rows or use fewer folds")
    if keys is not None and keys.max() + 1 < n_splits:
        msg = f"{keys.max() + 1} groups cannot be split into {n_splits} folds"
        raise HecsrError(f"{msg}; use fewer folds")
    if not stratified:
        return
    classes, members = np.unique(target, return_counts=True)
    if len(classes) < 2:
        msg = f"all rows are of the class {classes[0]}: there is nothing to tell apart"
        raise HecsrError(msg)
    if members.min() < n_splits:
        rare = classes[np.argmin(members)]
        msg = f"the class {rare} has {members.min()} members for {n_splits} folds"
        raise HecsrError(f"{msg}; use fewer folds")


def _scheme(
    n_splits: int, n_repeats: int, keys: Rows | None, stratified: bool
) -> Scheme:
    traits = (("stratified", stratified), ("grouped", keys is not None))
    words = [word for word, holds in traits if holds] or ["random"]
    kept = "" if keys is None else f", {keys.max() + 1} groups kept whole"
    share = ", the classes in equal shares" if stratified else ""
    again = "" if n_repeats == 1 else f", shuffled anew {n_repeats} times"
    return Scheme(
        name=f"{'-'.join(words)}-{n_splits}-fold",
        label=f"{' '.join(words)} {n_splits}-fold".capitalize(),
        description=f"rows split at random into {n_splits} parts{kept}{share}{again}",
        n_splits=n_splits,
        n_repeats=n_repeats,
    )
