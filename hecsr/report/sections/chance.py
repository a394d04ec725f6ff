"""What the searches find where there is nothing to be found."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

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
from hecsr.report.numbers import count, decimals_for, fixed, power_of_ten, significant
from hecsr.report.units import unit_head
from hecsr.result import limited
from hecsr.validation.chance import SAME_BUDGET

if TYPE_CHECKING:
    from hecsr.report.view import View
    from hecsr.validation.chance import Chance
    from hecsr.validation.feature_space import FeatureSpace

_ERRORS: Final = "tab:chance"
_FITS: Final = "tab:chance-fit"
_LEVEL: Final = 0.05


def blocks(view: View) -> list[Block]:
    """Return the section; nothing where no target was scrambled."""
    chance = view.result.chance
    if chance is None:
        return []
    figure = Figure(
        stem="chance",
        drawing="chance",
        caption=rich(
            f"Cross-validated {metric(chance.metric).label} of each engine's whole "
            f"procedure on {_scrambles(chance)} scrambled targets (bars), on the true "
            "target with the same budget (solid line), and of the mean of the "
            "training rows (dotted line)."
        ),
        alt="Histogram of the cross-validated score on scrambled targets for each "
        "engine, with that on the true target as a line.",
    )
    found: list[Block] = [
        Heading(1, "Chance"),
        Paragraph(_lead(view, chance, figure)),
        _errors(view, chance),
        figure,
        _fits(view, chance),
    ]
    return found if chance.space is None else found + _space(view, chance.space)


def outcome(test: Any) -> str:
    """Say in words what the scrambled targets tell of an engine.

    Parameters
    ----------
    test
        A line of :attr:`hecsr.validation.chance.Chance.tests`.
    """
    p, n = float(test["p"]), int(test["scrambles"])
    if math.isnan(p):
        return "undefined"
    if p <= _LEVEL:
        return "better than chance"
    if 1 / (1 + n) > _LEVEL:
        return "too few scrambles to tell"
    one = metric(str(test["metric"]))
    if not one.better(float(test["value"]), float(test["mean"])):
        return "no better than chance"
    return "not shown to be better than chance"


def p_words(p: float) -> str:
    """Write a p-value as it stands behind ``p =``."""
    return fixed(p, max(decimals_for(p, 2), 2))


def label(view: View, engine: str) -> str:
    """Return the printed name of an engine's procedure."""
    procedure = view.procedure(engine)
    return engine if procedure is None else procedure.label


def _scrambles(chance: Chance) -> str:
    return count(int(chance.tests["scrambles"].max()))


def _lead(view: View, chance: Chance, figure: Figure) -> Rich:
    tests = chance.tests.to_dict("records")
    said = "; ".join(
        f"{label(view, str(t['engine']))}: {outcome(t)}"
        f"{_budget(chance, str(t['engine']))}"
        for t in tests
    )
    least = 1 / (1 + max(int(t["scrambles"]) for t in tests))
    where = "over all rows"
    if view.classification:
        where = "inside each held-out part, so that its share of the classes stays"
    return rich(
        f"The target is permuted {_scrambles(chance)} times, groups of rows "
        f"{'of like size ' if chance.mixed else ''}as wholes, {where}. {_mixed(chance)}"
        "On each of these targets every engine repeats its whole procedure: "
        "redundancy filter, search, and choice of the size, in each of the "
        f"{count(chance.n_folds)} training folds of one repeat. What it reaches there "
        "it reaches by chance. The true target is run once more with the same budget, "
        "which may be smaller than that of the comparison, so its score may differ "
        "from the one there. p is (1 + number of scrambles at least as good) / "
        "(1 + number of scrambles), here "
        f"at least {p_words(least)} (",
        Ref(_ERRORS),
        ", ",
        Ref(figure.label),
        f"). {said}.",
    )


def _budget(chance: Chance, engine: str) -> str:
    """Say of an engine that searched less than in the comparison that it did."""
    return "" if chance.budgets[engine] == SAME_BUDGET else " with its small budget"


def _mixed(chance: Chance) -> str:
    if not chance.mixed:
        return ""
    return (
        "Sizes that fewer than three groups have are put together with the next "
        "smaller ones, so that a run of values may reach over two groups and p comes "
        "out somewhat too small: on simulated targets that were related to nothing, it "
        "was at most 0.05 in 6 to 10 % of the cases. "
    )


def _errors(view: View, chance: Chance) -> Table:
    one = metric(chance.metric)
    digits = view.decimals(one)
    unit = unit_head(view.unit_of(one))
    rows = tuple(
        (
            rich(label(view, str(t["engine"]))),
            rich(fixed(t["value"], digits)),
            rich(fixed(t["mean"], digits)),
            rich(f"{fixed(t['low'], digits)} to {fixed(t['high'], digits)}"),
            rich(fixed(t["constant"], digits)),
            rich(p_words(float(t["p"]))),
            rich(outcome(t)),
        )
        for t in chance.tests.to_dict("records")
    )
    columns = (
        Column(rich("Engine"), stretch=1),
        Column(rich("True target"), unit, "right"),
        Column(rich("Scrambled"), unit, "right"),
        Column(rich("Range"), unit, "right"),
        Column(rich("Mean alone"), unit, "right"),
        Column(rich("p"), align="right"),
        Column(rich("Verdict"), stretch=1.2),
    )
    caption = rich(
        f"Cross-validated {one.label} ({one.meaning}; mean over the folds) on the true "
        f"target and on {_scrambles(chance)} scrambled ones: their mean, and lowest "
        "and highest. Mean alone: of the mean of the training rows",
        " (class 1's share)" if view.classification else "",
        ", on the true target.",
    )
    return Table(columns, rows, caption, _ERRORS, small=True)


def _fits(view: View, chance: Chance) -> Table:
    rows = []
    for test in chance.tests.to_dict("records"):
        engine = str(test["engine"])
        own = chance.fits[chance.fits["engine"] == engine]
        true, by_chance = own[own["scramble"] < 0], own[own["scramble"] >= 0]
        rows.append(
            (
                rich(label(view, engine)),
                rich(chance.budgets[engine]),
                rich(fixed(float(true["in_sample"].iloc[0]), 3)),
                rich(fixed(float(true["held_out"].iloc[0]), 3)),
                rich(fixed(float(by_chance["in_sample"].mean()), 3)),
                rich(fixed(float(by_chance["in_sample"].max()), 3)),
                rich(f"{count(test['mean_alone'])} of {count(test['scrambles'])}"),
            )
        )
    columns = (
        Column(rich("Engine"), stretch=1),
        Column(rich("Budget"), stretch=1.6),
        Column(rich("True, training"), align="right"),
        Column(rich("True, held out"), align="right"),
        Column(rich("Scrambled, training"), align="right"),
        Column(rich("Scrambled, highest"), align="right"),
        Column(rich("Mean alone"), align="right"),
    )
    caption = rich(
        "Budget in the scrambles and of the reference on the true target, and share of "
        "the variance explained: of the training rows (mean over the folds) and of all "
        "held-out rows on the true target, and of the training rows on the scrambled "
        "ones (mean, and highest of all scrambles), which is how well chance alone "
        "fits. ",
        "For classes the share by which the Brier score is below that of the class "
        "share. "
        if view.classification
        else "",
        "Mean alone: on how many scrambles the engine kept the mean in every fold.",
    )
    return Table(columns, tuple(rows), caption, _FITS, small=True)


def _space(view: View, space: FeatureSpace) -> list[Block]:
    share = "share of the variance"
    figure = Figure(
        stem="feature_space",
        drawing="feature_space",
        caption=rich(
            f"Best {share} of all rows that formulas of {_terms(space)} explain by "
            f"chance (mean of {count(space.scrambles)} scrambled targets, band from "
            "the 5 to the 95 % quantile) and on the true target, against the number "
            "of candidate features; level of the held-out share; vertical line: the "
            "space that is used."
        ),
        alt="Share of the variance explained by chance and on the true target "
        "against the number of candidate features.",
        width=85,
    )
    return [
        Heading(2, "Feature space that the rows support"),
        Paragraph(_space_words(view, space, figure)),
        figure,
    ]


def _space_words(view: View, space: FeatureSpace, figure: Figure) -> Rich:
    used, name = space.used, label(view, space.engine)
    return rich(
        f"The {name} chooses among {count(used['candidates'])} candidate features M on "
        f"{count(space.n_rows)} rows n. On scrambled targets the best formula of "
        f"{_terms(space)} explains there {fixed(used['mean'], 3)} of the variance of "
        f"the rows it is fitted to (in 19 of 20 scrambles at most "
        f"{fixed(used['high'], 3)}); on the true target {fixed(used['true'], 3)}, and "
        f"{fixed(space.held_out, 3)} of held-out rows (",
        Ref(figure.label),
        "). ",
        _gap(space),
        " By the rule of compressed sensing, ",
        Math(r"n = k D \ln M", "n = k D ln M"),
        f" with D terms, k is {significant(space.rows_per_term, 2)} here. The largest "
        "space in which chance stays below the held-out share ",
        supported_words(space),
        " Of the other engines nobody can count what they might have built.",
    )


def supported_words(space: FeatureSpace) -> str:
    """Say how large a space the rows support; to stand behind 'the largest space'."""
    largest = int(space.growth["candidates"].max())
    if space.supported == 0:
        return (
            "is none of those searched: not even the "
            f"{count(space.growth['candidates'].min())} features of the smallest are "
            "supported."
        )
    if not space.extrapolated:
        # interpolated: more than two digits of it mean nothing
        size = count(float(f"{space.supported:.2g}"))
        return f"has about {size} candidates (interpolated)."
    searched = f"the largest that was searched, of {count(largest)} candidates"
    if space.far:
        return (
            f"is so far beyond {searched}, that no number can be extrapolated: the "
            "number of candidates is not what limits this formula."
        )
    size = power_of_ten(round(math.log10(space.supported)))
    return (
        f"has of the order of {size} candidates; this is extrapolated beyond "
        f"{searched}."
    )


def _gap(space: FeatureSpace) -> str:
    if math.isnan(space.gap):
        return "The held-out share is undefined."
    if space.gap > 0:
        return (
            f"The held-out share is {fixed(space.gap, 3)} above what chance reaches in "
            "19 of 20 scrambles."
        )
    return (
        "The held-out share is not above what chance reaches in 19 of 20 scrambles: "
        "in this space a good fit is no evidence of a law."
    )


def _terms(space: FeatureSpace) -> str:
    return limited(space.terms, "terms")
