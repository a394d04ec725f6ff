"""A citation in words, taken apart where its form leaves no doubt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NAME: Final = r"(?:[A-Z]\.(?:-[A-Z]\.)?\s?)+\s?[A-Z][\w'’-]+"
_AUTHORS: Final = re.compile(
    rf"(?P<names>{_NAME}(?:(?:,| and) {_NAME})*)(?P<others> et al\.)?, "
)
_FAMILY: Final = re.compile(r"(?P<names>[A-Z][\w'’-]+)(?P<others> et al\.), ")
_BEFORE: Final = re.compile(r"(?:Compilation|Digitised values) in ")
_JOURNAL: Final = (
    r"(?P<journal>(?:npj )?[A-Z][A-Za-z.&]*(?: (?:[A-Z][A-Za-z.]*|of|&))*)"
)
_PLACES: Final = tuple(
    re.compile(rf"{_JOURNAL}{form}(?P<rest>(?:[,;] .*)?)")
    for form in (
        r"(?: (?P<volume>[A-Z]?\d+))? \((?P<year>\d{4})\)(?: (?P<pages>\d+))?",
        r" (?P<volume>[A-Z]?\d+), (?P<pages>\d+) \((?P<year>\d{4})\)",
    )
)
_ARXIV: Final = re.compile(r"\barXiv:(\d{4}\.\d{4,5})\b")


@dataclass(frozen=True, slots=True)
class Reference:
    """The parts of a citation of a journal; empty where it does not state them.

    Attributes
    ----------
    authors
        Names with their initials in front, as they stand.
    others
        Whether more authors are not named ("et al.").
    title
        What stands between authors and journal; a title or a description.
    rest
        What stands around it, such as what was taken from there.
    """

    authors: tuple[str, ...]
    others: bool
    title: str
    journal: str
    volume: str
    year: str
    pages: str
    rest: str


def parse_reference(citation: str) -> Reference | None:
    """Take a citation apart; None where authors or journal are in doubt.

    A journal is one that has a volume, or an abbreviated name; publishers have
    neither.

    Examples
    --------
    >>> found = parse_reference("J. Gild et al., J. Materiomics 5 (2019) 337")
    >>> found.journal, found.volume, found.year, found.pages
    ('J. Materiomics', '5', '2019', '337')
    >>> parse_reference("I. Barin, Thermochemical Data of Pure Substances")
    """
    before = _BEFORE.match(citation)
    given = citation[before.end() :] if before else citation
    authors = _AUTHORS.match(given) or _FAMILY.match(given)
    if authors is None:
        return None
    tail = given[authors.end() :]
    # the title may hold commas: the journal follows one of them, or the authors
    starts = [0, *(m.end() for m in re.finditer(", ", tail))]
    for start in starts:
        for form in _PLACES:
            place = form.fullmatch(tail, start)
            if place is None or not (place["volume"] or "." in place["journal"]):
                continue
            rest = [before[0].split()[0].lower()] if before else []
            rest += [place["rest"].lstrip(",; ")] if place["rest"] else []
            return Reference(
                authors=tuple(re.split(r", | and ", authors["names"])),
                others=authors["others"] is not None,
                title=tail[:start].removesuffix(", "),
                journal=place["journal"],
                volume=place["volume"] or "",
                year=place["year"],
                pages=place["pages"] or "",
                rest="; ".join(rest),
            )
    return None


def arxiv_number(citation: str) -> str:
    """Return the number of the arXiv that a citation names; empty if none."""
    found = _ARXIV.search(citation)
    return found[1] if found else ""
