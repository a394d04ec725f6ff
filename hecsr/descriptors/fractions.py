"""Type 1 descriptors: fractions of the elements on each sublattice."""

from __future__ import annotations

from functools import partial

from hecsr.composition import ANIONS, Composition
from hecsr.descriptors.computed import Computed
from hecsr.descriptors.descriptor import Descriptor
from hecsr.tables.periodic import SYMBOLS


def metal_fraction(composition: Composition, element: str) -> float:
    """Return the fraction of the metal sites that an element holds."""
    return composition.fractions.get(element, 0.0)


def anion_fraction(composition: Composition, element: str) -> float:
    """Return the fraction of the anions that are of an element."""
    amounts = dict(composition.anions)
    return amounts.get(element, 0.0) / composition.anion_per_metal


def anion_per_metal(composition: Composition) -> float:
    """Return the number of anion atoms per metal atom."""
    return composition.anion_per_metal


def n_metals(composition: Composition) -> float:
    """Return the number of different elements on the metal sublattice."""
    return float(composition.n_metals)


def catalogue() -> list[Computed]:
    """Return every descriptor of this family."""
    found = [_fraction(e) for e in SYMBOLS if e not in ANIONS]
    found += [_anion(e) for e in ANIONS]
    found.append(
        Computed(
            Descriptor(
                name="anion_per_metal",
                label="anions per metal atom",
                latex=r"n_\mathrm{X}",
                typst='n_upright("X")',
                family="anions",
                kind=1,
                equation=r"\sum_x a_x",
                equation_typst="sum_x a_x",
                source="composition",
                lower=0.0,
                reaches_zero=False,
                rank=8,
            ),
            anion_per_metal,
        )
    )
    found.append(
        Computed(
            Descriptor(
                name="n_metals",
                label="number of metals",
                latex=r"n_\mathrm{M}",
                typst='n_upright("M")',
                family="number of metals",
                kind=1,
                source="composition",
                lower=0.0,
                reaches_zero=False,
                rank=60,
            ),
            n_metals,
        )
    )
    return found


def _fraction(element: str) -> Computed:
    descriptor = Descriptor(
        name=f"x_{element}",
        label=f"fraction of {element}",
        latex=rf"x_\mathrm{{{element}}}",
        typst=f'x_upright("{element}")',
        family="fractions",
        kind=1,
        equation=rf"c_\mathrm{{{element}}}",
        equation_typst=f'c_upright("{element}")',
        source="composition",
        lower=0.0,
        upper=1.0,
        rank=10,
    )
    return Computed(descriptor, partial(metal_fraction, element=element))


def _anion(element: str) -> Computed:
    descriptor = Descriptor(
        name=f"y_{element}",
        label=f"fraction of {element} among the anions",
        latex=rf"y_\mathrm{{{element}}}",
        typst=f'y_upright("{element}")',
        family="anions",
        kind=1,
        equation=rf"a_\mathrm{{{element}}} / \sum_x a_x",
        equation_typst=f'a_upright("{element}") \\/ sum_x a_x',
        source="composition",
        lower=0.0,
        upper=1.0,
        rank=9,
    )
    return Computed(descriptor, partial(anion_fraction, element=element))
