"""How often other rows lead to the same descriptors and formulas."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from hecsr.report.model import (
    Block,
    Bold,
    Figure,
    Heading,
    Inline,
    Paragraph,
    Rich,
    rich,
)
from hecsr.report.numbers import count, fixed
from hecsr.report.recurrences import (
    BOOTSTRAPS,
    counted_over,
    engines,
    equation_of,
    metric_of,
    name_of,
    percent,
    rows_of,
    where,
)
from hecsr.report.sections.stability_tables import coefficients, errors, formulas
from hecsr.report.view import in_unit
from hecsr.result import limited

if TYPE_CHECKING:
    from hecsr.report.view import View
    from hecsr.validation.stability import Stability

_SHOWN: Final = 5
_MISLEADING: Final = 0.1
_OFTEN: Final = 0.5
_SELDOM: Final = 0.1


def blocks(view: View) -> list[Block]:
    """Return the section; nothing where it was not computed."""
    found = view.result.stability
    if found is None:
        return []
    names = [name for name in engines(view, found) if rows_of(found.formulas, name)]
    if not names:
        return []
    made: list[Block] = [
        Heading(1, "Stability"),
        Paragraph(_lead(view, found)),
        _figure(view, found),
        *(Paragraph(_words(view, found, name)) for name in names),
        formulas(view, found, names),
    ]
    if len(found.coefficients):
        made += [Paragraph(errors(view, found)), coefficients(view, found)]
    return made


def _lead(view: View, found: Stability) -> Rich:
    same = (
        "Formulas are the same here that differ by fitted numbers alone, or in how "
        "they are written. "
    )
    if not found.bootstraps:
        return rich("What was chosen is counted over the folds. ", same)
    draws = found.draws
    inside, of = draws["distinct"].mean(), draws["rows"].mean()
    outside = draws["out_of_bag"].mean()
    budgets: dict[str, list[str]] = {}
    for name in engines(view, found):
        budgets.setdefault(found.budgets[name], []).append(name_of(view, name))
    spent = "; ".join(f"{', '.join(who)}: {words}" for words, who in budgets.items())
    return rich(
        "The whole procedure is repeated (redundancy filter, screening, search, inner "
        f"folds) on {count(found.bootstraps)} bootstraps of the rows: whole groups "
        "drawn with replacement, copies of a row never on both sides of an inner fold. "
        f"On average {count(inside)} different rows are among the {count(of)} drawn; "
        f"the other {count(outside)} (out of the bag) are predicted. With fewer "
        "different rows than there are, a formula is found less often and errs more "
        f"than on all. Budget: {spent}. ",
        same,
        "The stability of the sets (Nogueira, Sechidis, Brown, J. Mach. Learn. Res. "
        "18(174), 2018) is 1 where every resample leads to the same set, and 0 where "
        "sets agree as by chance; a swap of two correlated descriptors counts as a "
        "change.",
    )


def _figure(view: View, found: Stability) -> Figure:
    overs = counted_over(view, found)
    boots = BOOTSTRAPS in overs
    return Figure(
        stem="stability",
        drawing="stability",
        caption=rich(
            "How often each descriptor is in the chosen formula: ",
            f"share of {count(found.bootstraps)} bootstraps (bars; pale: it or a "
            "descriptor with |r| > 0.9 to it)"
            if boots
            else "",
            " and " if len(overs) > 1 else "",
            "share of the folds of the comparison (open circles)"
            if view.main.name in overs
            else "",
            ". Asterisks and hatched bars: descriptors of the printed formula. The 15 "
            "most frequent of each engine, and those printed.",
        ),
        alt="Bars of the frequency with which each descriptor is chosen, per engine.",
    )


def _words(view: View, found: Stability, engine: str) -> Rich:
    """Say of one engine what recurs: formula, terms, descriptors, sizes, sets."""
    overs = counted_over(view, found)
    said: list[Inline | Rich | str] = [Bold(f"{name_of(view, engine)}. ")]
    said += _printed(view, found, engine, overs)
    over = overs[0]
    over_what = where(view, over)
    rows = rows_of(found.descriptors, engine, over)
    printed = [row for row in rows if row["printed"]]
    if printed:
        said.append(
            f" Share of the {over_what} in which each of its descriptors was chosen: "
        )
        for i, row in enumerate(printed):
            said += [", " if i else "", view.symbol(row["name"]), f" {percent(row)}"]
        said.append(".")
    others = [row for row in rows if not row["printed"] and row["share"] >= _OFTEN]
    if others:
        said.append(" Not printed but chosen in half of them or more: ")
        for i, row in enumerate(others):
            said += [", " if i else "", view.symbol(row["name"]), f" {percent(row)}"]
        said.append(".")
    said += _relatives(view, rows)
    said += _sizes(view, found, engine, over)
    said += _sets(found, engine, over)
    return rich(*said, *_out_of_bag(view, found, engine))


def _printed(
    view: View, found: Stability, engine: str, overs: list[str]
) -> list[Inline | str]:
    counts, first = [], None
    for over in overs:
        rows = rows_of(found.formulas, engine, over)
        own = next((row for row in rows if row["printed"]), None)
        if own is not None:
            first = first or own
            said = f"{own['count']} of {own['n']} {where(view, over)}"
            counts.append(said)
    if first is None:
        return ["No formula of it is printed."]
    share = first["share"]
    if share >= _OFTEN:
        means = "other rows mostly lead to the same formula"
    elif share >= _SELDOM:
        means = "other rows lead to it again, but more often to others"
    else:
        means = "other rows seldom lead to it, and its form should not be read as a law"
    which: Inline | str = equation_of(view, engine) or "formula"
    found_in = " and in ".join(counts)
    return ["The printed ", which, f" was found in {found_in}; {means}."]


def _relatives(view: View, rows: list[dict[str, Any]]) -> list[Inline | str]:
    """Name the relatives of descriptors whose own frequency misleads."""
    said: list[Inline | str] = []
    for row in rows:
        gain = row["share_or_relative"] - row["share"]
        if gain < _MISLEADING - 1e-9 or not row["relatives"]:
            continue
        if not (row["printed"] or row["share"] >= _OFTEN):
            continue
        said += ["; " if said else " Counted with those that correlate with it (|r| > "
                 "0.9): "]  # fmt: skip
        said += [view.symbol(row["name"]), " or "]
        for i, name in enumerate(row["relatives"]):
            said += [", " if i else "", view.symbol(name)]
        said.append(f" in {fixed(100 * row['share_or_relative'], 0)}\u00a0%")
    return [*said, "."] if said else []


def _sizes(view: View, found: Stability, engine: str, over: str) -> list[str]:
    procedure = view.procedure(engine)
    by = "terms" if procedure is None else procedure.limit_by
    rows = sorted(rows_of(found.sizes, engine, over), key=lambda row: -row["share"])
    shown = [
        f"{limited(int(row['limit']), by)} {percent(row)}" for row in rows[:_SHOWN]
    ]
    return [f" Size: {', '.join(shown)}."] if shown else []


def _sets(found: Stability, engine: str, over: str) -> list[str]:
    said = []
    for row in rows_of(found.sets, engine, over):
        if not math.isfinite(row["value"]):
            continue
        bounds = ""
        if math.isfinite(row["low"]):
            bounds = f" (95\u00a0%: {fixed(row['low'], 2)} to {fixed(row['high'], 2)})"
        said.append(f"of the {row['what']} {fixed(row['value'], 2)}{bounds}")
    return [f" Stability of the sets: {', '.join(said)}."] if said else []


def _out_of_bag(view: View, found: Stability, engine: str) -> list[str]:
    from hecsr.validation.recurrence import quantiles

    own = found.draws[found.draws["engine"] == engine]
    said = []
    scored = own["score"].dropna().to_numpy()
    if len(scored):
        one = metric_of(found)
        low, high = quantiles(scored)
        digits = view.decimals(one)
        said.append(
            f" Out of the bag the {one.label} is "
            f"{fixed(float(own['score'].median()), digits)}{in_unit(view.unit_of(one))}"
            f" in the median, 95\u00a0% from {fixed(low, digits)} to "
            f"{fixed(high, digits)}."
        )
    failed = [text for text in own["failure"] if text]
    if failed:
        why = failed[0].rstrip(".")
        said.append(f" In {len(failed)} bootstraps no formula was found ({why}).")
    return said
