import numpy as np
import pytest

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import FormulaError
from hecsr.formula.analysis.equivalence import equivalence
from hecsr.formula.analysis.proof import proved_equal
from hecsr.formula.expression import evaluate
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Target
from hecsr.formula.grammar import parse
from hecsr.formula.nonlinear import Form, fit_form

POSITIVE = [Descriptor(n, lower=0, reaches_zero=False) for n in "pq"]


def compared(a, b, **options):
    return equivalence(parse(a), parse(b), **options)


@pytest.mark.parametrize(
    ("a", "b", "how"),
    [
        ("x + y", "y + x", "structure"),
        ("x * 2 / y", "2 * (x / y)", "structure"),
        ("x < y", "y > x", "structure"),
        ("(x + y)^2", "x^2 + 2 * x * y + y^2", "algebra"),
        ("0.1 * x + 0.2 * x", "0.3 * x", "algebra"),
        ("1 / x + 1 / y", "(x + y) / (x * y)", "algebra"),
        ("sin(x)^2 + cos(x)^2", "1", "algebra"),
        ("exp(x + y)", "exp(x) * exp(y)", "algebra"),
        ("1 / (1 + exp(-x))", "logistic(x)", "algebra"),
        ("tanh(x)", "2 * logistic(2 * x) - 1", "algebra"),
        ("log(p) + log(q)", "log(p * q)", "algebra"),
        ("sqrt(p * q)", "sqrt(p) * sqrt(q)", "structure"),
    ],
)
def test_equal_formulas_are_proved_equal(a, b, how):
    found = compared(a, b, descriptors=POSITIVE)
    assert (found.verdict, found.how) == ("equal", how)
    assert found.equal
    assert found.same_domain
    assert found.difference < 1e-12


def test_a_wider_domain_is_said_and_shown():
    found = compared("x^2 / x", "x")
    assert found.verdict == "equal"
    assert not found.same_domain
    assert found.witness == {"x": 0.0}
    assert np.isnan(found.values[0])
    assert found.values[1] == 0


def test_what_cannot_be_proved_is_equal_on_points():
    found = compared("cbrt(x^2)", "cbrt(x)^2")
    assert found.verdict == "equal on points"
    assert found.points == 1000
    assert found.difference < 1e-12


@pytest.mark.parametrize(
    ("a", "b"), [("x", "x + 0.001 * y"), ("x^2", "abs(x)"), ("sin(x)", "x - x^3 / 6")]
)
def test_a_difference_is_shown_at_a_witness(a, b):
    found = compared(a, b)
    assert found.verdict == "different"
    point = {n: np.array([v]) for n, v in found.witness.items()}
    assert evaluate(parse(a), point)[0] == found.values[0]
    assert evaluate(parse(b), point)[0] == found.values[1]
    assert found.values[0] != found.values[1]


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("2 * x + 3", "5 * x + 1", True),
        ("2 * x + 3", "5 * x", False),
        ("2 * (x + y) + x", "x - y", True),
        ("logistic(2 * x + 1)", "logistic(x - 4)", True),
        ("logistic(2 * x + 1)", "2 * x + 1", False),
        ("2 * x", "3 * x^2", False),
    ],
)
def test_terms_that_span_the_same_are_equal_up_to_coefficients(a, b, same):
    verdict = compared(a, b).verdict
    assert verdict == ("equal up to coefficients" if same else "different")


def test_formulas_of_one_form_with_other_constants_are_equal_up_to_them():
    x = np.linspace(1, 2, 20)

    def fitted(text, c0, c1):
        form = Form(parse(text, ["c0", "c1"]), {"c0": c0, "c1": c1})
        return fit_form(
            form,
            {"x": x},
            c0 * np.exp(c1 * x) + 1e-3 * np.sin(40 * x),
            task="regression",
            target=Target("z"),
            descriptors={},
        )

    a = fitted("c0 * exp(c1 * x)", 2.0, 0.7)
    b = fitted("c0 * exp(c1 * x)", 3.0, -0.2)
    assert equivalence(a, b).verdict == "equal up to coefficients"
    assert equivalence(a, a).verdict == "equal"


def test_formulas_are_compared_where_they_were_fitted():
    """x and abs(x) differ only below 0, where no sample was."""
    x = np.linspace(1, 2, 9)

    def fitted(term):
        return fit_formula(
            [parse(term)],
            {"x": x},
            3 * x + np.cos(9 * x),
            task="regression",
            target=Target("z"),
            descriptors={},
        )

    assert equivalence(fitted("x"), fitted("abs(x)")).verdict == "equal on points"
    wider = equivalence(fitted("x"), fitted("abs(x)"), ranges={"x": (-2.0, 2.0)})
    assert wider.verdict == "different"


def test_nowhere_defined_together_is_undecided():
    assert compared("sqrt(-1 - x^2)", "log(-2 - x^2)").verdict == "undecided"
    assert compared("sqrt(-1 - x^2)", "x").verdict == "different"


def test_the_answer_is_the_same_every_time():
    a, b = "log(x) * y", "x * y - y"
    assert compared(a, b) == compared(a, b)


def test_a_proof_too_large_is_not_tried():
    big = parse("(x + y + z + w + 1)^20")
    assert not proved_equal(big, parse("(1 + w + z + y + x)^20 + 0 * x"))


def test_a_false_equality_is_not_proved():
    assert not proved_equal(parse("sqrt(x^2)"), parse("x"))
    assert proved_equal(parse("sqrt(x^2)"), parse("x"), {"x"})
    assert not proved_equal(parse("log(x^2)"), parse("2 * log(x)"))


def test_a_constant_without_a_value_is_refused():
    with pytest.raises(FormulaError, match="'c' has no value"):
        equivalence(parse("c * x", ["c"]), parse("x"))
