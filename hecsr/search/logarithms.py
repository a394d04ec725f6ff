"""Quantities that span decades enter a search by their logarithm.

A load from 0.02 to 98 N has an inverse that spans four decades too: one held-out row
at its end decides the whole error. Its logarithm does not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hecsr.errors import SearchError
from hecsr.formula.expression import (
    Binary,
    Call,
    Expression,
    Number,
    Variable,
    substituted,
)
from hecsr.units import NUMBER

if TYPE_CHECKING:
    from hecsr.search.samples import Samples


def in_logarithms(samples: Samples) -> Samples:
    """Replace each logarithmic descriptor by ``ln(x / scale)``, a pure number.

    Raises
    ------
    SearchError
        If such a descriptor is not positive on a sample.
    """
    values = samples.values.copy()
    descriptors = list(samples.descriptors)
    for j, d in enumerate(descriptors):
        if not d.logarithmic or d.scale is None:
            continue
        if (values[:, j] <= 0).any():
            raise SearchError(
                f"'{d.name}' must be positive: it enters by its logarithm"
            )
        values[:, j] = np.log(values[:, j] / d.scale)
        descriptors[j] = replace(
            d, unit=NUMBER, lower=None, upper=None, reaches_zero=True, scale=None,
            logarithmic=False,
        )  # fmt: skip
    return replace(samples, values=values, descriptors=tuple(descriptors))


def written_out(term: Expression, samples: Samples) -> Expression:
    """Write ``log(x / scale)`` where a search used a logarithmic descriptor."""
    parts: dict[Expression, Expression] = {
        Variable(d.name): Call("log", Binary("/", Variable(d.name), Number(d.scale)))
        for d in samples.descriptors
        if d.logarithmic and d.scale is not None
    }
    return substituted(term, parts)
