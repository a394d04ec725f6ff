"""Held-out predictions: parity, or ROC curves and confusion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecsr.report.model import Block, Figure, Heading, Pair, Paragraph, Ref, rich

if TYPE_CHECKING:
    from hecsr.report.view import View


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
                "ROC curves of the held-out probabilities; a rule that gives a class "
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
                "Held-out labels against the class predicted at a probability of one "
                "half: number of rows, the best formula procedure and the best black "
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
            "(first repeat).",
        )
        return [heading, Paragraph(lead), Pair(roc, confusion)]
    parity = Figure(
        stem="parity",
        drawing="parity",
        caption=rich(
            "Observed values against predictions of rows that the model had not seen, "
            "each row once (first repeat); the line is equality. Below: residuals, "
            "predicted minus observed."
        ),
        alt="Observed against predicted values and residuals of the formula "
        "procedures and the best black box.",
    )
    lead = rich(Ref(parity.label), " shows every row, predicted while held out.")
    return [heading, Paragraph(lead), parity]
