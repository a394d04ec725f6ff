"""One paragraph from all figures: which model to trust, where, and how far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.study.case import Case, capital, small
from hecsr.study.standing import (
    LEVEL,
    OFTEN,
    beside_black_box,
    crowded,
    judgement,
    recurring,
)
from hecsr.validation.metrics import LOWER_IS_BETTER
from hecsr.validation.ranks import best_of
from hecsr.validation.significance import NOT_SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hecsr.result import FormulaResult, Scheme
    from hecsr.study.full import LongValidation
    from hecsr.validation.applicability import Applicability
    from hecsr.validation.compare import Comparison
    from hecsr.validation.significance import Significance

# A harder scheme is told of where the error is this much larger, or the score smaller.
_WORSE: Final = 1.15
_SCHEMES: Final = 2


def trust(
    comparison: Comparison,
    differing: Significance,
    formulas: Sequence[FormulaResult],
    schemes: Sequence[Scheme],
    applicability: Applicability,
    long: LongValidation | None,
    unit: str,
) -> str:
    """Return the paragraph; a short run says less, for less was looked at.

    Parameters
    ----------
    unit
        Of the target.
    """
    best = best_of(comparison, differing.metric, ("formula",))
    if best is None:
        return "No formula could be scored: trust none."
    case = Case(
        comparison, differing, formulas, schemes, applicability, long, unit, best
    )
    found = [*_which(case), *_chance(case), *_form(case), *judgement(case)]
    return " ".join([*found, *_where(case), *_far(case)])


def _which(case: Case) -> Iterator[str]:
    best = case.best
    opening = (
        f"Among rows like those of the table the best formula procedure is "
        f"{best.label} ({case.shown(best.name)} on held-out rows)"
    )
    base = best_of(case.comparison, case.metric, ("baseline",))
    if base is not None and case.word(base.name) != "worse":
        yield (
            f"{opening}, which is not shown to be better than the {small(base.label)}"
            f" ({case.shown(base.name)}): trust no formula of these descriptors."
        )
    else:
        yield f"{opening}{beside_black_box(case)}."
    rule = best_of(case.comparison, case.metric, ("rule",))
    if rule is None:
        return
    word, said = case.word(rule.name), f"the rule '{rule.label}'"
    score = case.shown(rule.name)
    if word == "worse":
        yield f"It is better than the best trivial rule, {said} ({score})."
    elif word == "better":
        yield f"{capital(said)} is better ({score}), and simpler: prefer it."
    elif case.ahead(best.name, rule.name):
        yield (
            f"Its gain over the best trivial rule, {said} ({score}), is not shown (no "
            "significant difference)."
        )
    else:
        yield (
            f"It is not shown to differ from the best trivial rule, {said} ({score}): "
            "where the rule says enough, it will do."
        )


def _chance(case: Case) -> Iterator[str]:
    chance = None if case.long is None else case.long.chance
    if chance is None:
        return
    own = chance.tests[chance.tests["engine"] == case.best.engine]
    for test in own.to_dict("records"):
        n, p = int(test["scrambles"]), float(test["p"])
        with_ = f"p = {p:.2g} from {n} scrambled targets"
        if p <= LEVEL:
            yield f"Chance does not explain it ({with_}){_crowd(case)}."
        elif 1 / (1 + n) > LEVEL:
            yield f"Whether it is chance cannot be told ({with_}, too few)."
        else:
            yield f"It is not shown to be better than chance ({with_}): do not use it."


def _crowd(case: Case) -> str:
    """Say where so many forms were tried that a good fit of them means little."""
    chance = None if case.long is None else case.long.chance
    space = None if chance is None else chance.space
    if space is None or not crowded(case):
        return ""
    used = space.used
    # the number comes of an interpolation, and two digits of it are plenty
    supported = float(f"{space.supported:.2g}")
    number = f"about {supported:,.0f}" if supported else "none of the spaces searched,"
    return (
        ", but so many forms were tried that chance alone fits the training rows (up "
        f"to {used['high']:.3f} of their variance in 19 of 20 scrambles) as well as "
        f"this formula predicts held-out ones ({space.held_out:.3f}); the rows support "
        f"{number} of the {used['candidates']:,.0f} candidates"
    )


def _form(case: Case) -> Iterator[str]:
    count, drawn = recurring(case)
    if case.long is None or not drawn:
        return
    said = f"The printed form came back in {count} of {drawn} bootstraps"
    for one in case.long.rashomon:
        if one.engine == case.best.engine:
            least = "at least " if one.full else ""
            verb = "is" if one.size == 1 and not one.full else "are"
            said += (
                f", and {least}{one.size:,} formulas of the list {verb} not told from "
                "the best one"
            )
    if count / drawn >= OFTEN:
        yield f"{said}: its form may be read."
    else:
        yield f"{said}: read it as one of many, not as a law."


def _where(case: Case) -> Iterator[str]:
    summary = case.applicability.summary
    own = summary[
        (summary["scheme"] == case.comparison.main)
        & (summary["competitor"] == case.best.name)
        & summary["by"].isin(["hull", "distance"])
    ]
    lines = {str(r["by"]): r for r in own.to_dict("records")}
    larger = [r for r in lines.values() if r["shown"] == "larger"]
    error = "Brier score" if case.applicability.metric == "brier" else "error"
    names = {
        "hull": "outside the convex hull of the training rows",
        "distance": "far from the training rows",
    }
    if larger:
        most = max(larger, key=lambda r: float(r["ratio"]))
        yield (
            f"{capital(names[str(most['by'])])} its {error} is {most['ratio']:.1f} "
            f"times as large ({_above_one(most['ratio_low'])} to "
            f"{most['ratio_high']:.1f})."
        )
    elif lines and any(r["shown"] != "too few" for r in lines.values()):
        yield (
            f"Its {error} is not shown to be larger outside the convex hull of, or "
            "far from, the training rows: the domain does not tell good predictions "
            "from bad."
        )
    told = sorted(_harder(case), key=lambda item: -item[0])
    yield from (text for _, text in told[:_SCHEMES])


def _above_one(ratio: float) -> str:
    """Write the lower end of a ratio that is above 1, so that it is seen to be."""
    return f"{ratio:.1f}" if ratio >= 1.05 else f"{ratio:.2f}"


def _harder(case: Case) -> Iterator[tuple[float, str]]:
    """Give each scheme in which the formula does worse, and how much worse."""
    ours = case.mean(case.best.name)
    for scheme in case.schemes:
        if scheme.name == case.comparison.main:
            continue
        there = case.mean(case.best.name, scheme.name)
        lower = case.metric in LOWER_IS_BETTER
        loss = there / ours if lower else (1 - there) / (1 - ours) if ours < 1 else 9.0
        if not np.isfinite(loss) or loss < _WORSE:
            continue
        text = (
            f"Under '{small(scheme.label)}' the formula has "
            f"{case.written(there)}{_rivals(case, scheme.name)}"
            f"{_formulas(case, scheme.name)}."
        )
        base = best_of(case.comparison, case.metric, ("baseline",), scheme.name)
        if base is not None and case.ahead(base.name, case.best.name, scheme.name):
            text += (
                f" That is worse than the {small(base.label)} "
                f"({case.shown(base.name, scheme.name)}): do not use it there."
            )
        yield float(loss), text


def _rivals(case: Case, scheme: str) -> str:
    rival = best_of(case.comparison, case.metric, ("black box", "rule"), scheme)
    if rival is None:
        return ""
    named = f"{small(rival.label)} ({case.written(case.mean(rival.name, scheme))})"
    word = case.word(rival.name, scheme)
    if word == "better":
        return f"; {named} is better there"
    if word == NOT_SHOWN:
        return f", not shown to differ from {named}"
    return f", and the best rival is {named}" if not word else f", better than {named}"


def _formulas(case: Case, scheme: str) -> str:
    """Name the formula procedure that does better there, where one does."""
    best = best_of(case.comparison, case.metric, ("formula",), scheme)
    if best is None or not case.ahead(best.name, case.best.name, scheme):
        return ""
    said = f"; of the formulas {best.label} ({case.shown(best.name, scheme)}) is"
    word = case.word(best.name, scheme)
    if word == "better":
        return f"{said} better there"
    why = "the split is a single one, and nothing is tested"
    if word == NOT_SHOWN:
        why = "not shown to differ"
    elif word == "worse":
        why = "as a mean over the folds; over all held-out rows it is behind"
    return f"{said} ahead there ({why})"


def _far(case: Case) -> Iterator[str]:
    for one in case.formulas:
        if one.chosen and one.engine == case.best.engine:
            interval = one.formula.interval
            if interval is not None:
                unit = "" if case.unit == "1" else f" {case.unit}"
                yield (
                    f"Its predictions carry ± {interval.half_width:.3g}{unit} at "
                    f"{interval.level:.0%}, from held-out errors."
                )
    learning = None if case.long is None else case.long.learning
    if learning is None or case.best.name not in learning.outlooks:
        return
    outlook: Any = learning.outlooks[case.best.name]
    if outlook.verdict == "helps":
        low, high = 1 - outlook.ratio_high, 1 - outlook.ratio_low
        yield (
            f"Twice the rows would be expected to lower its error by {low:.0%} to "
            f"{high:.0%} (an extrapolation): measure more."
        )
    elif outlook.verdict == "little":
        yield (
            "More rows of the same kind would be expected to do little (an "
            f"extrapolation){_carried(case, 'would help more than more rows')}."
        )
    elif outlook.verdict == "flat":
        yield (
            f"Its error is flat from n = {outlook.flat_from:.0f} training rows on: "
            f"more rows did little{_carried(case, 'would help more than more rows')}."
        )
    else:
        yield (
            "Whether more rows would help cannot be told from the learning curve"
            f"{_carried(case, 'is worth trying first')}."
        )


def _carried(case: Case, then: str) -> str:
    """Say what follows of a better black box: it was given the same columns."""
    box = best_of(case.comparison, case.metric, ("black box",))
    if box is None or case.word(box.name) != "better":
        return ""
    return (
        f"; the same descriptors carry more than the formula takes from them, as the "
        f"{small(box.label)} shows: another or a larger form {then}"
    )
