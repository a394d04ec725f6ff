"""A descriptor together with the function that computes it from a composition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hecsr.composition import Composition
from hecsr.descriptors.descriptor import Descriptor


@dataclass(frozen=True)
class Computed:
    """A descriptor of type 1 or 2; `compute` gives its value in its unit."""

    descriptor: Descriptor
    compute: Callable[[Composition], float]

    @property
    def name(self) -> str:
        """Column name of the descriptor."""
        return self.descriptor.name
