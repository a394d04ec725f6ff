import pytest

from hecsr.formula.analysis.size import description_length, size_of
from hecsr.formula.expression import complexity
from hecsr.formula.grammar import parse


def test_the_measures_of_a_small_formula():
    expression = parse("c0 + c1 * x^2 / (x + y)", ["c0", "c1"])
    size = size_of(expression)
    assert size.nodes == 10
    assert size.operators == complexity(expression) == 5
    assert size.depth == 5
    assert size.constants == 2
    assert size.variables == 2


def test_a_leaf_has_depth_one_and_no_bits_to_choose():
    size = size_of(parse("x"))
    assert (size.nodes, size.operators, size.depth, size.bits) == (1, 0, 1, 0.0)


def test_the_description_length_counts_kinds_and_numbers():
    # x * y + x: five nodes of four kinds
    assert description_length(parse("x * y + x")) == pytest.approx(10)
    # with 3: log2(4) + 1 bits more for the number, and five kinds
    found = description_length(parse("x * y + 3"))
    assert found == pytest.approx(5 * 2.321928094887362 + 3)


def test_longer_numbers_and_forms_need_more_bits():
    texts = [
        "x",
        "2 * x",
        "2.5 * x",
        "2.512 * x",
        "2.512 * x + y",
        "sin(2.512 * x) + y",
    ]
    bits = [description_length(parse(text)) for text in texts]
    assert bits == sorted(bits)
    assert len(set(bits)) == len(bits)


def test_fitted_constants_are_of_one_kind():
    few = parse("c0 + c0 * x", ["c0"])
    many = parse("c0 + c1 * x", ["c0", "c1"])
    assert description_length(few) == description_length(many)
