"""Formulas within a line are cut between their terms."""

import pytest

from hecsr.formula.grammar import parse
from hecsr.report.in_line import formula, terms
from hecsr.report.model import Math
from hecsr.report.view import View


def pieces(content):
    return [n.latex if isinstance(n, Math) else n.text for n in content]


@pytest.mark.parametrize(
    ("text", "joints"),
    [
        ("c0 + c1 * delta_r - chi_dev", [" + ", " − "]),
        ("logistic(2 - (delta_r - chi_dev))", [" − ", " + "]),
        ("c0 - (0 - 3 * delta_r)", [" − ", " + "]),
        ("delta_r", []),
    ],
)
def test_every_term_is_a_node_and_its_sign_stands_before_it(regression, text, joints):
    found = pieces(formula(View(regression), parse(text, ["c0", "c1"])))
    assert found[1::2] == joints
    assert not any(piece.startswith("-") for piece in found[::2])


def test_a_sum_that_begins_with_a_minus_keeps_it(regression):
    found = pieces(formula(View(regression), parse("-delta_r + chi_dev")))
    assert found == ["−\u2009", r"\delta_r", " + ", r"\sigma_\chi"]


def test_semicolons_part_terms_and_quoted_names_are_read(regression):
    found = pieces(terms(View(regression), "delta_r^2; `a; b` * chi_dev"))
    assert found[1] == "; "
    assert len(found) == 3
