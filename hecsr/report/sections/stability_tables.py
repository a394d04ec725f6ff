"""Tables of the formulas found again, and of the spread of their coefficients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hecsr.report import in_line
from hecsr.report.equation import coefficient_symbol, of_coefficient
from hecsr.report.model import (
    Column,
    Group,
    Math,
    Ref,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import NONE, fixed, significant
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
from hecsr.report.view import in_unit

if TYPE_CHECKING:
    from hecsr.report.view import View
    from hecsr.validation.stability import Stability

_FORMULAS: Final = "tab:stability-formulas"
_COEFFICIENTS: Final = "tab:stability-coefficients"
_TOP: Final = 5
_WIDER: Final = 1.5
"""A spread this many standard errors wide is told in words."""
_SURE: Final = 0.95


def formulas(view: View, found: Stability, names: list[str]) -> Table:
    """Return the formulas found most often, and the printed ones, engine by engine."""
    overs = counted_over(view, found)
    one = metric_of(found)
    scored = BOOTSTRAPS in overs
    rows: list[tuple[Rich, ...] | Group] = []
    for engine in names:
        own = rows_of(found.formulas, engine, overs[0])
        shown = own[:_TOP] + [row for row in own[_TOP:] if row["printed"]]
        rows.append(Group(name_of(view, engine)))
        for row in shown:
            cells = [_formula(view, engine, row)]
            for over in overs:
                rest = rows_of(found.formulas, engine, over)
                times = {r["form"]: r["count"] for r in rest}
                of = rest[0]["n"] if rest else 0
                hits = f"{times.get(row['form'], 0)} of {of}"
                cells.append(rich(hits if rest else NONE))
            if scored:
                cells.append(rich(fixed(row["score"], view.decimals(one))))
            rows.append(tuple(cells))
    columns = [Column(rich("Formula, up to fitted numbers"), stretch=1)]
    columns += [
        Column(rich(where(view, over).title()), align="right") for over in overs
    ]
    if scored:
        unit = in_unit(view.unit_of(one)).strip()
        head = rich(f"{one.head}, out of the bag" + (f" ({unit})" if unit else ""))
        columns.append(Column(head, align="right", stretch=0.22))
    argument = ", of classes the argument of the link" if view.classification else ""
    caption = rich(
        f"The formulas found most often{argument}: how often, and the median score "
        "out of the bag." if scored else
        f"The formulas found most often{argument}, and how often."
    )  # fmt: skip
    return Table(
        tuple(columns), tuple(rows), caption, _FORMULAS, small=True, roomy=True
    )


def _formula(view: View, engine: str, row: dict[str, Any]) -> Rich:
    ref = equation_of(view, engine) if row["printed"] else None
    shown = written(view, row["formula"], row["variables"])
    return rich(ref, ": ", shown) if ref is not None else rich(shown)


def written(view: View, text: str, variables: tuple[str, ...]) -> Rich:
    """Return a formula, or the argument of its link, in symbols."""
    from hecsr.validation.forms import read_formula

    if not variables:
        return rich("no descriptor, the mean alone")
    return in_line.formula(view, read_formula(text, variables))


def errors(view: View, found: Stability) -> Rich:
    """Say whether the standard errors given the form hold on the bootstraps."""
    frame = found.coefficients
    known = frame[(frame["standard_error"] > 0) & frame["sd"].notna()]
    if not len(known):
        return rich(Ref(_COEFFICIENTS), " shows the spread over the bootstraps.")
    ratio = known["sd"] / known["standard_error"]
    wide = ratio > _WIDER
    said = (
        f" compares the standard errors, given the form, with the spread of the "
        "coefficients where the form is refitted to the bootstraps: "
        f"{fixed(ratio.min(), 1)} to {fixed(ratio.max(), 1)} standard errors."
    )
    if wide.any():
        said += (
            f" {int(wide.sum())} of {len(known)} spread more than {_WIDER:g} times "
            "as widely: rows of a group have errors in common, or a few rows carry "
            "the coefficient; the wider figure is the one to quote."
        )
    if view.classification:
        said += (
            " With copies of rows in place of others the classes look better parted, "
            "and the coefficients of a probability come out too large: of them the "
            "spread is a cautious figure."
        )
    unsure = [
        (name_of(view, str(row["engine"])), coefficient_symbol(row["coefficient"]))
        for row in known.to_dict("records")
        if row["same_sign"] < _SURE and _of(view, row) is not None
    ]
    open_ = rich(" The rows leave open the sign of ") if unsure else ()
    for i, (engine, symbol) in enumerate(unsure):
        open_ = rich(open_, ", " if i else "", f"{engine} ", symbol)
    return rich(Ref(_COEFFICIENTS), said, open_, "." if unsure else "")


def _of(view: View, row: dict[Any, Any]) -> Math | None:
    """Return what a coefficient of a printed formula multiplies."""
    for one in view.chosen:
        if one.engine == row["engine"]:
            return of_coefficient(one.formula, row["coefficient"])
    return None


def coefficients(view: View, found: Stability) -> Table:
    """Return the printed coefficients beside their spread over the bootstraps."""
    rows: list[tuple[Rich, ...] | Group] = []
    for engine in engines(view, found):
        own = found.coefficients[found.coefficients["engine"] == engine]
        if not len(own):
            continue
        rows.append(Group(name_of(view, engine)))
        for row in own.to_dict("records"):
            of = _of(view, row)
            rows.append(
                (
                    (coefficient_symbol(row["coefficient"]),),
                    rich(of) if of is not None else rich(NONE),
                    rich(significant(row["value"])),
                    rich(significant(row["standard_error"], 2)),
                    rich(significant(row["sd"], 2)),
                    rich(
                        f"{significant(row['low'], 3)} to {significant(row['high'], 3)}"
                    ),
                    rich(percent({"share": row["same_sign"]})),
                )
            )
    columns = (
        Column(rich("Coefficient")),
        Column(rich("Multiplies"), stretch=1),
        Column(rich("Value"), align="right"),
        Column(rich("Std. error"), align="right"),
        Column(rich("Spread"), align="right"),
        Column(rich("Middle 95\u00a0%"), align="right"),
        Column(rich("Same sign"), align="right"),
    )
    caption = rich(
        "The printed forms refitted to the bootstraps, nothing searched anew: standard "
        "error on all rows given the form, standard deviation over the bootstraps, "
        "their middle 95\u00a0%, and the share that has the printed sign. Units as in "
        "the tables of the formulas."
    )
    return Table(columns, tuple(rows), caption, _COEFFICIENTS, small=True, roomy=True)
