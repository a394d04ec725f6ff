"""Points at which two formulas are compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from hecsr.descriptors.descriptor import Descriptor
from hecsr.formula.expression import Array

Range = tuple[float, float]

_WIDE = 10.0
_SEED = 0


def ranges_of(
    names: Iterable[str],
    given: Iterable[Mapping[str, Range]],
    descriptors: Iterable[Descriptor] = (),
) -> dict[str, Range]:
    """Return for each variable the hull of the given ranges.

    Without any: what its descriptor allows of -10 to 10, of a positive quantity 0.1
    to 10.
    """
    described = {d.name: d for d in descriptors}
    found: dict[str, Range] = {}
    for name in names:
        known = [own[name] for own in given if name in own]
        if known:
            found[name] = min(k[0] for k in known), max(k[1] for k in known)
            continue
        d = described.get(name, Descriptor(name))
        low = -_WIDE if d.lower is None else d.lower
        high = max(low, 0) + _WIDE if d.upper is None else d.upper
        if d.lower is None and d.upper is not None:
            low = min(high, 0) - _WIDE
        if d.positive:
            low = high / 100
        found[name] = low, high
    return found


def random_points(ranges: Mapping[str, Range], count: int) -> dict[str, Array]:
    """Return `count` points, the same ones at every call.

    Every variable is uniform in its range; where that is positive, at every other
    point uniform in its logarithm. The first points are the two ends, the middle,
    and, where it lies within, 0.
    """
    rng = np.random.default_rng(_SEED)
    found = {}
    for name, (low, high) in ranges.items():
        share = rng.random(count)
        values = low + share * (high - low)
        if low > 0:
            values[::2] = low * (high / low) ** share[::2]
        special = [low, high, (low + high) / 2, *([0.0] if low <= 0 <= high else [])]
        values[: len(special)] = special[:count]
        found[name] = values
    return found
