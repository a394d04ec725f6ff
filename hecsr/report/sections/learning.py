"""Whether more data or larger formulas would help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecsr.report.learning import error_name, unit_of
from hecsr.report.metrics import metric
from hecsr.report.model import (
    Block,
    Column,
    Figure,
    Heading,
    Math,
    Paragraph,
    Ref,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import count, decimals_for, fixed, spread
from hecsr.report.units import unit_text
from hecsr.report.view import in_unit
from hecsr.result import Competitor, limited
from hecsr.validation.power_law import EXPONENTS, LITTLE

if TYPE_CHECKING:
    from hecsr.report.view import View
    from hecsr.validation.learning import LearningCurves
    from hecsr.validation.power_law import Outlook


def blocks(view: View) -> list[Block]:
    """Return the section; nothing where it was not computed."""
    found = view.result.learning
    if found is None:
        return []
    folds = found.curves["fold"].nunique()
    made: list[Block] = [
        Heading(1, "Would more data or larger formulas help?"),
        Paragraph(
            rich(
                "The whole procedure was repeated on growing parts of the training "
                f"rows of {folds} folds ({_scheme(view, found)}): whole groups drawn "
                f"at random, {_parts(found)}, the held-out rows always the same (",
                Ref("fig:learning_curve"),
                ", ",
                Ref("tab:learning"),
                "). To the mean held-out error a power law ",
                Math("a + b n^{-c}", "a + b n^(-c)"),
                " of the number ",
                Math("n", "n"),
                " of training rows was fitted, with ",
                Math("c", "c"),
                f" from {fixed(float(EXPONENTS[0]), 1)} to "
                f"{fixed(float(EXPONENTS[-1]), 1)}; beyond the rows that there are it "
                "is an extrapolation, and its bootstrap interval over the few folds a "
                "rough one. Nothing is concluded from a law that does not fall, whose "
                "exponent stands at a limit, or that misses the last point by more "
                "than its standard error.",
            )
        ),
        *(Paragraph(rich(_outlook(view, found, c))) for c in found.competitors),
        _table(view, found),
        _learning_figure(view, found),
    ]
    named = set(found.fronts["competitor"])
    engines = [c for c in found.competitors if c.name in named]
    if engines:
        made += [
            Paragraph(rich(" ".join(_larger(view, found, c) for c in engines))),
            _overfitting_figure(view, found, engines),
        ]
    return made


def _scheme(view: View, found: LearningCurves) -> str:
    labels = {s.name: s.label.lower() for s in view.result.schemes}
    return labels.get(found.scheme, found.scheme)


def _parts(found: LearningCurves) -> str:
    if found.repeats == 1:
        return "one part of each size"
    return f"{found.repeats} parts of each size, the smaller within the larger"


def _decimals(found: LearningCurves) -> int:
    return decimals_for(float(found.curves["held_out"].median()), 3)


def _outlook(view: View, found: LearningCurves, competitor: Competitor) -> str:
    said = found.outlooks.get(competitor.name)
    own = found.curves[found.curves["competitor"] == competitor.name]
    failed = int((own["failed"] != "").sum())
    tail = ""
    if failed:
        tail = f" {failed} of {len(own)} fits were not possible on so few rows."
    if said is None:
        return (
            f"{competitor.label}: too few sizes or folds to say what more rows would "
            f"do.{tail}"
        )
    k, unit = _decimals(found), in_unit(unit_of(view))
    low, high = (fixed(100 * (1 - r), 0) for r in (said.ratio_high, said.ratio_low))
    twice = (
        f"from {fixed(said.now, k)} to {fixed(said.doubled, k)}{unit}, by "
        f"{fixed(100 * (1 - said.ratio), 0)} % ({low} to {high} %)"
    )
    label, c = competitor.label, f"c = {fixed(said.exponent, 2)}"
    if said.verdict == "helps":
        text = (
            f"{label}: more rows would be expected to help. Twice the rows would lower "
            f"the error {twice}; {c}."
        )
    elif said.verdict == "little":
        text = (
            f"{label}: more rows of the same kind would be expected to do little. "
            f"Twice the rows would lower the error {twice}; {c}."
        )
    elif said.verdict == "flat":
        text = (
            f"{label}: flat from n = {count(said.flat_from)} on; from there to "
            f"{count(said.rows)} rows the error, in the end {fixed(said.last, k)}"
            f"{unit}, is shown to change by less than {fixed(100 * (1 - LITTLE), 0)} "
            f"%. Nothing is extrapolated: {_faults(said, k)}."
        )
    elif faults := _faults(said, k):
        text = (
            f"{label}: whether more rows would help cannot be told from these points: "
            f"{faults}."
        )
    else:
        text = (
            f"{label}: whether more rows would help cannot be told; the law says "
            f"{twice}, which is too uncertain; {c}."
        )
    return text + tail


def _faults(said: Outlook, decimals: int) -> str:
    """Say what speaks against the law; nothing where nothing does."""
    faults = []
    if said.level:
        faults.append("the fitted law does not fall at all (b = 0)")
    elif said.at_limit:
        faults.append(
            f"its exponent, c = {fixed(said.exponent, 2)}, stands at the "
            f"{said.at_limit} limit of those tried"
        )
    if said.misses:
        faults.append(
            f"at {count(said.rows)} rows the law gives {fixed(said.now, decimals)}, "
            f"the folds {fixed(said.last, decimals)} ± {fixed(said.last_se, decimals)} "
            "(standard error)"
        )
    return "; ".join(faults)


def _table(view: View, found: LearningCurves) -> Table:
    k = _decimals(found)
    folds = found.curves.groupby(["competitor", "size", "fold"], as_index=False)[
        ["train", "held_out"]
    ].mean()
    sizes = sorted(found.curves["size"].unique())
    rows: list[tuple[Rich, ...]] = []
    for competitor in found.competitors:
        cells = [rich(competitor.label)]
        of = folds[folds["competitor"] == competitor.name]
        for size in sizes:
            own = of.loc[of["size"] == size, "held_out"].dropna()
            sd = float(own.std(ddof=1)) if len(own) > 1 else float("nan")
            cells.append(rich(spread(float(own.mean()), sd, k)))
        last = of.loc[of["size"] == sizes[-1], "train"]
        cells.append(rich(fixed(float(last.mean()), k)))
        rows.append(tuple(cells))
    unit = unit_text(unit_of(view))
    # once in the caption: in every head it would leave no room for the models
    in_unit = f" ({unit})" if unit else ""
    by_size = found.curves.groupby("size")["rows"].mean()
    return Table(
        columns=(
            Column(rich("Model"), stretch=1.0),
            *(
                Column(rich(f"{count(float(by_size[s]))} rows"), align="right")
                for s in sizes
            ),
            Column(
                rich(f"training, {count(float(by_size[sizes[-1]]))}"), align="right"
            ),
        ),
        rows=tuple(rows),
        caption=rich(
            f"Held-out {_name(found)}{in_unit} against the mean number of training "
            "rows, mean "
            "and standard deviation over the folds; to the right the error on the "
            f"training rows themselves. {_budgets(found)}"
        ),
        label="tab:learning",
        small=True,
    )


def _name(found: LearningCurves) -> str:
    one = metric(found.metric)
    return error_name(found.metric) if one.more_is_better else one.meaning


def _budgets(found: LearningCurves) -> str:
    said = [
        f"{c.label}: {c.description}." for c in found.competitors if c.kind == "formula"
    ]
    return f"Searches: {' '.join(said)}" if said else ""


def _larger(view: View, found: LearningCurves, engine: Competitor) -> str:
    """Say what the largest formulas do that the chosen ones do not."""
    own = found.fronts[found.fronts["competitor"] == engine.name]
    limits = sorted(int(x) for x in own["limit"].unique())
    by_limit = {x: own[own["limit"] == x].set_index("fold") for x in limits}
    times = {x: int(by_limit[x]["chosen"].sum()) for x in limits}
    chosen, last = max(limits, key=lambda x: times[x]), limits[-1]
    if not times[chosen]:
        return f"{engine.label}: no size was chosen by inner folds."
    k, unit = _decimals(found), in_unit(unit_of(view))
    train = {x: fixed(float(by_limit[x]["train"].mean()), k) for x in limits}
    held = {x: fixed(float(by_limit[x]["held_out"].mean()), k) for x in limits}
    folds = own["fold"].nunique()
    at = (
        f"with {limited(chosen, engine.limit_by)}, chosen in {times[chosen]} of "
        f"{folds} folds, the error is {train[chosen]} on the training rows and "
        f"{held[chosen]}{unit} on the held-out ones"
    )
    if last == chosen:
        return f"{engine.label}: {at}; larger formulas were not allowed."
    gain = by_limit[last]["held_out"] - by_limit[chosen]["held_out"]
    lower = int((gain < 0).sum())
    there = (
        f"with {limited(last, engine.limit_by)} it is {train[last]} and "
        f"{held[last]}{unit}, the held-out one lower in {lower} of {folds} folds"
    )
    verdict = "whether larger formulas would help is not shown"
    if lower == folds:
        verdict = "larger formulas help in every fold"
    elif (gain > 0).all():
        verdict = "larger formulas over-fit in every fold"
    return f"{engine.label}: {at}; {there}: {verdict}."


def _learning_figure(view: View, found: LearningCurves) -> Figure:
    return Figure(
        stem="learning_curve",
        drawing="learning_curve",
        caption=rich(
            f"{error_name(found.metric)} against the number of training rows, on the "
            "held-out rows (filled, solid) and on the training rows themselves (open, "
            f"dashed); bars are one standard deviation over the folds of "
            f"{_scheme(view, found)}. Dotted: the fitted power law up to twice the "
            "rows."
        ),
        alt="Training and held-out error of each model against the number of training "
        "rows, with power laws extrapolated to twice the rows.",
    )


def _overfitting_figure(
    view: View, found: LearningCurves, engines: list[Competitor]
) -> Figure:
    words = {"terms": "terms", "complexity": "operators"}
    limits = " or ".join(dict.fromkeys(words[c.limit_by] for c in engines))
    return Figure(
        stem="overfitting",
        drawing="overfitting",
        caption=rich(
            f"{error_name(found.metric)} of formulas of growing size on the rows they "
            "were fitted to (open, dashed) and on the held-out rows (filled, solid), "
            f"bars one standard deviation over the folds of {_scheme(view, found)}. "
            f"Each point is the whole search limited to that number of {limits}. Grey "
            "lines: the sizes that the inner folds chose, the wider the more often."
        ),
        alt="Training and held-out error of each engine's formulas against their size.",
    )
