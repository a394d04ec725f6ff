"""What was read, what was used, what was set aside, and where it comes from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hecsr.report.model import (
    Block,
    Code,
    Column,
    Figure,
    Heading,
    Link,
    List,
    Paragraph,
    Ref,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import count, decimals_for, fixed, spread
from hecsr.report.view import View, in_unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hecsr.result import DataSummary

_ACROSS = 5


def blocks(view: View) -> list[Block]:
    """Return the data section."""
    data = view.result.data
    found: list[Block] = [
        Heading(1, "Data and provenance"),
        Paragraph(
            rich(
                f"The table {data.table} has {count(data.rows_read)} rows, of which "
                f"{count(data.rows_used)} are used, in {count(data.n_groups)} groups: "
                f"{data.groups} when rows are held out. ",
                target_sentence(view),
            )
        ),
        Paragraph(rich(f"What it holds: {data.description.rstrip('.')}.")),
        Paragraph(rich("SHA-256 of the table: ", Code(data.sha256))),
    ]
    if data.set_aside:
        rows = tuple(
            (rich(s.reason), rich(count(s.rows)), rich(s.detail or "–"))
            for s in data.set_aside
        )
        columns = (
            Column(rich("Reason"), stretch=1),
            Column(rich("Rows"), align="right"),
            Column(rich("Concerned"), stretch=1),
        )
        caption = rich("Rows set aside before anything was fitted, with the reason.")
        said = rich(Ref("tab:set-aside"), " counts the rows that are not used.")
        found += [Paragraph(said), Table(columns, rows, caption, "tab:set-aside")]
    else:
        found.append(Paragraph(rich("No row was set aside.")))
    found += _elements(view)
    found += _sources(view)
    remarks = (*data.notes, *gathered(data.warnings))
    if remarks:
        found += [
            Heading(2, "What is known of these data"),
            List(tuple(rich(r) for r in remarks)),
        ]
    return found


def gathered(warnings: Iterable[str]) -> list[str]:
    """Say once what is said alike of several rows, which stand before a colon."""
    rows: dict[str, list[str]] = {}
    for warning in warnings:
        row, colon, said = warning.partition(": ")
        rows.setdefault(said if colon else warning, []).append(row if colon else "")
    found = []
    for said, of in rows.items():
        if len(of) == 1:
            found.append(f"{of[0]}: {said}" if of[0] else said)
        else:
            found.append(f"{said} ({count(len(of))} rows): {', '.join(of)}")
    return found


def source_words(data: DataSummary) -> str:
    """Say how many sources the rows used have, and which gives most of them."""
    if not data.sources:
        return "no source is named"
    most = max(data.sources, key=lambda source: source.rows)
    if len(data.sources) == 1:
        return f"all from {most.citation or most.key}"
    return (
        f"from {count(len(data.sources))} sources, {count(most.rows)} of the rows "
        f"from {most.citation or most.key}"
    )


def element_words(data: DataSummary) -> str:
    """Say how many elements and families the rows hold."""
    families = ", ".join(f"{f} {count(n)}" for f, n in data.family_counts.items())
    return f"{len(data.element_counts)} elements ({families})"


def target_words(view: View) -> Rich:
    """Describe the target in a clause."""
    data = view.result.data
    label = data.target.label or data.target.name
    if view.classification:
        of = data.target_summary
        counts = ", ".join(f"{count(n)} of class {name}" for name, n in of.items())
        return rich(f"{counts} (class 1: {label})")
    of = data.target_summary
    unit = in_unit(data.target.unit)
    mean, sd, low, high = (of.get(k, math.nan) for k in ("mean", "sd", "min", "max"))
    places = decimals_for(sd)
    return rich(
        f"{label} {spread(mean, sd, places)} (mean ± sd), from "
        f"{fixed(low, places)} to {fixed(high, places)}",
        unit,
    )


def target_sentence(view: View) -> Rich:
    """Describe the target in a sentence."""
    return rich("Target: ", target_words(view), ".")


def _elements(view: View) -> list[Block]:
    data = view.result.data
    items = sorted(data.element_counts.items(), key=lambda kv: (-kv[1], kv[0]))
    depth = max(-(-len(items) // _ACROSS), 1)
    across = -(-len(items) // depth)
    rows = []
    for element, n in items:
        share = fixed(100 * n / max(data.rows_used, 1), 0)
        rows.append((rich(element), rich(f"{count(n)} ({share} %)")))
    columns = (
        Column(rich("Element")),
        Column(rich("Rows"), align="right"),
    )
    caption = rich("Rows that hold each element, and their share of the rows used.")
    figure = Figure(
        stem="elements",
        drawing="elements",
        caption=rich(
            "Elements of the data set in the periodic table; the shade and the number "
            "give the rows that hold the element."
        ),
        alt="Periodic table in which every element of the data set is shaded by the "
        "number of rows that hold it.",
    )
    return [
        Heading(2, "Elements"),
        Paragraph(
            rich(
                Ref(figure.label),
                " and ",
                Ref("tab:elements"),
                " show how often each element occurs; a formula is best supported "
                "where elements are frequent.",
            )
        ),
        figure,
        Table(columns, tuple(rows), caption, "tab:elements", across=max(across, 1)),
    ]


def _sources(view: View) -> list[Block]:
    sources = view.result.data.sources
    if not sources:
        return []
    rows = []
    for source in sources:
        link = Link(source.doi, f"https://doi.org/{source.doi}") if source.doi else "–"
        rows.append(
            (
                rich(source.key),
                rich(source.citation or "–"),
                rich(link),
                rich(count(source.rows)),
            )
        )
    columns = (
        Column(rich("Source"), stretch=0.9),
        Column(rich("Citation"), stretch=2.2),
        Column(rich("DOI"), stretch=1.4),
        Column(rich("Rows"), align="right"),
    )
    caption = rich(
        "Sources of the rows used. A source without DOI is named by its key because "
        "its reference was not verified."
    )
    heading = Heading(2, "Sources")
    said = rich("The rows used come from the sources in ", Ref("tab:sources"), ".")
    table = Table(columns, tuple(rows), caption, "tab:sources", small=True)
    return [heading, Paragraph(said), table]
