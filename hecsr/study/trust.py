"""One paragraph from all figures: which model to trust, where, and how far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.validation.frames import fold_mean
from hecsr.validation.metrics import LOWER_IS_BETTER
from hecsr.validation.ranks import best_of
from hecsr.validation.recurrence import BOOTSTRAPS
from hecsr.validation.significance import NOT_SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hecsr.result import Competitor, FormulaResult, Scheme
    from hecsr.study.full import LongValidation
    from hecsr.validation.applicability import Applicability
    from hecsr.validation.compare import Comparison
    from hecsr.validation.significance import Significance

_LEVEL: Final = 0.05
# A form that comes back more often than not is that of the data, not of these rows.
_OFTEN: Final = 0.5
# A harder scheme is told of where the error is this much larger, or the score smaller.
_WORSE: Final = 1.15
_SCHEMES: Final = 2
_NAMES: Final = ("Gaussian",)


@dataclass(frozen=True, eq=False)
class _Case:
    """What the sentences are made from; `best` is the best formula procedure."""

    comparison: Comparison
    differing: Significance
    formulas: Sequence[FormulaResult]
    schemes: Sequence[Scheme]
    applicability: Applicability
    long: LongValidation | None
    unit: str
    best: Competitor

    @property
    def metric(self) -> str:
        return self.differing.metric

    def mean(self, name: str, scheme: str = "") -> float:
        which = scheme or self.comparison.main
        return fold_mean(self.comparison.scores, which, name, self.metric)

    def shown(self, name: str, scheme: str = "") -> str:
        """Return a competitor's score in words, as 'MAE 3.80 GPa'."""
        return self.written(self.mean(name, scheme))

    def written(self, value: float) -> str:
        if self.metric != "mae":
            return f"{self.metric.replace('_', ' ')} {value:.3f}"
        unit = "" if self.unit == "1" else f" {self.unit}"
        return f"MAE {value:.2f}{unit}"

    def word(self, rival: str, scheme: str = "") -> str:
        """Say what a rival is beside the best formula; '' where nothing is known."""
        own = self.differing.rivals
        own = own[
            (own["scheme"] == (scheme or self.comparison.main))
            & (own["first"] == rival)
        ]
        return str(own["word"].iloc[0]) if len(own) else ""


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
    case = _Case(
        comparison, differing, formulas, schemes, applicability, long, unit, best
    )
    found = [*_which(case), *_chance(case), *_form(case), *_where(case), *_far(case)]
    return " ".join(found)


def _which(case: _Case) -> Iterator[str]:
    best = case.best
    opening = (
        f"Among rows like those of the table the best formula procedure is "
        f"{best.label} ({case.shown(best.name)} on held-out rows)"
    )
    base = best_of(case.comparison, case.metric, ("baseline",))
    if base is not None and case.word(base.name) != "worse":
        yield (
            f"{opening}, which is not shown to be better than the {_small(base.label)}"
            f" ({case.shown(base.name)}): trust no formula of these descriptors."
        )
    else:
        yield f"{opening}{_beside_black_box(case)}."
    rule = best_of(case.comparison, case.metric, ("rule",))
    if rule is None:
        return
    word, said = case.word(rule.name), f"the rule '{rule.label}'"
    score = case.shown(rule.name)
    if word == "worse":
        yield f"It is better than the best trivial rule, {said} ({score})."
    elif word == "better":
        yield f"{_capital(said)} is better ({score}), and simpler: prefer it."
    elif _ahead(case, best.name, rule.name):
        yield (
            f"Its gain over the best trivial rule, {said} ({score}), is not shown (no "
            "significant difference)."
        )
    else:
        yield (
            f"It is not shown to differ from the best trivial rule, {said} ({score}): "
            "where the rule says enough, it will do."
        )


def _ahead(case: _Case, first: str, second: str, scheme: str = "") -> bool:
    """Whether the first has the better score, shown or not."""
    a, b = case.mean(first, scheme), case.mean(second, scheme)
    return a < b if case.metric in LOWER_IS_BETTER else a > b


def _beside_black_box(case: _Case) -> str:
    box = best_of(case.comparison, case.metric, ("black box",))
    if box is None:
        return ""
    named = f"the best black box, {_small(box.label)} ({case.shown(box.name)})"
    word = case.word(box.name)
    if word == "better":
        return (
            f"; {named} predicts better: take it for numbers, and the formula for what "
            "can be read and argued with"
        )
    if word == "worse":
        return f", better than {named}: trust the formula"
    return (
        f", which is not shown to differ from {named}: trust the formula, which can be "
        "read and argued with"
    )


def _chance(case: _Case) -> Iterator[str]:
    chance = None if case.long is None else case.long.chance
    if chance is None:
        return
    own = chance.tests[chance.tests["engine"] == case.best.engine]
    for test in own.to_dict("records"):
        n, p = int(test["scrambles"]), float(test["p"])
        with_ = f"p = {p:.2g} from {n} scrambled targets"
        if p <= _LEVEL:
            yield f"Chance does not explain it ({with_})."
        elif 1 / (1 + n) > _LEVEL:
            yield f"Whether it is chance cannot be told ({with_}, too few)."
        else:
            yield f"It is not shown to be better than chance ({with_}): do not use it."


def _form(case: _Case) -> Iterator[str]:
    if case.long is None:
        return
    frame = case.long.stability.formulas
    own = frame[
        (frame["engine"] == case.best.engine)
        & (frame["over"] == BOOTSTRAPS)
        & frame["printed"].astype(bool)
    ]
    drawn = case.long.stability.bootstraps
    if not drawn:
        return
    count = int(own["count"].sum())
    said = f"The printed form came back in {count} of {drawn} bootstraps"
    for one in case.long.rashomon:
        if one.engine == case.best.engine:
            least = "at least " if one.full else ""
            verb = "is" if one.size == 1 and not one.full else "are"
            said += (
                f", and {least}{one.size:,} formulas of the list {verb} not told from "
                "the best one"
            )
    if count / drawn >= _OFTEN:
        yield f"{said}: its form may be read."
    else:
        yield f"{said}: read it as one of many, not as a law."


def _where(case: _Case) -> Iterator[str]:
    summary = case.applicability.summary
    own = summary[
        (summary["scheme"] == case.comparison.main)
        & (summary["competitor"] == case.best.name)
        & summary["by"].isin(["hull", "distance"])
    ]
    lines = {str(r["by"]): r for r in own.to_dict("records")}
    larger = [r for r in lines.values() if r["shown"] == "larger"]
    names = {
        "hull": "outside the convex hull of the training rows",
        "distance": "far from the training rows",
    }
    if larger:
        most = max(larger, key=lambda r: float(r["ratio"]))
        yield (
            f"{_capital(names[str(most['by'])])} its error is {most['ratio']:.1f} "
            f"times as large ({most['ratio_low']:.1f} to {most['ratio_high']:.1f})."
        )
    elif lines and any(r["shown"] != "too few" for r in lines.values()):
        yield (
            "Its error is not shown to be larger outside the convex hull of, or far "
            "from, the training rows: the domain does not tell good predictions from "
            "bad."
        )
    told = sorted(_harder(case), key=lambda item: -item[0])
    yield from (text for _, text in told[:_SCHEMES])


def _harder(case: _Case) -> Iterator[tuple[float, str]]:
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
            f"Under '{_small(scheme.label)}' the formula has "
            f"{case.written(there)}{_rivals(case, scheme.name)}."
        )
        base = best_of(case.comparison, case.metric, ("baseline",), scheme.name)
        if base is not None and _ahead(case, base.name, case.best.name, scheme.name):
            text += (
                f" That is worse than the {_small(base.label)} "
                f"({case.shown(base.name, scheme.name)}): do not use it there."
            )
        yield float(loss), text


def _rivals(case: _Case, scheme: str) -> str:
    rival = best_of(case.comparison, case.metric, ("black box", "rule"), scheme)
    if rival is None:
        return ""
    named = f"{_small(rival.label)} ({case.written(case.mean(rival.name, scheme))})"
    word = case.word(rival.name, scheme)
    if word == "better":
        return f"; {named} is better there"
    if word == NOT_SHOWN:
        return f", not shown to differ from {named}"
    return f", and the best rival is {named}" if not word else f", better than {named}"


def _far(case: _Case) -> Iterator[str]:
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
    low, high = 1 - outlook.ratio_high, 1 - outlook.ratio_low
    if outlook.verdict == "helps":
        yield (
            f"Twice the rows would be expected to lower its error by {low:.0%} to "
            f"{high:.0%} (an extrapolation): measure more."
        )
    elif outlook.verdict == "little":
        yield (
            "Twice the rows would be expected to change its error little (an "
            "extrapolation): better descriptors would help more than more data."
        )
    else:
        yield "Whether more rows would help cannot be told from the learning curve."


def _small(label: str) -> str:
    """Return a label inside a sentence; an acronym or a name stays as it is."""
    if label[1:2].isupper() or label.startswith(_NAMES):
        return label
    return label[:1].lower() + label[1:]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
