"""What a descriptor is, and a table of them for a set of samples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.errors import TableError, suggestion
from hecsr.units import NUMBER, Unit, labelled

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One column of a descriptor table: what it is, its unit and its source.

    Attributes
    ----------
    name
        Column name, unique in a table.
    label
        A few words, as an axis title without the unit.
    latex, typst
        Symbol in LaTeX and in Typst mathematics.
    unit
        Unit of the values.
    family
        Descriptors of one property share a family; they stand in for each other.
    kind
        1 element fractions, 2 computed from tables, 3 supplied by the user.
    equation, equation_typst
        Defining equation, empty for a supplied column.
    source
        Where the equation or the values come from.
    lower, upper
        Physical bounds of the quantity; None where there is none. A lower bound
        that can be reached (a deviation may be 0) means it must not divide.
    reaches_zero
        Whether the value may be exactly zero.
    rank
        Order in which redundant descriptors are kept: lower is simpler and more
        physical.
    scale
        A reference value that makes the quantity dimensionless, in `unit`.
    logarithmic
        Values span decades: a search takes ``ln(x / scale)``.
    """

    name: str
    label: str = ""
    latex: str = ""
    typst: str = ""
    unit: Unit = NUMBER
    family: str = ""
    kind: int = 3
    equation: str = ""
    equation_typst: str = ""
    source: str = ""
    lower: float | None = None
    upper: float | None = None
    reaches_zero: bool = True
    rank: int = field(default=500, compare=False)
    scale: float | None = None
    logarithmic: bool = field(default=False, compare=False)

    @property
    def positive(self) -> bool:
        """Whether the quantity is positive by its nature, so that it may divide."""
        return self.lower == 0 and not self.reaches_zero

    @property
    def axis(self) -> str:
        """Label with unit, for an axis or a table head."""
        return labelled(self.label or self.name, self.unit)


_LATEX: Final = (
    {"\\": r"\backslash ", "^": r"\wedge ", "~": r"\sim "}
    | {c: "\\" + c for c in "_%&#${} "}
    | dict.fromkeys("\n\r\t", r"\ ")
)


def plain(name: str) -> Descriptor:
    """Describe a column of which nothing but its name is known."""
    quoted = name.replace("\\", r"\\").replace('"', r"\"")
    safe = "".join(_LATEX.get(c, c) for c in name)
    return Descriptor(
        name=name,
        label=name,
        latex=rf"\mathrm{{{safe}}}",
        typst=f'upright("{quoted}")',
        family=name,
    )


@dataclass(frozen=True)
class DescriptorTable:
    """Descriptor values of samples: a float64 array, its columns and its rows."""

    values: NDArray[np.float64]
    descriptors: tuple[Descriptor, ...]
    samples: tuple[str, ...]
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        expected = (len(self.samples), len(self.descriptors))
        if self.values.shape != expected:
            msg = f"values have shape {self.values.shape}, expected {expected}"
            raise TableError(msg)
        seen: set[str] = set()
        twice = [n for n in self.names if n in seen or seen.add(n)]  # type: ignore[func-returns-value]
        if twice:
            raise TableError(f"descriptor names repeat: {', '.join(twice)}")

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(d.name for d in self.descriptors)

    @property
    def frame(self) -> pd.DataFrame:
        """The values as a DataFrame, indexed by sample."""
        import pandas as pd

        return pd.DataFrame(
            self.values, index=list(self.samples), columns=list(self.names)
        )

    def select(self, names: Sequence[str]) -> DescriptorTable:
        """Return the named columns, in the order given."""
        position = {name: i for i, name in enumerate(self.names)}
        for name in names:
            if name not in position:
                msg = f"no descriptor '{name}'; {suggestion(name, self.names)}"
                raise TableError(msg)
        chosen = [position[name] for name in names]
        return replace(
            self,
            values=self.values[:, chosen],
            descriptors=tuple(self.descriptors[i] for i in chosen),
        )

    def rows(self, keep: Iterable[int]) -> DescriptorTable:
        """Return the rows at the given positions."""
        index = list(keep)
        return replace(
            self,
            values=self.values[index],
            samples=tuple(self.samples[i] for i in index),
        )

    def join(self, other: DescriptorTable) -> DescriptorTable:
        """Put the columns of `other`, of the same samples, to the right."""
        return DescriptorTable(
            np.hstack([self.values, other.values]),
            self.descriptors + other.descriptors,
            self.samples,
            self.warnings + other.warnings,
        )
