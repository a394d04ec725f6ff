from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import UnitError
from hecsr.formula.expression import Constant, Expression, evaluate
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Target
from hecsr.formula.grammar import parse
from hecsr.formula.physics import check_units, unit_of, units_of_constants
from hecsr.units import NUMBER, parse_unit

UNITS = {
    "vec_mean": parse_unit("Å"),
    "r": parse_unit("pm"),
    "load": parse_unit("N"),
    "T": parse_unit("K"),
    "delta": NUMBER,
    "G": parse_unit("GPa"),
    "B": parse_unit("MPa"),
    "t": parse_unit("°C"),
}
GPA = parse_unit("GPa")


def form(text: str) -> Expression:
    return parse(text, [f"c{i}" for i in range(7)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("c0 + c1 * vec_mean", {"c0": "GPa", "c1": "GPa/Å"}),
        ("c0 * exp(-c1 / T)", {"c0": "GPa", "c1": "K"}),
        ("c0 * (load / c1)^c2", {"c0": "GPa", "c1": "N", "c2": "1"}),
        ("sqrt(c0 * vec_mean + c1)", {"c0": "GPa^2/Å", "c1": "GPa^2"}),
        ("(c0 * vec_mean)^2", {"c0": "GPa^(1/2)/Å"}),
        ("c0 * vec_mean^0.585", {"c0": "GPa/Å^(117/200)"}),
        ("c0 * logistic(c1 * vec_mean - c2)", {"c0": "GPa", "c1": "1/Å", "c2": "1"}),
        ("c0 * (load > c1)", {"c0": "GPa", "c1": "N"}),
        ("c0 * B + G", {"c0": "GPa/MPa"}),
        ("c0 / (c1 + vec_mean)", {"c0": "GPa Å", "c1": "Å"}),
        ("c0 * abs(T - c1)", {"c0": "GPa/K", "c1": "K"}),
        ("c0 + c1 * T * (vec_mean > 0)", {"c0": "GPa", "c1": "GPa/K"}),
    ],
)
def test_each_constant_takes_the_unit_that_makes_sense_of_the_formula(text, expected):
    found = units_of_constants(form(text), UNITS, GPA)
    assert {name: unit.text for name, unit in found.items()} == expected


def test_the_unit_found_makes_the_formula_one_without_unknowns():
    expression = form("c0 * vec_mean^2 / (c1 + load) + c2 * sqrt(T)")
    found = check_units(expression, UNITS, GPA)
    known = UNITS | dict(found.constants)
    assert unit_of(parse("c0 * vec_mean^2 / (c1 + load) + c2 * sqrt(T)"), known).like(
        GPA
    )


def test_constants_that_matter_only_together_leave_the_unit_to_the_first():
    found = units_of_constants(form("c0 * c1 * c2 * vec_mean"), UNITS, GPA)
    assert [u.text for u in found.values()] == ["GPa/Å", "1", "1"]


def test_a_linear_formula_has_the_units_that_the_fit_gives():
    terms = [parse("vec_mean / load"), parse("T^2 * vec_mean"), parse("delta")]
    rng = np.random.default_rng(0)
    columns = {n: rng.uniform(1, 2, 9) for n in ("vec_mean", "load", "T", "delta")}
    formula = fit_formula(
        terms,
        columns,
        rng.uniform(1, 2, 9),
        task="regression",
        target=Target("H", unit=GPA),
        descriptors={n: Descriptor(n, unit=UNITS[n]) for n in columns},
    )
    found = units_of_constants(formula.expression, UNITS, GPA)
    for coefficient in formula.coefficients:
        assert found[coefficient.name].text == coefficient.unit.text
        assert found[coefficient.name].like(coefficient.unit)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("delta + vec_mean", r"delta in 1 and vec_mean in Å cannot be added"),
        ("r - vec_mean", r"r in pm and vec_mean in Å cannot be added"),
        (
            "c0 * delta + c0 * vec_mean",
            r"c0 \* delta in 1 and c0 \* vec_mean in Å .* whatever the units",
        ),
        ("load > T", r"load in N and T in K cannot be compared"),
        ("c0 * log(load)", r"log of load, which is in N"),
        ("c0 * load^c1", r"load in N has an exponent .* divide it by .* in N"),
        ("c0 * delta^T", r"the exponent T is in K"),
        ("c0 + vec_mean", r"c0 \+ vec_mean is in Å, but the target in GPa"),
        ("B", r"B is in MPa, but the target in GPa"),
        ("T - 300", r"T in K and 300 in 1"),
        ("c0 * missing", "unit of 'missing' is not known"),
        ("c0 * t", "°C has a zero of its own"),
    ],
)
def test_an_inconsistent_formula_is_refused_with_both_terms(text, message):
    with pytest.raises(UnitError, match=message):
        check_units(form(text), UNITS, GPA)


def test_the_whole_is_a_number_inside_a_logistic_link():
    found = units_of_constants(form("c0 + c1 * vec_mean"), UNITS, NUMBER)
    assert [u.text for u in found.values()] == ["1", "1/Å"]
    outside = units_of_constants(form("logistic(c0 + c1 * vec_mean)"), UNITS, NUMBER)
    assert outside == found


def test_a_variable_over_its_scale_is_a_number():
    expression = form("c0 + c1 * log(load / 9.80665)")
    found = units_of_constants(expression, UNITS, GPA, {"load": 9.80665})
    assert {u.text for u in found.values()} == {"GPa"}
    with pytest.raises(UnitError, match="log of"):
        units_of_constants(expression, UNITS, GPA)


def test_zero_has_any_unit():
    assert unit_of(parse("T - 0"), UNITS).text == "K"
    assert unit_of(parse("0 + T"), UNITS).text == "K"
    assert unit_of(parse("(T > 0) * r"), UNITS).text == "pm"


@pytest.mark.parametrize(
    ("text", "numbers", "bare"),
    [
        ("c0 * load^c1", ("load",), False),
        ("2 * (delta^2 * G)^0.585 - 3", ("G",), True),
        ("c0 * delta + c0 * vec_mean", ("vec_mean",), False),
        ("c0 + c1 * t", ("t",), False),
        ("c0 * exp(-c1 / T)", (), False),
    ],
)
def test_leniently_as_few_quantities_as_needed_are_numbers(text, numbers, bare):
    found = check_units(form(text), UNITS, GPA, lenient=True)
    assert (found.as_numbers, found.value_as_number) == (numbers, bare)
    assert found.value.text == "GPa"
    assert found.consistent == (not numbers)


def test_what_enters_as_a_number_is_said():
    found = check_units(form("2 * (delta * G)^0.585 - 3"), UNITS, GPA, lenient=True)
    assert found.notes(UNITS) == (
        "G enters as a number, in GPa",
        "the value is a number, read in GPa",
    )


def test_leniently_many_quantities_are_tried_one_by_one():
    names = [f"x{i}" for i in range(14)]
    units = {n: parse_unit("K") for n in names} | {"load": parse_unit("N")}
    text = "c0 * load^c1 + c2 * (" + " + ".join(names) + ")"
    found = check_units(form(text), units, GPA, lenient=True)
    assert found.as_numbers == ("load",)


def test_a_missing_unit_is_an_error_leniently_too():
    with pytest.raises(UnitError, match="'missing'"):
        check_units(form("exp(load) + missing"), UNITS, GPA, lenient=True)


def test_without_a_target_the_value_has_the_unit_that_follows():
    assert check_units(parse("G * r"), UNITS).value.text == "GPa pm"


def test_a_constant_has_no_unit_of_its_own():
    with pytest.raises(UnitError, match="check_units"):
        unit_of(form("c0 * T"), UNITS)


SCALES = {"vec_mean": 3.0, "load": 0.5, "T": 7.0, "delta": 1.0}
STARTS = (0.7, 1.9, 1.1, -0.6, 2.3, 0.9, -1.4)


@given(
    st.lists(
        st.sampled_from(
            [
                "c0 * vec_mean",
                "c1 * sqrt(c2 + load)",
                "c3 * exp(c2 / load)",
                "c4 * T / (c2 + load)^2",
                "abs(c5 * vec_mean)",
                "c6 * delta",
            ]
        ),
        min_size=1,
        max_size=3,
        unique=True,
    )
)
@settings(max_examples=30, deadline=None)
def test_a_change_of_units_changes_no_value(terms):
    """Rescaled constants undo rescaled columns, as a unit promises."""
    expression = form(" + ".join(terms))
    columns = {"vec_mean": 1.3, "load": 0.8, "T": 2.1, "delta": 0.4}
    start = dict(zip([f"c{i}" for i in range(7)], STARTS, strict=True))
    named = {"vec_mean": "Å", "load": "N", "T": "K", "delta": "1"}
    found = check_units(expression, UNITS, GPA).constants
    constants = dict(start)
    for name, unit in found.items():
        for variable, text in named.items():
            base = parse_unit(text)
            power = _power(unit, base)
            constants[name] *= SCALES[variable] ** float(power)
    scaled = {n: np.array([v * SCALES[n]]) for n, v in columns.items()}
    plain = {n: np.array([v]) for n, v in columns.items()}
    assert evaluate(expression, scaled, constants) == pytest.approx(
        evaluate(expression, plain, start)
    )
    assert all(Constant(n) for n in found)


def _power(unit, base):
    """Exponent of one named unit; the four here are of independent dimensions."""
    if base.text == "1":
        return Fraction(0)
    marks = unit.text.replace("GPa", "")
    above, _, below = marks.partition("/")
    for sign, part in ((1, above), (-1, below.strip("()"))):
        for word in part.split():
            name, _, power = word.partition("^")
            if name == base.text:
                return sign * Fraction(power.strip("()") or 1)
    return Fraction(0)
