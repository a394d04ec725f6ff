"""A citation is taken apart where its form is certain, and left alone elsewhere."""

import pytest

from hecsr.tables import sources
from hecsr.tables.reference import arxiv_number, parse_reference


def test_authors_journal_volume_year_and_pages_are_read():
    found = parse_reference("S. Akrami et al., Mater. Sci. Eng. R 146 (2021) 100644")
    assert (found.authors, found.others) == (("S. Akrami",), True)
    assert found.journal == "Mater. Sci. Eng. R"
    assert (found.volume, found.year, found.pages) == ("146", "2021", "100644")
    assert found.title == found.rest == ""


def test_pages_may_stand_before_the_year():
    found = parse_reference("S. Divilov et al., Nature 625, 66 (2024)")
    assert (found.journal, found.volume, found.pages) == ("Nature", "625", "66")


def test_a_title_may_hold_commas_and_remarks_may_follow():
    found = parse_reference(
        "A. Able and B.-C. O-Baker, Borides, carbides and more, J. Test. A12 (2001) 3, "
        "as stored elsewhere"
    )
    assert found.authors == ("A. Able", "B.-C. O-Baker")
    assert found.title == "Borides, carbides and more"
    assert (found.volume, found.rest) == ("A12", "as stored elsewhere")


@pytest.mark.parametrize(
    "citation",
    [
        "",
        "arXiv:2212.04811",
        "Appl. Phys. Lett. 119 (2021) 161905",  # no author
        "I. Barin, Thermochemical Data of Pure Substances",  # no journal
        "C. Kittel, Introduction to Physics, 8th ed., Wiley (2005), chapter 3",
        "Compilation in Hickey, Brgoch et al., Chem. Mater. 34 (2022) 10003",
    ],
)
def test_what_is_in_doubt_is_left_alone(citation):
    assert parse_reference(citation) is None


def test_nothing_is_added_to_what_a_shipped_citation_says():
    for citation in sources()["citation"]:
        found = parse_reference(citation)
        if found is not None:
            parts = [*found.authors, found.title, found.journal, found.volume]
            parts += [found.year, found.pages]
            assert all(part in citation for part in parts)


def test_the_number_of_the_arxiv_is_found():
    assert arxiv_number("arXiv:2007.15454, high-entropy monoborides") == "2007.15454"
    assert arxiv_number("A. Able, J. Test. 1 (2001) 2") == ""
