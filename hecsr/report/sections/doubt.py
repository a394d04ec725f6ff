"""Doubtful labels: what becomes of score and formula where one is turned over."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hecsr.formula.grammar import parse
from hecsr.report import in_line
from hecsr.report.model import (
    Block,
    Column,
    Figure,
    Heading,
    List,
    Paragraph,
    Ref,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import count, ends, fixed

if TYPE_CHECKING:
    from hecsr.report.view import View

_REPORTS = "tab:doubt-reports"
_CASES = "tab:doubt"


def blocks(view: View) -> list[Block]:
    """Return the section; nothing where labels were not put in doubt."""
    frame = view.result.doubt
    if frame is None:
        return []
    heading = Heading(1, "Doubtful labels")
    before, *cases = frame.to_dict("records")
    if not cases:
        said = "No report contradicts a label, and no row is without one for reports "
        return [heading, Paragraph(rich(f"{said}that disagree."))]
    figure = Figure(
        stem="doubt",
        drawing="doubt",
        caption=rich(
            f"Held-out balanced accuracy of the {_procedure(view)} with doubtful labels"
            " turned over: of all rows, and of the rows that are not turned over. "
            "Line: with the labels as they are.",
            " Band: from the lowest to the highest of all repeats, labels as they are."
            if spread_before(view) is not None
            else "",
        ),
        alt="Score of the formula procedure for each doubtful label turned over, "
        "against the score with the labels as they are.",
    )
    lead = rich(
        "Labels that a report contradicts are turned over one by one; compositions "
        "without a label, for their reports disagree, enter once as 0 and once as 1. "
        f"Each time the whole procedure of the {_procedure(view)} is repeated, in the "
        f"{count(view.main.n_splits)} folds of the first repeat and on all rows. ",
        Ref(_REPORTS),
        " lists the reports, ",
        Ref(_CASES),
        " and ",
        Ref(figure.label),
        " what changes. ",
        _verdict(view, before, cases),
    )
    found: list[Block] = [heading, Paragraph(lead), _reports(cases), figure]
    return [*found, _table(before, cases), *_formulas(view, before, cases)]


def spread_before(view: View) -> tuple[float, float] | None:
    """Return the lowest and highest score of the repeats with the labels as they are.

    None of a single repeat.
    """
    scores = view.result.scores
    own = scores[
        (scores["scheme"] == view.main.name)
        & (scores["competitor"] == view.result.doubted)
        & (scores["metric"] == "balanced_accuracy")
        & (scores["fold"] < 0)
    ]["value"]
    return (float(own.min()), float(own.max())) if len(own) > 1 else None


def case_words(case: Any) -> str:
    """Name a case: what is turned over, and as what it is taken."""
    as_ = case["taken_as"]
    if case["kind"] == "all at once":
        entering = "" if math.isnan(as_) else f", those without as {as_:.0f}"
        return f"all doubtful labels{entering}"
    return f"{case['what']} as {as_:.0f}"


def _procedure(view: View) -> str:
    return view.label(view.result.doubted)


def _verdict(view: View, before: Any, cases: list[Any]) -> str:
    """Say in a sentence or two how much hangs on the doubtful labels."""
    scores = [c["score_others"] - c["before_others"] for c in cases]
    same = sum(bool(c["same_terms"]) for c in cases)
    said = (
        f"With the labels as they are the balanced accuracy is "
        f"{fixed(before['score'], 3)}; on the rows that are not turned over it changes "
        f"by {_signed(min(scores))} to {_signed(max(scores))}, and the formula on all "
        f"rows keeps its terms in {same} of {len(cases)} cases."
    )
    spread = spread_before(view)
    if spread is None:
        return said
    return (
        f"{said} For comparison: over the repeats of the comparison, which differ by "
        f"chance alone, it is from {fixed(spread[0], 3)} to {fixed(spread[1], 3)}."
    )


def _reports(cases: list[Any]) -> Table:
    rows: list[tuple[Rich, ...]] = []
    seen: set[tuple[str, str]] = set()
    for case in cases:
        key = (case["what"], case["kind"])
        if key in seen or not (case["reports_1"] or case["reports_0"]):
            continue
        seen.add(key)
        label = case["label"]
        rows.append(
            (
                rich(case["what"]),
                rich("none" if math.isnan(label) else f"{label:.0f}"),
                rich(case["reports_1"] or "–"),
                rich(case["reports_0"] or "–"),
                rich(case["kind"]),
            )
        )
    columns = (
        Column(rich("Composition"), stretch=1.3),
        Column(rich("Label")),
        Column(rich("Reports of 1"), stretch=1),
        Column(rich("Reports of 0"), stretch=1),
        Column(rich("Doubt"), stretch=0.9),
    )
    caption = rich(
        "Doubtful labels and the sources for either class, with the quality of each "
        "report (A: primary experiment, B: compilation, C: unreliable)."
    )
    return Table(columns, tuple(rows), caption, _REPORTS, small=True)


def _table(before: Any, cases: list[Any]) -> Table:
    rows = [
        (
            rich(case_words(case)),
            rich(count(case["n"])),
            rich(_bounded(case["score"], case["score_low"], case["score_high"])),
            rich(
                _bounded(case["score_others"], case["others_low"], case["others_high"])
            ),
            rich(_signed(case["score_others"] - case["before_others"])),
            rich(count(case["changed"])),
            rich("yes" if case["same_terms"] else "no"),
            rich(fixed(case["shift"], 2)),
        )
        for case in cases
    ]
    first = tuple(
        rich(text)
        for text in (
            "labels as they are",
            count(before["n"]),
            _bounded(before["score"], before["score_low"], before["score_high"]),
            "",
            "",
            "",
            "",
            "",
        )
    )
    columns = (
        Column(rich("Taken"), stretch=1),
        Column(rich("n"), align="right"),
        Column(rich("All rows"), align="right"),
        Column(rich("Others"), align="right"),
        Column(rich("Change"), align="right"),
        Column(rich("Calls"), align="right"),
        Column(rich("Same terms")),
        Column(rich("Shift"), align="right"),
    )
    caption = rich(
        "Held-out balanced accuracy with doubtful labels turned over, of all rows and "
        "of the others (those not turned over), with 95 % bootstrap intervals over the "
        "groups of rows; n: all rows. Change: of the others against the "
        "same rows with the labels as they are. Calls: others of which another class "
        "is called. Same terms: whether the formula on all rows has them. Shift: "
        "largest change of a coefficient of the same terms, in its standard errors. "
        "All at once: without those that unreliable reports alone contradict."
    )
    return Table(columns, (first, *rows), caption, _CASES, small=True)


def _formulas(view: View, before: Any, cases: list[Any]) -> list[Block]:
    """List the formulas that have other terms."""
    other = [c for c in cases if not c["same_terms"]]
    if not other:
        return []
    lead = rich(
        "Fitted to all rows with the labels as they are, the argument of the link is ",
        in_line.formula(view, parse(before["formula"])),
        ". The formula has other terms with",
    )
    items = tuple(
        rich(f"{case_words(c)}: ", in_line.formula(view, parse(c["formula"])))
        for c in other
    )
    return [Paragraph(lead), List(items)]


def _bounded(value: float, low: float, high: float) -> str:
    """Write a score with its interval, in two digits where the score has three."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return fixed(value, 3)
    return f"{fixed(value, 3)} ({ends(low, high, 2)})"


def _signed(value: float) -> str:
    text = fixed(value, 3)
    return f"+{text}" if value > 0 else text
