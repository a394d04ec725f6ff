"""Maps of the printed formulas: along variables, and between metals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hecsr.report.figures.formula_map import MOST
from hecsr.report.figures.ternary import engines_of
from hecsr.report.model import (
    Block,
    Figure,
    Heading,
    Inline,
    Paragraph,
    Ref,
    Rich,
    rich,
)
from hecsr.report.numbers import count, significant
from hecsr.report.view import in_unit
from hecsr.sentences import all_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hecsr.report.view import View
    from hecsr.study.maps import FormulaMap, Maps
    from hecsr.study.ternaries import Ternary

# Figures are drawn of this many printed formulas.
_FORMULAS: Final = 2


def blocks(view: View) -> list[Block]:
    """Return the section; nothing where no formula has a variable."""
    maps = view.result.maps
    if maps is None or not maps.formulas:
        return []
    shown = [m for f in view.chosen if (m := maps.of(f.engine))][:_FORMULAS]
    found: list[Block] = [Heading(1, "Maps of the formula"), _lead(view, maps, shown)]
    for one in shown:
        found += _of_formula(view, one)
    for place, ternary in enumerate(maps.ternaries):
        found += _of_ternary(view, ternary, place)
    return found


def _lead(view: View, maps: Maps, shown: list[FormulaMap]) -> Paragraph:
    refs: list[str | Inline] = []
    for one in shown:
        refs += [", " if refs else "", Ref(f"fig:map-lines-{one.engine}")]
        refs += [", ", Ref(f"fig:map-plane-{one.engine}")] if one.plane else []
    between: list[str | Inline] = []
    for place in range(len(maps.ternaries)):
        between += [" and " if between else "", Ref(f"fig:ternary-{place + 1}")]
    where: list[str | Inline] = [" and between metals (", *between, ")"]
    what = "Probabilities" if view.classification else "Values"
    text = [
        "What the printed formulas say, along their variables (",
        *refs,
        ")",
        *(where if between else []),
        ". They are fitted to all rows: the maps show their form, not their error. ",
        f"{what} are those of the formula, and none is given where it is undefined.",
    ]
    return Paragraph(rich(*text))


def _of_formula(view: View, one: FormulaMap) -> list[Block]:
    label = _label(view, one.engine)
    what = "probability" if view.classification else "value"
    names = [line.name for line in one.lines]
    more = (
        f" The {count(MOST)} that move it most, of {count(len(names))}."
        if len(names) > MOST
        else ""
    )
    where = (
        "at their medians"
        if one.at_medians
        else "at those of the sample that is nearest to their medians (which together "
        "lie outside of the domain)"
    )
    found: list[Block] = [
        Heading(2, label),
        Figure(
            stem=f"map-lines-{one.engine}",
            drawing="formula_lines",
            subject=one.engine,
            caption=rich(
                f"{label}: {what} along each variable over its fitted range, the "
                f"others {where}: ",
                _held(view, one, names),
                ". The variable that moves the value most comes first."
                f"{more} Thick where the point is inside the domain of the formula, "
                "broken where it is not. Dots are the observed samples; they differ in "
                "the other variables too, and need not lie on the line.",
            ),
            alt=f"Curves of the {what} of {label} along each of its variables, over "
            "the observed values of the samples.",
            width=85 if len(names) == 1 else 175,
        ),
    ]
    if one.plane is not None:
        drawn = (one.plane.first.name, one.plane.second.name)
        others = [n for n in names if n not in drawn]
        held: Rich = (
            rich(f", the others {where}: ", _held(view, one, others)) if others else ()
        )
        found.append(
            Figure(
                stem=f"map-plane-{one.engine}",
                drawing="formula_plane",
                subject=one.engine,
                caption=rich(
                    f"{label}: {what} over the two variables that move it most",
                    held,
                    ". Points are the samples, coloured by the observed value on the "
                    "same scale: where a point stands out from its ground, formula and "
                    "observation differ, or its other variables do",
                    " (circles observed as 1, squares as 0)"
                    if view.classification
                    else "",
                    ". The broken line is the convex hull of the samples in these two "
                    "variables; beyond it the map is extrapolation. Crosshatched: the "
                    "formula is undefined.",
                ),
                alt=f"Contours of the {what} of {label} over its two leading "
                "variables, with the samples and their convex hull.",
            )
        )
    return found


def _of_ternary(view: View, one: Ternary, place: int) -> list[Block]:
    labels = [_label(view, e) for e in engines_of(view, one)]
    corners = " – ".join(_corner(c, one) for c in one.corners)
    what = "probability" if view.classification else "value"
    given: list[str | Inline] = []
    for name, value in one.held.items():
        unit = in_unit(view.descriptor(name).unit)
        given += [" and " if given else ", at ", view.symbol(name), " = "]
        given.append(significant(value, 3) + unit)
    median = " (median of the family)" if given else ""
    many = len(one.points)
    marks = " (circles observed as 1, squares as 0)" if view.classification else ""
    samples = (
        f"{count(many)} samples lie" if many != 1 else "One sample lies"
    ) + f" on this section and {'are' if many != 1 else 'is'} drawn with the observed "
    nearest = (
        " of each composition the one measured nearest to what is held;"
        if one.held
        else ""
    )
    kind = "Ternary" if one.of_metals else "Pseudo-ternary"
    heading: list[Block] = [Heading(2, "Between metals")] if place == 0 else []
    figure = Figure(
        stem=f"ternary-{place + 1}",
        drawing="ternary",
        subject=str(place),
        caption=rich(
            f"{kind} map of the {what} by {all_of(labels)}: {one.family} between "
            f"{corners}",
            *given,
            median,
            ". Ticks are shares of the metals; the metals of a corner have equal "
            f"shares. {samples}value as colour{marks};{nearest} the section is the one "
            "with the most samples. Plain: inside the domain of the formula; dotted: "
            "at its edge; pale and hatched: outside or not known; crosshatched: "
            "undefined.",
        ),
        alt=f"Triangles of the {what} of {all_of(labels)} between {corners}, with "
        "the domain of each formula and the samples on the section.",
    )
    return [*heading, figure]


def _held(view: View, one: FormulaMap, names: Iterable[str]) -> Rich:
    parts: list[str | Inline] = []
    for name in names:
        parts += [", " if parts else "", view.symbol(name), " = "]
        unit = in_unit(view.descriptor(name).unit)
        parts.append(significant(one.held[name], 3) + unit)
    return rich(*parts)


def _corner(metals: tuple[str, ...], one: Ternary) -> str:
    inner = ",".join(metals)
    anions = "".join(
        a + ("" if amount == 1 else f"{amount:.3g}") for a, amount in one.anions
    )
    return (f"({inner})" if len(metals) > 1 else inner) + anions


def _label(view: View, engine: str) -> str:
    procedure = view.procedure(engine)
    return procedure.label if procedure else engine
