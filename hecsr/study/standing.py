"""How the best formula stands beside the best black box, and whether to trust it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from hecsr.study.case import as_gain, small
from hecsr.validation.metrics import LOWER_IS_BETTER
from hecsr.validation.ranks import best_of
from hecsr.validation.recurrence import BOOTSTRAPS
from hecsr.validation.significance import t_interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecsr.study.case import Case

LEVEL: Final = 0.05
OFTEN: Final = 0.5
"""A form that comes back more often than not is that of the data, not of these rows."""
# A loss is relevant from this share of the baseline's error on, or from this much of
# a score that has no unit.
_OF_ERROR: Final = 0.05
_OF_SCORE: Final = 0.02


def beside_black_box(case: Case) -> str:
    """Continue the sentence on the best formula with the best black box."""
    box = best_of(case.comparison, case.metric, ("black box",))
    if box is None:
        return ""
    beside = f"the best black box, {small(box.label)} ({case.shown(box.name)})"
    word = case.word(box.name)
    if word == "better":
        return (
            f"; {beside} predicts better: take it for numbers, and the formula for "
            "what can be read and argued with"
        )
    if word == "worse":
        return f", better than {beside}"
    line = case.line(box.name)
    if line is None:
        return f"; {beside} is not compared with it fold by fold"
    return f", which is not shown to differ from {beside}: {_apart(case, line)}"


def _apart(case: Case, line: dict[str, Any]) -> str:
    """Say how much better the black box may be, and what the held-out rows say."""
    low, high, how = _gain(case, line)
    if math.isnan(high):
        return "by how much they may differ cannot be told"
    band = f"95 % interval of its gain {case.band(low, high)}, {how}"
    if high <= 0:
        said = f"taken by itself the black box is worse ({band})"
    elif low > 0:
        said = f"taken by itself the black box is better ({band})"
    else:
        said = (
            "these folds do not tell them apart; the black box may be better by up to "
            f"{case.amount(high)} ({band})"
        )
    if low > 0 or high <= 0:
        rivals = case.differing.rivals
        number = int((rivals["scheme"] == case.comparison.main).sum())
        said += f", after Holm over {number} rivals that is not shown"
    first, last = as_gain(line["low"], line["high"], case.metric)
    if line["test"] == "t" and (first > 0 or last < 0):
        which, least, most = "black box", first, last
        if last < 0:
            which, least, most = "formula", -last, -first
        said += (
            "; over the held-out rows, with the fitted models as they are, the "
            f"{which} is better by {case.band(least, most)} "
            "(bootstrap, without zero)"
        )
    return said


def _gain(case: Case, line: dict[str, Any]) -> tuple[float, float, str]:
    """Return the interval of how much better the black box is, and of which test."""
    low, high = t_interval(line)
    if not math.isnan(low):
        return *as_gain(low, high, case.metric), "corrected t-test"
    ends = as_gain(line["low"], line["high"], case.metric)
    return *ends, "bootstrap of the held-out rows"


def recurring(case: Case) -> tuple[int, int]:
    """Return in how many bootstraps the printed form came back, and of how many."""
    if case.long is None:
        return 0, 0
    frame = case.long.stability.formulas
    own = frame[
        (frame["engine"] == case.best.engine)
        & (frame["over"] == BOOTSTRAPS)
        & frame["printed"].astype(bool)
    ]
    return int(own["count"].sum()), int(case.long.stability.bootstraps)


def crowded(case: Case) -> bool:
    """Whether chance fits training rows as well as the formula predicts held-out ones.

    In 1 of 20 scrambles at least, in the space of candidates that was searched.
    """
    chance = None if case.long is None else case.long.chance
    space = None if chance is None else chance.space
    return space is not None and space.engine == case.best.engine and space.gap <= 0


def judgement(case: Case) -> Iterator[str]:
    """Say whether to trust the formula, and if not without reserve, why.

    It is trusted if a relevant loss against the best black box is excluded (5 % of the
    baseline's error, or 0.02 of a score), no rule is level with it, its form recurs in
    half of the bootstraps, and chance is excluded, the last two where they were looked
    at. Nothing is said where an earlier sentence has already advised something else.
    """
    box = best_of(case.comparison, case.metric, ("black box",))
    base = best_of(case.comparison, case.metric, ("baseline",))
    rule = best_of(case.comparison, case.metric, ("rule",))
    chance = _by_chance(case)
    if (
        box is None
        or (base is not None and case.word(base.name) != "worse")
        or (rule is not None and case.word(rule.name) == "better")
        or case.word(box.name) == "better"
        or chance == "shown to be no better"
    ):
        return
    limit, least = _relevant(case)
    line = case.line(box.name)
    lost = math.nan if line is None else _gain(case, line)[1]
    held = case.word(box.name) == "worse" or lost < limit
    reasons = [
        *([] if held else [f"a loss against the black box of {least} is not excluded"]),
        *_doubts(case),
    ]
    if rule is not None and case.word(rule.name) != "worse":
        reasons.append(f"the rule '{rule.label}' may do as well")
    if chance == "too few":
        reasons.append("chance is not excluded")
    if reasons:
        yield f"So it is usable, and readable, but {_listed(reasons)}."
        return
    also = "" if rule is None else ", no rule is level with it"
    also += ", its form recurs" if recurring(case)[1] else ""
    yield (
        "Trust the formula, which can be read and argued with: a loss against the "
        f"black box of {least} is excluded{also}."
    )


def _by_chance(case: Case) -> str:
    chance = None if case.long is None else case.long.chance
    if chance is None:
        return ""
    own = chance.tests[chance.tests["engine"] == case.best.engine]
    for test in own.to_dict("records"):
        if float(test["p"]) > LEVEL:
            few = 1 / (1 + int(test["scrambles"])) > LEVEL
            return "too few" if few else "shown to be no better"
    return ""


def _relevant(case: Case) -> tuple[float, str]:
    """Return the least loss that matters, and what it is in words."""
    if case.metric not in LOWER_IS_BETTER:
        return _OF_SCORE, f"{case.amount(_OF_SCORE)} or more"
    base = best_of(case.comparison, case.metric, ("baseline",))
    if base is None:
        return 0.0, "any size"
    limit = _OF_ERROR * case.mean(base.name)
    return limit, (
        f"{case.amount(limit)} or more ({_OF_ERROR:.0%} of the error of the "
        f"{small(base.label)})"
    )


def _doubts(case: Case) -> Iterator[str]:
    count, drawn = recurring(case)
    if drawn and count / drawn < OFTEN:
        yield "its form seldom comes back"
    if crowded(case):
        yield "among so many candidates a good fit is no evidence of a law"


def _listed(items: list[str]) -> str:
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])}, and {items[-1]}"
