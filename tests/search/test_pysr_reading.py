"""Equations of PySR as text become expressions that say the same."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pysr_tables import RECORDED, SINGLE, TABLES, recorded

from hecsr.errors import FormulaError
from hecsr.formula.expression import Call, Negative, Number, Variable, evaluate
from hecsr.formula.grammar import parse
from hecsr.search.pysr.checking import read_all
from hecsr.search.pysr.reading import (
    MAX_LENGTH,
    MAX_NODES,
    Equation,
    read_equation,
    read_table,
)


def value_of(text, **columns):
    names = list(columns)
    arrays = {n: np.atleast_1d(np.asarray(c, float)) for n, c in columns.items()}
    return evaluate(read_equation(text, names), arrays)


@pytest.mark.parametrize(
    ("table", "data", "task", "weight", "factor", "penalty"),
    TABLES,
    ids=[t[0] for t in TABLES],
)
def test_every_recorded_equation_has_the_loss_that_pysr_recorded(
    table, data, task, weight, factor, penalty
):
    equations, samples = recorded(table, data, task, weight, factor)
    assert len(equations) >= 8
    found = read_all(equations, samples, penalty, SINGLE)
    assert found.refused == []
    assert len(found.expressions) + found.unlawful == len(equations)


def test_a_penalty_for_units_is_told_from_a_loss():
    equations, samples = recorded("dimless_const", "units", "regression", None, 1)
    found = read_all(equations, samples, 1000.0, SINGLE)
    assert found.unlawful == sum(e.loss > 1000 for e in equations) == 4
    # without knowing of units the same losses contradict the equations
    assert len(read_all(equations, samples, None, SINGLE).refused) == 4


def test_units_that_close_are_not_penalised():
    equations, samples = recorded("units_first", "units", "regression", None, 1)
    assert read_all(equations, samples, 1000.0, SINGLE).unlawful == 0


def test_an_equation_that_means_something_else_to_pysr_is_refused():
    _, samples = recorded("cos", "cos", "regression", None, 1)
    x0 = samples.values[:, 0]
    loss = float(np.mean((x0**2 - samples.y) ** 2))
    same = Equation(3, loss, "x0 * x0", x0**2)
    assert len(read_all([same], samples, None).expressions) == 1
    for other in (
        Equation(3, loss, "x0 * x0", x0**2 + 0.01),
        Equation(3, loss, "x0 * x0", np.full_like(x0, np.nan)),
        Equation(3, loss * 1.01, "x0 * x0"),
        Equation(3, np.nan, "x0 * x0", x0**2),
        Equation(3, loss, "foo(x0)"),
    ):
        found = read_all([other], samples, None)
        assert not found.expressions
        assert other.text in found.refused[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 ^ 3 ^ 0.5", 2 ** (3**0.5)),
        ("-2.0 ^ 2", -4),
        ("2 ^ -1", 0.5),
        ("1 - 2 - 3", -4),
        ("8 / 4 / 2", 1),
        ("3 - -0.5", 3.5),
        ("- -2.0", 2),
        ("+2.5", 2.5),
        ("1.5e-3", 0.0015),
        ("1.5f-3 + .5f1", 5.0015),
        (".5 + 1.", 1.5),
        ("square(3.0)", 9),
        ("cube(-2.0)", -8),
        ("neg(3.0)", -3),
        ("inv(4.0)", 0.25),
        ("cbrt(-27.0)", -3),
        ("log10(100.0)", 2),
        ("abs(-2.0) + atan(0.0) + tanh(0.0) + tan(0.0) + sin(0.0)", 2),
        ("pow(2.0, 3.0)", 8),
        ("plus(1.0, sub(5.0, mult(2.0, div(4.0, 2.0))))", 2),
    ],
)
def test_operators_mean_what_they_mean_in_julia(text, value):
    assert value_of(text, x=[1.0])[()] == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    "text",
    ["sqrt(x0)", "log(x0)", "log10(x0)", "x0 ^ 0.5", "x0 ^ -0.3", "inv(0.0 * x0)"],
)
def test_what_pysr_leaves_undefined_is_nan(text):
    assert np.isnan(value_of(text, q=[-2.0]))


def test_a_whole_power_of_a_negative_number_is_defined():
    assert value_of("x0 ^ 3.0", q=[-2.0])[0] == -8
    assert value_of("x0 ^ x1", q=[-2.0], n=[3.0])[0] == -8
    assert np.isnan(value_of("x0 ^ x1", q=[-2.0], n=[0.5]))[0]


def test_variables_get_their_own_names_back():
    found = read_equation("x1 + x0 * x10", [f"column {i}" for i in range(11)])
    assert found == parse("`column 1` + `column 0` * `column 10`")


def test_a_minus_before_a_number_belongs_to_it():
    assert read_equation("-0.5", []) == Number(-0.5)
    assert read_equation("-x0", ["q"]) == Negative(Variable("q"))
    assert read_equation("abs(-x0)", ["q"]) == Call("abs", Negative(Variable("q")))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected here"),
        ("x0 +", "expected here"),
        ("x0 x0", "cannot follow"),
        ("(x0", "not closed"),
        ("x2", "unknown variable 'x2'"),
        ("y", "unknown variable 'y'"),
        ("gamma(x0)", "unknown function 'gamma'"),
        ("sqrtt(x0)", "did you mean 'sqrt'"),
        ("sqrt(x0, x1)", "not closed"),
        ("pow(x0)", "not closed"),
        ("1e999", "too large"),
        ("x0 ^ 1e300", "too large"),
        ("x0 == x1", "cannot follow"),
        ("__import__('os').getpid()", "unknown function '__import__'"),
        ("x0.__class__", "cannot follow"),
        ("x0; exit()", "cannot follow"),
        ("NaN", "unknown variable 'NaN'"),
        ("(" * 500 + "x0" + ")" * 500, "nested more than"),
        ("-" * 500 + "x0", "signs in a row"),
        ("2^" * 500 + "x0", "nested more than"),
        ("+".join(["x0"] * (MAX_NODES + 2)), "operations"),
        ("x0" + " " * MAX_LENGTH, "characters"),
    ],
)
def test_what_is_no_equation_is_refused_with_a_reason(text, said):
    with pytest.raises(FormulaError, match=re.escape(said)):
        read_equation(text, ["a", "b"])


@st.composite
def equations(draw, depth=3):
    """Text as PySR writes it, and the same for Python."""
    if depth == 0 or draw(st.booleans()):
        if draw(st.booleans()):
            i = draw(st.integers(0, 2))
            return f"x{i}", f"x{i}"
        number = repr(draw(st.floats(-9, 9, allow_subnormal=False)))
        return number, f"({number})"
    a, p = draw(equations(depth - 1))
    kind = draw(st.sampled_from(["+", "-", "*", "/", "square", "cos", "exp", "abs"]))
    if kind in "+-*/":
        b, q = draw(equations(depth - 1))
        return f"({a}) {kind} ({b})", f"(({p}) {kind} ({q}))"
    call = {"square": f"({p})**2", "abs": f"abs({p})"}.get(kind, f"np.{kind}({p})")
    return f"{kind}({a})", call


@settings(max_examples=60, deadline=None)
@given(equations())
def test_values_are_those_of_the_same_text_in_python(pair):
    text, python = pair
    x0, x1, x2 = np.random.default_rng(0).uniform(-2, 2, (3, 5))
    with np.errstate(all="ignore"):
        try:
            expected = np.broadcast_to(
                eval(python, {"np": np, "x0": x0, "x1": x1, "x2": x2}),
                5,
            ).astype(float)
        except ZeroDivisionError:
            return
    expected = np.where(np.isfinite(expected), expected, np.nan)
    found = np.broadcast_to(value_of(text, x0=x0, x1=x1, x2=x2), 5)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_table_that_was_cut_short_keeps_its_whole_rows():
    whole = (RECORDED / "cos_hall_of_fame.csv").read_text(encoding="utf-8")
    rows = read_table(whole)
    assert [r.complexity for r in rows] == [1, 3, 5, 6, 8, 10, 12, 15, 19]
    assert rows[5].loss == 1.9441102e-13
    for end in range(len("Complexity,Loss,Equation\n"), len(whole), 7):
        found = read_table(whole[:end])
        kept = [(r.complexity, r.loss, r.text) for r in found]
        assert kept == [(r.complexity, r.loss, r.text) for r in rows[: len(found)]]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\x00\x01", "Complexity,Loss\n"])
def test_another_file_is_no_table(text):
    with pytest.raises(FormulaError, match="not a table"):
        read_table(text)


def test_losses_may_be_infinite_or_of_single_precision():
    head = "Complexity,Loss,Equation\n"
    rows = read_table(head + '1,Inf,"x0"\n2,1.5f-3,"x0"\n3,NaN,"x0"\n')
    assert [r.loss for r in rows[:2]] == [np.inf, 0.0015]
    assert np.isnan(rows[2].loss)
