"""Type 2 descriptors over the metal sublattice: averages of element properties."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from hecsr.composition import Composition
from hecsr.descriptors import weighted
from hecsr.descriptors.computed import Computed
from hecsr.descriptors.descriptor import Descriptor
from hecsr.descriptors.properties import (
    ELEMENT_PROPERTIES,
    STATISTICS,
    ElementProperty,
    Statistic,
)
from hecsr.tables import elements
from hecsr.units import parse_unit

Array = NDArray[np.float64]
_VEC = ElementProperty(
    "vec", "vec", "valence electrons",
    r"\mathrm{VEC}", 'upright("VEC")', "1", 1.0, "valence electrons", 5,
)  # fmt: skip


def shares(composition: Composition) -> Array:
    """Return the metal fractions, in the order of `composition.metals`."""
    return np.array([amount for _, amount in composition.metals])


def values(symbols: Sequence[str], prop: str, factor: float = 1.0) -> Array:
    """Return an element property for each symbol, times `factor`.

    Raises
    ------
    MissingDataError
        If the table holds no value; the elements and the property are named.
    """
    return elements.values(prop, symbols) * factor


def valence_electrons(composition: Composition) -> float:
    """Return the valence electrons per formula unit of one metal atom.

    The mean over the metals plus those of the anions: 8.4 for
    (Hf0.2Nb0.2Ta0.2Ti0.2Zr0.2)C, 8.9 for its carbonitride C0.5N0.5.

    References
    ----------
    Divilov et al., Nature 625, 66 (2024), 10.1038/s41586-023-06786-y, Table 1.
    """
    symbols = [e for e, _ in composition.metals]
    metal = weighted.mean(shares(composition), values(symbols, "vec"))
    anions = [e for e, _ in composition.anions]
    amounts = np.array([a for _, a in composition.anions])
    return metal + float(amounts @ values(anions, "vec"))


def average(
    composition: Composition,
    prop: ElementProperty,
    statistic: Callable[[Array, Array], float],
) -> float:
    """Return a statistic of an element property over the metals, in its unit."""
    symbols = [e for e, _ in composition.metals]
    return statistic(shares(composition), values(symbols, prop.column, prop.factor))


def catalogue() -> list[Computed]:
    """Return every descriptor of this family."""
    vec = Descriptor(
        name="vec",
        label="valence electrons per formula unit",
        latex=r"\mathrm{VEC}",
        typst='upright("VEC")',
        family="valence electrons",
        kind=2,
        equation=r"\sum_i c_i \mathrm{VEC}_i + \sum_x a_x \mathrm{VEC}_x",
        equation_typst='sum_i c_i upright("VEC")_i + sum_x a_x upright("VEC")_x',
        source="10.1038/s41586-023-06786-y, Table 1",
        lower=0.0,
        reaches_zero=False,
        rank=1,
    )
    found = [Computed(vec, valence_electrons)]
    spreads = [s for s in STATISTICS if s.name != "mean"]
    found += [_computed(_VEC, statistic) for statistic in spreads]
    for prop in ELEMENT_PROPERTIES:
        found += [_computed(prop, statistic) for statistic in STATISTICS]
    return found


def _computed(prop: ElementProperty, statistic: Statistic) -> Computed:
    latex = (prop.latex, prop.latex_i, prop.latex_i.replace("i}", "j}"))
    if "_{" not in prop.latex_i:
        latex = (prop.latex, prop.latex_i, prop.latex_i.replace("_i", "_j"))
    typst_j = prop.typst_i.replace(", i)", ", j)").replace("_i", "_j")
    typst = (prop.typst, prop.typst_i, typst_j)
    descriptor = Descriptor(
        name=f"{prop.name}_{statistic.suffix}",
        label=statistic.label.format(prop.label),
        latex=statistic.latex.format(prop.latex),
        typst=statistic.typst.format(prop.typst),
        unit=parse_unit(prop.unit),
        family=prop.family,
        kind=2,
        equation=statistic.equation.format(*latex),
        equation_typst=statistic.equation_typst.format(*typst),
        source=f"table elements, property {prop.column}",
        lower=0.0,
        reaches_zero=statistic.spread,
        rank=prop.rank + statistic.rank,
    )
    function = getattr(weighted, statistic.name)
    return Computed(descriptor, partial(average, prop=prop, statistic=function))
