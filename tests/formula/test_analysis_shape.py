"""Shapes: equal for what differs by fitted numbers, order or sign, else not."""

import pytest

from hecsr.formula.analysis.shape import shape
from hecsr.formula.grammar import parse

NAMES = [f"c{i}" for i in range(5)]


def shape_of(text):
    return shape(parse(text, NAMES))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x / y", "1 / (y / x)"),
        ("a - b", "b - a"),
        ("c1 * (a - b) * d", "-2 * d * (b - a)"),
        ("c1 * x / (c2 + y)", "x / (1 + c1 * y)"),
        ("x / (c1 - y)", "x / (y - c1)"),
        ("x * x * exp(c1 * y)", "c2 * x^2 * exp(y * c1)"),
        ("(c1 * a + b) / d", "(a + c1 * b) / d"),
        ("exp(-c1 * x)", "exp(c1 * x)"),
        ("sqrt(x)", "x^(1/2)"),
        ("(x > c1) * y", "y * (c2 < x)"),
        ("x * (x / y)", "x^2 / y"),
        ("c1 * x^c2", "x^c1"),
        ("(2 * a - 2 * b + c1) * d", "(b - a + c2) * d"),
    ],
)
def test_writings_of_one_family_have_one_shape(one, other):
    assert shape_of(one) == shape_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a - b", "a + b"),
        ("x", "x^2"),
        ("exp(x)", "exp(-x)"),
        ("exp(c1 * x)", "exp(x)"),
        ("log(c1 - y)", "log(c1 + y)"),
        ("sqrt(c1 + x)", "sqrt(c1 - x)"),
        ("(x + c1) * (x + c2)", "x^2"),
        ("(x + c1) / (x + c2)", "1 / (x + c1)"),
        ("(a + 2 * b) / d", "(a + 3 * b) / d"),
        ("x / `c1`", "x / c1"),
        ("cos(x)", "cbrt(x)"),
    ],
)
def test_other_families_have_other_shapes(one, other):
    assert shape_of(one) != shape_of(other)
