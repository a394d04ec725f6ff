"""Forms: formulas counted as one where they say the same on all rows."""

import numpy as np
import pandas as pd
import pytest

from hecsr.validation.forms import Forms, read_formula

NAMES = ("a", "b", "d", "x")


@pytest.fixture
def forms():
    rng = np.random.default_rng(0)
    return Forms(pd.DataFrame(rng.uniform(1, 2, (40, 4)), columns=list(NAMES)))


def number(forms, text):
    return forms.form(read_formula(text, NAMES))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("c0 + c1 * (a / b)", "c0 + c1 * (1 / (b / a))"),
        ("c0 + c1 * (a / b)", "c0 + c1 * ((a + b) / b)"),
        ("c0 + c1 * a + c2 * (b - d)", "c0 + c1 * (d - b) + c2 * a"),
        ("c0 + c1 * abs(a - b)", "c0 + c1 * abs(b - a)"),
        ("logistic(c0 + c1 * (a - b))", "logistic(c0 + c1 * (b - a))"),
        ("c0 + c1 * (a / d) + c2 * (b / d)", "c0 + c1 * ((a - b) / d) + c2 * (b / d)"),
        ("c0 + c1 * (x / (c2 + b))", "c0 - c1 * x / (1 + c2 * b)"),
        ("c0 + c1 * exp(c2 * x) * a", "c3 * a * exp(-x * c1) - 2.5"),
    ],
)
def test_writings_of_one_formula_are_one_form(forms, one, other):
    assert number(forms, one) == number(forms, other)
    assert len(forms.forms) == 1
    assert forms.forms[0].text == one


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("c0 + c1 * a", "c0 + c1 * b"),
        ("c0 + c1 * a", "c1 * a"),
        ("c0 + c1 * a", "c0 + c1 * a + c2 * b"),
        ("c0 + c1 * a^2", "c0 + c1 * a"),
        ("c0 + c1 * (x / (c2 + b))", "c0 + c1 * (x / (c2 + d))"),
        ("c0", "c0 + c1 * a"),
        ("c0 + c1 * a + c2 * b", "c0 + c1 * a + c2 * d"),
        ("c0 + c1 * sqrt(a - 1.5)", "c0 + c1 * abs(a - 1.5)^(1/2)"),
    ],
)
def test_other_formulas_are_other_forms(forms, one, other):
    assert number(forms, one) != number(forms, other)


def test_single_terms_are_known_again_inside_other_formulas(forms):
    number(forms, "c0 + c1 * (a / b) + c2 * d")
    number(forms, "c0 + c1 * (1 / (b / a)) + c2 * x")
    first, second = forms.forms
    assert len(set(first.terms) & set(second.terms)) == 1
    (shared,) = set(first.terms) & set(second.terms)
    assert forms.terms[shared].text == "a / b"


def test_a_variable_named_as_a_constant_stays_a_variable():
    frame = pd.DataFrame({"c1": [1.0, 2, 4], "x": [1.0, 3, 2]})
    forms = Forms(frame)
    one = forms.form(read_formula("c0 + c1 * `c1`", ("c1",)))
    two = forms.form(read_formula("c0 + c2 * c1", ("c1",)))
    assert one == two
    assert forms.forms[one].variables == ("c1",)
