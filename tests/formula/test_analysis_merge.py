from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hecsr.errors import FormulaError
from hecsr.formula.analysis.merge import merge_constants
from hecsr.formula.expression import (
    Binary,
    Call,
    Comparison,
    Constant,
    Negative,
    Number,
    Power,
    Variable,
    constants,
    evaluate,
)
from hecsr.formula.gradient import gradient
from hecsr.formula.grammar import parse

NAMES = [f"c{i}" for i in range(5)]
VALUES = dict(zip(NAMES, [1.3, -0.7, 2.1, 0.6, -1.9], strict=True))
COLUMNS = {
    "x": np.array([0.31, 1.27, 2.83, -0.6, 0.9, 1.6, 2.2]),
    "y": np.array([1.9, 0.6, 2.2, 1.1, -0.7, 0.4, 3.1]),
}


def merged(text):
    return merge_constants(parse(text, NAMES), VALUES)


def values(expression, given):
    return np.broadcast_to(evaluate(expression, COLUMNS, given), 7)


FORMS = [
    ("c1 * (c2 * x + c3)", "c1 * x + c2"),
    ("exp(c0 + x) * c1", "c0 * exp(x)"),
    ("(c0 * x)^2", "c0 * x^2"),
    ("c0 * sqrt(c2 * x)", "c0 * sqrt(x)"),
    ("c0 * sqrt(c1 * x)", "c0 * sqrt(-x)"),
    ("c0 + c1 * log(c2 * x)", "c0 * log(x) + c1"),
    ("c0 + c1 * log(c2 * x + c3)", "c0 * log(x + c1) + c2"),
    ("(c0 * x + c1) / (c2 * y + c3)", "c0 * (x + c1) / (y + c2)"),
    ("c0 * (x + 3) + c1", "c0 * x + c1"),
    ("c0 * x + c1 * x", "c0 * x"),
    ("c3 * (c0 * x)^c2", "c3 * x^c0"),
    ("c2^(c0 * x + c1)", "c2 * c0^x"),
    ("c0 * x > c1", "x > c0"),
    ("c1 * x + 2 > c2", "x < c1"),
    ("2 * c0 * x", "c0 * x"),
    ("c0 * x / c1", "c0 * x"),
    ("c0 * c1 * x / (c2 * y)", "c0 * x / y"),
    ("c0 * (c1 * x + c2 * y + c3)^2", "c0 * (x + c1 * y + c2)^2"),
    ("logistic(c0 * (c1 * x + c2))", "logistic(c0 * x + c1)"),
    ("c1 * (c2 * (c3 * x + c4) + c0)", "c1 * x + c2"),
    ("c0 * x * c0", "c0 * x"),
    ("cbrt(c1 * x) * c0", "c1 * cbrt(x)"),
    ("x / (c0 * y + c1)", "c0 * x / (y + c1)"),
    # c1 stands twice, but c0 alone sets the factor
    ("c0 * exp(c1) * x + c1", "c0 * x + c1"),
]


@pytest.mark.parametrize(("text", "expected"), FORMS)
def test_redundant_constants_are_merged(text, expected):
    found, new = merged(text)
    assert found == parse(expected, NAMES)
    assert set(new) == set(constants(found))
    np.testing.assert_allclose(
        values(found, new), values(parse(text, NAMES), VALUES), rtol=1e-12
    )


@pytest.mark.parametrize("text", [text for text, _ in FORMS if ">" not in text])
def test_as_many_constants_remain_as_can_be_told_apart(text):
    """The rank of the derivatives by the constants counts those that matter."""

    def rank(expression, given):
        by = [Constant(n) for n in constants(expression)]
        slopes = gradient(expression, by, COLUMNS, given)[1]
        slopes = slopes[np.isfinite(slopes).all(axis=1)]
        return np.linalg.matrix_rank(slopes, tol=1e-8)

    found, new = merged(text)
    assert rank(found, new) == len(new) == rank(parse(text, NAMES), VALUES)


@pytest.mark.parametrize(
    "text",
    [
        "c0 + c1 * x",
        "c0 * (x + 3)",
        "c0 * x + c0 * y",
        "c1 * (x + c2 * y)",
        "c0 * exp(-c1 / x)",
        "c0 * x^c1",
        "(c0 * x)^2 + c0",
        "sin(c0 * x + c1)",
        "x + y",
    ],
)
def test_a_form_without_redundant_constants_is_returned_as_it_is(text):
    expression = parse(text, NAMES)
    found, new = merged(text)
    assert found == expression
    assert new == {n: VALUES[n] for n in constants(expression)}


trees = st.recursive(
    st.sampled_from(
        [*map(Variable, "xy"), *map(Constant, NAMES), *map(Number, (2.0, -0.5))]
    ),
    lambda t: st.one_of(
        st.builds(Binary, st.sampled_from("+-*/"), t, t),
        st.builds(Binary, st.sampled_from("+-*/"), t, t),
        st.builds(Binary, st.just("^"), t, st.sampled_from([Constant("c3")])),
        st.builds(Comparison, st.sampled_from(["<", ">="]), t, t),
        st.builds(Power, t, st.sampled_from([Fraction(n, 2) for n in (-2, 1, 3, 4)])),
        st.builds(Negative, t),
        st.builds(
            Call, st.sampled_from(["exp", "log", "abs", "tanh", "sqrt", "cbrt"]), t
        ),
    ),
    max_leaves=9,
)


@given(trees)
@settings(max_examples=200, deadline=None)
def test_merging_changes_no_value_and_adds_no_constant(tree):
    found, new = merge_constants(tree, VALUES)
    assert len(constants(found)) <= len(constants(tree))
    before, after = values(tree, VALUES), values(found, new)
    both = np.isfinite(before) & np.isfinite(after) & (np.abs(before) < 1e6)
    both &= np.abs(before) > 1e-6
    jumps = any(isinstance(n, Comparison) for n in _nodes(tree))
    if not jumps:
        np.testing.assert_allclose(after[both], before[both], rtol=1e-6)


def _nodes(tree):
    yield tree
    for child in tree.children:
        yield from _nodes(child)


def test_a_constant_without_a_value_is_refused():
    with pytest.raises(FormulaError, match="'c0'"):
        merge_constants(parse("c0 * x", NAMES), {})
