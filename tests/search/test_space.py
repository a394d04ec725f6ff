"""The stored features of a space against plain enumeration, and the rules of spaces."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from enumeration import SISSO_NESTED, Units, divides, enumerate_stored

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import SearchError
from hecsr.formula.expression import Binary, Variable, evaluate, variables, walk
from hecsr.search.sisso.building import operators as op
from hecsr.search.sisso.building.domain import image
from hecsr.search.sisso.building.generate import stored_features
from hecsr.search.sisso.building.recipes import all_recipes
from hecsr.search.sisso.building.units import UnitTable
from hecsr.search.sisso.building.weighting import Weighting
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.units import parse_unit

EVERY = tuple(op.OPERATORS)
FOUR = ("+", "-", "*", "/")

SPACES = {
    "default": SearchSpace(max_complexity=5),
    "three rungs": SearchSpace(operators=FOUR, rungs=3, max_complexity=4),
    "every operator": SearchSpace(operators=EVERY, rungs=2, max_complexity=4),
    "by rung": SearchSpace(
        by_rung=(("-", "^-1", "/"), ("*", "+", "sqrt"), ("/",)),
        rungs=3,
        max_complexity=4,
    ),
    "few": SearchSpace(operators=("exp", "log", "^2"), rungs=3, max_complexity=3),
    "excluded": SearchSpace(operators=FOUR, rungs=3, excluded=("b", "d")),
    "required": SearchSpace(operators=FOUR, rungs=3, required=("c", "a")),
    "ranges": SearchSpace(rungs=2, ranges=(("a", -2, 4), ("d", 0, 9), ("c", -1.2, 8))),
    "poles": SearchSpace(operators=(*FOUR, "log", "sqrt"), rungs=3, poles=True),
    "no operator": SearchSpace(operators=(), rungs=2),
    "descriptors": SearchSpace(rungs=0),
}
PRESETS = {
    "four": SearchSpace.sisso35(FOUR, 3, 4),
    "of rung 2": SearchSpace.sisso35(EVERY),
    "functions": SearchSpace.sisso35(
        ("^2", "^3", "sqrt", "cbrt", "exp", "exp-", "log", "^-1"), 3
    ),
    "products": SearchSpace.sisso35(("*", "/"), 3, 4),
    "with inverse": SearchSpace.sisso35(("*", "/", "^-1"), 3, 3),
    "quotients": SearchSpace.sisso35(("/", "|-|", "exp-"), 3, 3),
}


def make_data(kind, n=25):
    rng = np.random.default_rng(3)
    values = np.column_stack(
        [
            rng.uniform(1, 3, n),
            rng.uniform(0.5, 2, n),
            rng.uniform(-1, 1, n),
            rng.uniform(0, 0.3, n),
        ]
    )
    if kind == "plain":
        return values, tuple(Descriptor(name) for name in "abcd")
    lawful = {"lower": 0.0, "reaches_zero": False}
    return values, (
        Descriptor("a", unit=parse_unit("pm"), scale=2.0, **lawful),
        Descriptor("b", unit=parse_unit("pm"), **lawful),
        Descriptor("c", unit=parse_unit("kJ/mol")),
        Descriptor("d", lower=0.0),
    )


def generate(values, descriptors, space, units=None):
    weighting = Weighting(np.full(len(values), 1 / len(values)))
    units = units or UnitTable()
    return stored_features(values, descriptors, weighting, space, units)


def expressions(features, descriptors):
    rows = range(len(features))
    return [features.expression(op.LEAF, k, k, descriptors) for k in rows]


def compare(values, descriptors, space):
    """Check every column of the stored features against plain enumeration."""
    columns = dict(zip([d.name for d in descriptors], values.T, strict=True))
    expected = enumerate_stored(columns, descriptors, space)
    table = UnitTable()
    found = generate(values, descriptors, space, table)
    assert expressions(found, descriptors) == [f.expression for f in expected]
    assert found.complexity.tolist() == [f.nodes for f in expected]
    assert found.rung.tolist() == [f.rung for f in expected]
    assert found.argument.tolist() == [f.argument for f in expected]
    assert found.divisor.tolist() == [bool(divides(f, space)) for f in expected]
    # of rungs with operators of their own no twin stands for another feature
    told = space.by_rung is None
    assert found.twin.tolist() == [f.twin and told for f in expected]
    for k, f in enumerate(expected):
        names = {n for i, n in enumerate(space.required) if found.bits[k] >> i & 1}
        assert names == f.contains(space.required)
        # the values are scaled by powers of two, the same ones within a dimension
        np.testing.assert_allclose(
            found.values[k] / np.abs(found.values[k]).max(),
            f.value / np.abs(f.value).max(),
            rtol=1e-12,
            atol=1e-13,
        )
    units = Units(descriptors)
    ids = [table.of(units.of(f.expression)) for f in expected]
    assert found.unit.tolist() == ids
    return expected


@pytest.mark.parametrize("kind", ["plain", "units"])
@pytest.mark.parametrize("name", SPACES)
def test_stored_features_are_those_of_plain_enumeration(name, kind):
    assert compare(*make_data(kind), SPACES[name])


@pytest.mark.parametrize("kind", ["plain", "units"])
@pytest.mark.parametrize("name", PRESETS)
def test_preset_follows_the_rules_of_sisso(name, kind):
    assert compare(*make_data(kind), PRESETS[name])


def test_preset_never_puts_around_an_operator_what_sisso_does_not():
    values, descriptors = make_data("plain")
    space = PRESETS["functions"]
    units = UnitTable()
    found = generate(values, descriptors, space, units)
    last = all_recipes(found, space, 3, units)
    signs = {o.code: sign for sign, o in op.OPERATORS.items()}
    seen = set()
    for outer, inner in [
        *zip(found.recipes.operator, found.recipes.left, strict=True),
        *zip(last.operator, last.left, strict=True),
    ]:
        if outer in signs:
            seen.add((signs[outer], signs.get(found.recipes.operator[inner], "")))
    assert len(seen) > 40
    assert not {(o, i) for o, inside in SISSO_NESTED.items() for i in inside} & seen
    # what SISSO does allow is there
    assert {("^-1", "^-1"), ("^2", "^2"), ("cbrt", "sqrt"), ("exp", "sqrt")} <= seen


def test_preset_divides_no_quotients_below_the_last_rung():
    values, descriptors = make_data("plain")
    found = generate(values, descriptors, PRESETS["four"])
    for expression in expressions(found, descriptors):
        for node in walk(expression):
            if isinstance(node, Binary) and node.operator == "/":
                parts = node.left, node.right
                assert not any(getattr(p, "operator", "") == "/" for p in parts)


def test_preset_counts_an_absolute_difference_as_one_operator():
    space = SearchSpace.sisso35(("|-|", "exp-", "+"))
    assert [space.nodes(sign) for sign in ("|-|", "exp-", "+")] == [1, 1, 1]
    assert [SearchSpace().nodes(sign) for sign in ("|-|", "exp-", "+")] == [2, 2, 1]


def test_preset_bounds_values_and_the_default_does_not():
    space, plain = SearchSpace.sisso35(rungs=3), SearchSpace()
    assert space.max_complexity == 7
    assert space.poles
    assert space.value_rule(stored=True).limits == (0, 1e-8, 1e-50, 1e50)
    assert space.value_rule(stored=False).limits == (0, 1e-8, 1e-3, 1e5)
    assert space.duplicates == (1e-8, 0.99)
    for stored in (True, False):
        assert plain.value_rule(stored).limits == (1e-10, 0, 0, np.inf)
    assert plain.duplicates[1] == 1 - 1e-10


def test_tiny_descriptors_vanish_under_the_preset_only():
    rng = np.random.default_rng(0)
    values = rng.uniform(1, 2, (20, 2)) * [1e-10, 1]
    descriptors = (Descriptor("a"), Descriptor("b"))
    names = [
        str(e)
        for e in expressions(generate(values, descriptors, SPACES["few"]), descriptors)
    ]
    assert any("'a'" in name for name in names)
    found = generate(values, descriptors, SearchSpace.sisso35())
    assert {n for e in expressions(found, descriptors) for n in variables(e)} == {"b"}


METRES = (
    Descriptor("a", unit=parse_unit("m"), lower=0.0, reaches_zero=False),
    Descriptor("b", unit=parse_unit("m"), lower=0.0, reaches_zero=False),
    Descriptor("c", unit=parse_unit("kJ/mol")),
    Descriptor("d", unit=parse_unit("m^(1/2)"), lower=0.0, reaches_zero=False),
)
STEEP = SearchSpace(
    operators=("*", "/", "+", "^6", "^3", "sqrt", "cbrt", "log"),
    rungs=3,
    max_complexity=3,
)


def test_features_are_the_same_in_metres_and_in_nanometres():
    values = make_data("plain")[0] + [0, 0, 0, 1]
    nano = tuple(
        replace(d, unit=parse_unit(d.unit.text.replace("m", "nm", 1)))
        if d.name != "c" else d
        for d in METRES
    )  # fmt: skip
    small = values * [1e9, 1e9, 1, 1e9**0.5]
    one, other = generate(values, METRES, STEEP), generate(small, nano, STEEP)
    assert expressions(one, METRES) == expressions(other, nano)
    ratio = one.values / other.values
    np.testing.assert_allclose(ratio / ratio[:, :1], 1, rtol=1e-9)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_huge_and_tiny_quantities_make_the_same_features(scale):
    values = make_data("plain")[0] + [0, 0, 0, 1]
    far = values * [scale, scale, 1 / scale, scale**0.5]
    one, other = generate(values, METRES, STEEP), generate(far, METRES, STEEP)
    assert expressions(one, METRES) == expressions(other, METRES)
    assert np.isfinite(other.values).all()


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_huge_and_tiny_numbers_that_overflow_are_refused(scale):
    values, descriptors = make_data("plain")
    found = generate(values * scale, descriptors, STEEP)
    assert np.isfinite(found.values).all()
    assert (np.abs(found.values).max(axis=1) > 0).all()
    columns = dict(zip("abcd", (values * scale).T, strict=True))
    for row, expression in zip(
        found.values, expressions(found, descriptors), strict=True
    ):
        np.testing.assert_allclose(row, evaluate(expression, columns), rtol=1e-13)


def test_scaling_changes_no_digit():
    values = make_data("plain")[0] + [0, 0, 0, 1]
    far = values * [2.0**-60, 2.0**-60, 2.0**90, 2.0**-30]
    space = replace(STEEP, operators=("*", "/", "+", "-", "^6", "^-1", "sqrt"))
    one, other = generate(values, METRES, space), generate(far, METRES, space)
    ratio = np.frexp(one.values / other.values)[0]
    assert (ratio == 0.5).all()


def test_equal_columns_stay_and_their_features_do_not_double():
    values, descriptors = make_data("plain")
    twice = np.column_stack([values, values[:, 0]])
    described = (*descriptors, Descriptor("copy"))
    space = SearchSpace(operators=("+", "*"))
    one = generate(values, descriptors, space)
    both = generate(twice, described, space)
    # a + copy and a * copy are new, 2 a and a^2
    assert len(both) == len(one) + 3


def test_constant_columns_are_not_used():
    values, descriptors = make_data("plain")
    values[:, 1] = 0.3
    found = generate(values, descriptors, SPACES["default"])
    assert {n for e in expressions(found, descriptors) for n in variables(e)} == {
        *"acd"
    }


def test_range_of_a_descriptor_decides_what_may_divide():
    values, descriptors = make_data("plain")
    away = values + np.array([0, 0, 3, 0])
    divides = SearchSpace(operators=("^-1",))
    found = generate(away, descriptors, divides)
    assert found.divisor[:4].tolist() == [True, True, True, False]
    wider = replace(divides, ranges=(("a", -1.0, 5.0), ("d", -1.0, 1.0)))
    found = generate(away, descriptors, wider)
    assert found.divisor[:4].tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"excluded": ("aa",)},
            "excluded names 'aa', which is not there; did you mean",
        ),
        ({"required": ("z",)}, "required names 'z'.*allowed: a, b, c, d"),
        ({"ranges": (("q", 0, 1),)}, "ranges names 'q'"),
        ({"excluded": tuple("abcd")}, "every descriptor is excluded"),
        (
            {"ranges": (("a", 2, 3),)},
            "range of 'a' is 2 to 3, but its values go from 1",
        ),
        ({"required": ("b",)}, "'b' is required, but is constant"),
    ],
)
def test_spaces_that_do_not_fit_the_data(options, words):
    values, descriptors = make_data("plain")
    values[:, 1] = 0.3
    names = {"aa": "ab"}
    described = tuple(replace(d, name=names.get(d.name, d.name)) for d in descriptors)
    with pytest.raises(SearchError, match=words):
        generate(values, described, SearchSpace(**options))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"required": ("a",), "excluded": ("b", "a")}, "'a' is both required"),
        ({"required": ("a", "a")}, "required names 'a' twice"),
        ({"ranges": (("a", 0, 1), ("a", 0, 2))}, "ranges names 'a' twice"),
        ({"ranges": (("a", 1, 0),)}, "range of 'a', 1 to 0"),
        ({"ranges": (("a", 0, np.inf),)}, "not one of numbers"),
        ({"ranges": (("a", np.nan, 1),)}, "not one of numbers"),
        ({"ranges": (("a", 0, 1),), "poles": True}, "but poles is True"),
        ({"required": tuple(f"x{k}" for k in range(63))}, "at most 62"),
        ({"positive_margin": 0.9}, "at least 1"),
        ({"constant_below": -1}, "from 0 to below 1"),
        ({"rungs": 4}, "0 to 3"),
        ({"operators": ("sqr",)}, "did you mean 'sqrt'"),
        ({"max_complexity": -1}, "negative"),
    ],
)  # fmt: skip
def test_spaces_that_make_no_sense(options, words):
    with pytest.raises(SearchError, match=words):
        SearchSpace(**options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sis": 0}, "at least 1"),
        ({"max_models": 0}, "max_models is 0"),
        ({"max_bytes": -1}, "max_bytes is -1"),
        ({"max_seconds": float("nan")}, "max_seconds is nan"),
        ({"cache_bytes": -1}, "cache_bytes is -1"),
        ({"precision": "float16"}, "unknown precision.*did you mean 'float"),
    ],
)
def test_budgets_that_make_no_sense(options, words):
    with pytest.raises(SearchError, match=words):
        Budget(**options)


def test_no_operator_is_lawful_leaves_the_descriptors():
    values, _ = make_data("plain")
    names = zip("abcd", ("m", "K", "s", "kg"), strict=True)
    descriptors = tuple(Descriptor(n, unit=parse_unit(u)) for n, u in names)
    found = generate(values, descriptors, SearchSpace(operators=("+", "log", "sin")))
    assert len(found) == 4


@pytest.mark.parametrize("sign", op.OPERATORS)
def test_range_of_an_operator_holds_its_values(sign):
    rng = np.random.default_rng(0)
    operator = op.OPERATORS[sign]
    ends = np.sort(rng.normal(size=(2, 2, 200)) * 2, axis=1)
    if sign in ("log", "sqrt", "^-1", "/"):
        ends = np.abs(ends) + 0.01
        ends.sort(axis=1)
    low, high = image(operator.code, tuple(ends[0]), tuple(ends[1]))
    inside = ends[:, :1] + rng.random((2, 50, 200)) * np.diff(ends, axis=1)
    columns = {"x": inside[0].ravel(), "y": inside[1].ravel()}
    right = Variable("y") if operator.binary else None
    value = evaluate(op.apply(operator.code, Variable("x"), right), columns)
    value = value.reshape(50, 200)
    slack = 1e-12 * (1 + np.abs(value))
    assert ((value >= low - slack) & (value <= high + slack)).all()


def test_units_of_roots_and_powers_are_exact():
    table = UnitTable()
    units = {
        u: table.of(parse_unit(u)) for u in ("m", "m^(1/7)", "pm", "Å", "1", "m^2")
    }
    assert len(set(units.values())) == 6
    assert units["1"] == table.number
    ids = np.array([units["m"], units["m^(1/7)"], units["pm"]], np.int32)
    root = ids
    for power in (Fraction(1, 3), Fraction(1, 2)) * 4:
        root = table.power(root, power)
    for power in (Fraction(3), Fraction(2)) * 4:
        root = table.power(root, power)
    assert root.tolist() == ids.tolist()
    assert table.times(ids, ids, Fraction(-1)).tolist() == [table.number] * 3
    assert table.times(ids, ids, Fraction(1))[0] == units["m^2"]
    assert table.of(parse_unit("m^(1/7)")) == units["m^(1/7)"]
