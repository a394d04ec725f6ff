"""Forms, simple numbers, units, poles and fronts of engines with constants anywhere."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import SearchError
from hecsr.formula.expression import (
    Binary,
    Call,
    Negative,
    Number,
    Power,
    Variable,
    complexity,
    constants,
    evaluate,
    walk,
)
from hecsr.formula.formula import Target
from hecsr.formula.grammar import parse
from hecsr.formula.nonlinear import Form
from hecsr.formula.physics import check_units
from hecsr.formula.printers.text import to_text
from hecsr.search.samples import Samples, describe_columns
from hecsr.search.symbolic.forms import as_form
from hecsr.search.symbolic.front import FrontRule, best_by_complexity
from hecsr.search.symbolic.loss import bayes_criterion, roughly_fitted, training_loss
from hecsr.search.symbolic.poles import defined_within
from hecsr.search.symbolic.snapping import snapped, tidy
from hecsr.units import parse_unit

Y = Target("y")
GPA, M = parse_unit("GPa"), parse_unit("m")


def form(text, **start):
    return Form(parse(text, constants=tuple(start)), start)


def samples(n=80, noise=0.0, *, law, names="xzw", units=None, task="regression"):
    rng = np.random.default_rng(3)
    values = rng.uniform(1, 3, (n, len(names)))
    eta = law(*values.T)
    y = eta + noise * rng.standard_normal(n)
    if task == "classification":
        y = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float)
    described = None
    if units is not None:
        described = [Descriptor(k, unit=u) for k, u in zip(names, units, strict=True)]
    return Samples(values, describe_columns(list(names), described), y, None, task)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2*(3*x + 4)/5", "c0 + c1 * x"),
        ("(-3.6*x)^2/(1.9*z) + 1.04*w + 0.2", "c0 + c1 * w + c2 * (x^2 / z)"),
        ("exp(2.5 + 0.3*x)*4", "c0 * exp(c1 * x)"),
        ("log(2.5*x)*3 + 1", "c0 + c1 * log(x)"),
        ("sqrt(3 - 2*x)", "c0 * sqrt(c1 - x)"),
        ("3/(2*x)", "c0 / x"),
        ("3*(x + 2)*(4*z + 5)", "c0 * ((c1 + x) * (c2 + z))"),
        ("x - 0.5*(0.5*x - 1)", "c0 + c1 * x"),
        ("x*x*x", "x^3"),
        ("x + cos(z)", "x + cos(z)"),
        ("-(x*z)", "-(x * z)"),
        ("1/x", "1 / x"),
        ("2*x - 2*x + 1 + z", "c0 + z"),
        ("abs(-3*x)/(-2)", "c0 * abs(x)"),
    ],
)
def test_numbers_that_say_the_same_become_one_constant(text, expected):
    assert parse(to_text(as_form(parse(text)).expression)) == parse(expected)


def test_an_exponent_of_a_large_denominator_is_fitted():
    found = as_form(Power(Variable("x"), Fraction(213, 100)))
    assert found.expression == parse("x^c0", constants=("c0",))
    assert found.start == {"c0": 2.13}
    kept = as_form(Power(Variable("x"), Fraction(3, 2)))
    assert kept.expression == Power(Variable("x"), Fraction(3, 2))


def test_a_factor_stays_inside_where_it_makes_a_pure_number():
    expression = parse("3*log(2.5*x) + 1")
    found = as_form(expression, units={"x": GPA})
    assert found.expression == parse("c0*log(c1*x)", constants=("c0", "c1"))
    x = np.linspace(1, 2, 5)
    np.testing.assert_allclose(
        evaluate(found.expression, {"x": x}, found.start),
        evaluate(expression, {"x": x}),
    )
    assert check_units(found.expression, {"x": GPA}).constants["c1"].text == "1/GPa"


def test_given_constants_are_merged_too():
    found = as_form(parse("a*(b*x)", constants=("a", "b")), {"a": 2.0, "b": 3.0})
    assert found.expression == parse("c0*x", constants=("c0",))
    assert found.start == {"c0": 6.0}


def test_an_infinite_number_is_refused():
    with pytest.raises(SearchError, match="infinite"):
        as_form(parse("x + 1/0"))


LEAVES = st.one_of(
    st.sampled_from([Variable("x"), Variable("z")]),
    st.floats(-4, 4).map(lambda v: Number(round(v, 2))),
)


def grown(inner):
    return st.one_of(
        st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
        st.builds(Negative, inner),
        st.builds(
            Call, st.sampled_from(["exp", "log", "sqrt", "cbrt", "abs", "sin"]), inner
        ),
        st.builds(Power, inner, st.sampled_from([Fraction(2), Fraction(-1)])),
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(LEAVES, grown, max_leaves=10))
def test_merging_keeps_the_value_where_it_is_defined(expression):
    rng = np.random.default_rng(0)
    columns = {"x": rng.uniform(0.5, 2, 30), "z": rng.uniform(0.5, 2, 30)}
    try:
        found = as_form(expression)
    except SearchError:
        return
    before = np.broadcast_to(evaluate(expression, columns), 30)
    after = np.broadcast_to(evaluate(found.expression, columns, found.start), 30)
    # a sum that cancels holds rounding only, which any other order changes
    sizes = [np.abs(evaluate(n, columns)).max() for n in walk(expression)]
    least = min(np.abs(evaluate(n, columns)).min() for n in walk(expression))
    if not max(sizes) < 1e4 or not least > 1e-4:
        return
    np.testing.assert_allclose(after, before, rtol=1e-6, atol=1e-6)
    numbers = sum(isinstance(n, Number) for n in walk(expression))
    # what is taken out of a function may need a place of its own
    functions = sum(isinstance(n, Call | Power) for n in walk(expression))
    assert len(constants(found.expression)) <= numbers + functions + complexity(
        expression
    )
    again = as_form(found.expression, found.start)
    assert len(constants(again.expression)) <= len(constants(found.expression))


def test_constants_near_simple_numbers_are_put_at_them():
    data = samples(noise=0.02, law=lambda x, z, w: 2 * x**2 / z + 0.5 * w)
    start = form("c0 + c1*x^2/z + c2*w", c0=0.1, c1=1.9, c2=0.4)
    found = snapped(start, data, Y)
    assert found.expression == parse("2*x^2/z + 0.5*w")
    assert not found.start


def test_a_constant_of_rounding_vanishes_from_an_exact_law():
    data = samples(law=lambda x, z, w: 2 * x**2 / z + 0.5 * w)
    start = form("c0 + c1*x^2/z + c2*w", c0=1e-9, c1=1.9, c2=0.4)
    found = snapped(start, data, Y)
    assert found.expression == parse("2*x^2/z + 0.5*w")


def test_an_exponent_near_a_third_becomes_fixed():
    data = samples(noise=1e-3, law=lambda x, z, w: 7.3 * x ** (1 / 3) + 0 * z)
    found = snapped(form("c0*x^c1", c0=5.0, c1=0.4), data, Y)
    assert found.expression == parse("c0*x^(1/3)", constants=("c0",))
    assert found.start["c0"] == pytest.approx(7.3, rel=1e-2)


def test_constants_far_from_simple_numbers_stay():
    data = samples(noise=0.01, law=lambda x, z, w: 2.3 * x + 0.71 * z)
    found = snapped(form("c0*x + c1*z", c0=2.0, c1=1.0), data, Y)
    assert constants(found.expression) == ("c0", "c1")
    assert found.start["c0"] == pytest.approx(2.3, abs=0.02)


def test_a_vague_constant_is_not_called_an_integer():
    data = samples(n=20, noise=1.0, law=lambda x, z, w: 2.0 * x)
    found = snapped(form("c0*x", c0=2.0), data, Y)
    assert constants(found.expression) == ("c0",)


def test_a_constant_with_a_unit_may_only_vanish():
    data = samples(noise=0.01, law=lambda x, z, w: 2.0 * x + 0.0 * z)
    start = form("c0*x + c1*z", c0=1.9, c1=0.1)
    found = snapped(start, data, Y, pure=lambda _: ())
    assert found.expression == parse("c0*x", constants=("c0",))


def test_tidying_drops_zeros_and_ones():
    assert tidy(parse("0*x + 1*z/1 - 0")) == Variable("z")
    assert tidy(parse("0 - (-1)*x")) == Variable("x")
    with pytest.raises(ZeroDivisionError):
        tidy(parse("x/0"))


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("1/x", True),
        ("1/(x - 2)", False),
        ("1/(x - 4)", True),
        ("log(x - 0.5)", True),
        ("log(x - 2)", False),
        ("sqrt(x - 2)", False),
        ("(x - 2)^2", True),
        ("1/(x - 2)^2", False),
        ("1/(1 + (x - 2)^2)", True),
        ("1/abs(x - 2)", False),
        ("tan(x)", False),
        ("tan(x/10)", True),
        ("exp(1000*x)", False),
        ("x^(3/2)/(5 - x*z)", False),
        ("1/(2 + sin(9*x))", True),
    ],
)
def test_a_pole_between_the_samples_is_seen(text, whole):
    box = {"x": (1.0, 3.0), "z": (1.0, 3.0)}
    assert defined_within(parse(text), {}, box) is whole


def front(data, *texts, **rule):
    forms = [as_form(parse(text)) for text in texts]
    return best_by_complexity(forms, data, Y, FrontRule(**rule))


def test_a_front_holds_what_no_simpler_form_fits_as_well():
    data = samples(noise=0.05, law=lambda x, z, w: 2.2 * x * z + 0.4 * w)
    found = front(
        data, "2*x", "3*z*x*w", "1.5*x*z", "1.5*x*z + 0.3*w", "0.1*w", "2*(3*x)",
        snap=False,
    )  # fmt: skip
    texts = [to_text(f.expression) for f in found.values()]
    assert texts == ["c0 * x", "c0 * (x * z)", "c0 * w + c1 * (x * z)"]
    assert list(found) == [1, 2, 4]
    last = found[4].start
    assert [last["c0"], last["c1"]] == pytest.approx([0.4, 2.2], abs=0.05)


def test_forms_that_are_undefined_or_have_poles_or_wrong_units_are_left_out():
    data = samples(noise=0.05, law=lambda x, z, w: 1 / (x - 0.9))
    assert not front(data, "3*sqrt(x - 2)")
    pole = "3/(x*1.1 - 2.0001)"
    assert not front(data, pole, snap=False)
    with_units = samples(law=lambda x, z, w: x + z, units=(GPA, M, M))
    assert not front(with_units, "x + z")
    found = front(with_units, "2.1*x + 3*z")
    # both are 1, but the units need the constant of z
    assert to_text(found[3].expression) in {"x + c0 * z", "c0 * x + c1 * z"}


def test_a_pole_may_be_allowed():
    data = samples(noise=0.05, law=lambda x, z, w: x)
    assert front(data, "3/(x*1.1 - 0.92)", poles=True, snap=False)


def test_a_form_of_too_many_constants_for_the_samples_is_left_out():
    data = samples(n=4, law=lambda x, z, w: x + z)
    assert not front(data, "1.5*x + 2.5*z + 3.5*w")


def test_a_front_is_thinned_where_it_gains_least():
    data = samples(noise=0.3, law=lambda x, z, w: 2.2 * x * z + 0.4 * w)
    texts = ["2*x", "1.5*x*z", "1.5*x*z + 0.3*w", "2*x*z + 0.3*w + 0.2"]
    found = front(data, *texts, most=2, snap=False)
    assert list(found) == [1, 2]


def test_the_front_of_classes_is_by_likelihood():
    data = samples(
        300, law=lambda x, z, w: -4 + 3 * x - z, task="classification"
    )  # fmt: skip
    found = front(data, "1 + 0.5*x", "1 + 0.5*x - 0.5*z", "1 + 0.5*w", snap=False)
    assert list(found) == [2, 4]
    start = found[4].start
    assert start["c1"] == pytest.approx(3, abs=1.2)
    assert start["c2"] == pytest.approx(-1, abs=1.0)


def test_a_rough_fit_lowers_the_loss_of_classes():
    data = samples(
        200, law=lambda x, z, w: -4 + 3 * x - z, task="classification"
    )  # fmt: skip
    start = form("c0 + c1*x/(c2 + z)", c0=0.0, c1=0.1, c2=0.5)
    rough = roughly_fitted(start, data)
    before = training_loss(start.expression, start.start, data)
    after = training_loss(rough.expression, rough.start, data)
    assert after < 0.9 * before


def test_an_exact_formula_is_not_preferred_for_its_rounding():
    data = samples(law=lambda x, z, w: x)
    assert bayes_criterion(1e-32, 1, data) < bayes_criterion(1e-34, 2, data)
    assert training_loss(parse("log(x - 2)"), {}, data) == math.inf


def test_impossible_rules_are_refused():
    with pytest.raises(SearchError, match="most is 0"):
        FrontRule(most=0)
