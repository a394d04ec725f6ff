"""All ways of holding rows out that an analysis asks for."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.errors import ConfigError, HecsrError
from hecsr.study.labels import said
from hecsr.validation.extrapolation import later_years, more_metals
from hecsr.validation.folds import Splits, k_fold
from hecsr.validation.leave_out import (
    leave_one_element_out,
    leave_one_label_out,
    leave_one_row_out,
    leave_one_source_out,
)
from hecsr.validation.subsets import folds_within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hecsr.config import Analysis
    from hecsr.study.samples import Samples

    Scheme = tuple[str, Callable[..., Splits]]


def schemes(
    analysis: Analysis, samples: Samples, repeats: int | None = None
) -> list[Splits]:
    """Return the splits of every scheme, the main one first.

    The main scheme is the repeated k-fold: stratified for a classification, its
    groups kept whole. Subsets follow, then what is left out one at a time, then the
    extrapolations. Of those that hold out a kind, one that cannot be made is passed
    over, and the notes of the main scheme say so.

    Parameters
    ----------
    repeats
        Takes the place of the analysis' own number of repeats.

    Raises
    ------
    ConfigError
        If a subset cannot be split, or none of the schemes that hold out a kind can
        be made.
    HecsrError
        If there are fewer rows, groups or members of a class than folds.
    """
    asked = analysis.validation
    classes = analysis.task == "classification"
    folds: dict[str, Any] = {
        "n_splits": asked.folds,
        "n_repeats": asked.repeats if repeats is None else repeats,
        "groups": samples.groups,
        "stratified": classes,
        "seed": analysis.seed,
    }
    main = k_fold(samples.y, **folds)
    within = [
        folds_within(label, mask, samples.y, **folds)
        for label, mask in samples.subsets.items()
    ]
    harder: list[Splits] = []
    failed: list[str] = []
    for words, make in _harder(analysis, samples):
        try:
            harder.append(
                make(
                    samples.y,
                    min_rows=asked.min_rows,
                    groups=samples.groups,
                    classes=classes,
                )
            )
        except HecsrError as error:
            failed.append(f"{words}: {error}")
    if failed and not harder:
        advice = "take it out of [validation], or lower 'validation.min_rows'"
        raise ConfigError(f"{'. '.join(failed)}; {advice}")
    notes = tuple(f"passed over, {reason}" for reason in failed)
    return [replace(main, notes=(*main.notes, *notes)), *within, *harder]


def _harder(analysis: Analysis, samples: Samples) -> Iterator[Scheme]:
    """Give the schemes that hold out a kind: how the analysis asks, and its maker."""
    asked = analysis.validation
    for name in asked.leave_one_out:
        words = f"'validation.leave_one_out' with '{name}'"
        if name == "row":
            yield words, leave_one_row_out
        elif name == "element":
            metals = [set(c.fractions) for c in samples.compositions]
            yield words, partial(leave_one_element_out, metals)
        elif name == "source":
            yield words, partial(leave_one_source_out, samples.sources)
        else:
            labels = samples.labels[name]
            yield words, partial(leave_one_label_out, labels, what=said(name))
    if asked.metals_up_to:
        counts = np.array([c.n_metals for c in samples.compositions])
        limits = ", ".join(map(str, asked.metals_up_to))
        words = f"'validation.metals_up_to' of {limits}"
        yield words, partial(more_metals, counts, asked.metals_up_to)
    if asked.years_up_to and samples.years is not None:
        limits = ", ".join(map(str, asked.years_up_to))
        words = f"'validation.years_up_to' of {limits}"
        yield words, partial(later_years, samples.years, asked.years_up_to)
