"""Held-out predictions: parity, or ROC curves and confusion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecsr.report.figures.parity import interval
from hecsr.report.figures.precision_recall import rarer
from hecsr.report.model import Block, Figure, Heading, Pair, Paragraph, Ref, rich
from hecsr.report.numbers import fixed

if TYPE_CHECKING:
    from hecsr.report.view import View


def decision(view: View) -> str:
    """Return from which probability on the second class is called, in words."""
    asked = view.result.settings.get("validation", {})
    if costs := asked.get("costs"):
        one, two = costs
        return (
            f"a probability of at least {fixed(one / (one + two), 3)}, where it costs "
            f"less (calling a 0 a 1 costs {one:g}, calling a 1 a 0 {two:g})"
        )
    if asked.get("decision") == "share":
        return "a probability of at least its share of the training rows"
    return "a probability of at least one half"


def _intervals(view: View) -> str:
    """Say what the broken lines of the parity figure are, where there are any."""
    if not any(interval(view, c) for c in view.shown):
        return ""
    return (
        " Broken lines: half width of the interval that the formula is given, which "
        "is from the held-out errors of its procedure themselves, so that about its "
        "share of the points lies within; none is computed for a black box."
    )


def _precision_recall(view: View) -> Figure:
    rare = rarer(view)
    target = view.result.data.target
    name = target.label or target.name
    what = name if rare else f"not {name}"
    return Figure(
        stem="precision-recall",
        drawing="precision_recall",
        caption=rich(
            "Precision against recall of the held-out probabilities (first repeat), "
            f"with each class as the positive one. Left the rarer class ({what}, "
            f"observed {rare}), which is the harder to find; right the other. AP: "
            "average precision, that is precision weighted by the recall gained. The "
            "dotted line is the share of the class: the precision of calling every row "
            "so. A rule that gives a class and no probability is a point. Shown are "
            "the best of each kind that speak of every row."
        ),
        alt="Precision against recall of the formula procedures, the black boxes and "
        "the rules, for each of both classes.",
    )


def blocks(view: View) -> list[Block]:
    """Return the section on held-out predictions."""
    if not len(view.result.predictions):
        return []
    heading = Heading(1, "Held-out predictions")
    if view.classification:
        roc = Figure(
            stem="roc",
            drawing="roc",
            caption=rich(
                "ROC curves of the held-out probabilities, the three best of each "
                "kind; a rule that gives a class "
                "and no probability is a point."
            ),
            alt="True positive rate against false positive rate of the formula "
            "procedures, the black boxes and the rules.",
            width=85,
        )
        confusion = Figure(
            stem="confusion",
            drawing="confusion",
            caption=rich(
                f"Held-out labels against the class called at {decision(view)}: number "
                "of rows, the best formula procedure and the best black "
                "box."
            ),
            alt="Two by two counts of observed and predicted classes.",
            width=85,
        )
        lead = rich(
            Ref(roc.label),
            " and ",
            Ref(confusion.label),
            " show predictions of rows that the model had not seen, each row once "
            "(first repeat). ",
            Ref("fig:reliability"),
            " asks whether the probabilities are true.",
        )
        reliability = Figure(
            stem="reliability",
            drawing="reliability",
            caption=rich(
                "Reliability: held-out rows in five parts of rising probability (mean "
                "over the repeats), the share of each that is observed as 1 with "
                "Wilson's 95\u00a0% bounds, best formula procedure and best black box. "
                "On the dotted line a probability is what it says."
            ),
            alt="Observed share against mean predicted probability.",
            width=85,
        )
        return [
            heading,
            Paragraph(lead),
            Pair(roc, confusion),
            _precision_recall(view),
            reliability,
        ]
    parity = Figure(
        stem="parity",
        drawing="parity",
        caption=rich(
            "Observed values against predictions of rows that the model had not seen, "
            "each row once (first repeat); the line is equality. Below: residuals, "
            "predicted minus observed.",
            _intervals(view),
        ),
        alt="Observed against predicted values and residuals of the formula "
        "procedures and the best black box.",
    )
    lead = rich(Ref(parity.label), " shows every row, predicted while held out.")
    return [heading, Paragraph(lead), parity]
