"""Every table and figure is spoken of in the text before it stands there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass

from hecsr.report.model import (
    Block,
    Figure,
    Pair,
    Paragraph,
    Ref,
    Rich,
    Table,
    Text,
    flat,
    rich,
)


def mentioned(blocks: Iterable[Block]) -> set[str]:
    """Return the labels that are referred to, by captions and cells too."""
    return {label for block in blocks for label in _labels(block)}


def mention_all(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks with a sentence for what no text refers to.

    It ends the paragraph before the tables and figures, or is one of its own.
    """
    given = tuple(blocks)
    known = mentioned(given)
    found: list[Block] = []
    start = 0
    while start < len(given):
        end = start
        while end < len(given) and isinstance(given[end], (Table, Figure, Pair)):
            end += 1
        run = given[start:end]
        missing = [
            b.label
            for b in flat(run)
            if isinstance(b, (Table, Figure)) and b.label and b.label not in known
        ]
        if missing:
            _say(found, missing)
        found += run
        if end < len(given):
            found.append(given[end])
        start = end + 1
    return found


def _say(before: list[Block], labels: list[str]) -> None:
    said: Rich = rich("See ")
    for i, label in enumerate(labels):
        joint = "" if i == 0 else " and " if i == len(labels) - 1 else ", "
        said = rich(said, joint, Ref(label))
    said = rich(said, ".")
    last = before[-1] if before else None
    if isinstance(last, Paragraph) and _ends(last):
        before[-1] = Paragraph(rich(last.content, " ", said))
    else:
        before.append(Paragraph(said))


def _ends(paragraph: Paragraph) -> bool:
    last = paragraph.content[-1] if paragraph.content else None
    return isinstance(last, Text) and last.text.rstrip().endswith(".")


def _labels(thing: object) -> Iterator[str]:
    if isinstance(thing, Ref):
        yield thing.label
    elif isinstance(thing, tuple):
        for one in thing:
            yield from _labels(one)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from _labels(getattr(thing, field.name))
