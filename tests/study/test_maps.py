"""Maps hold what the formula itself gives, and no value where it has none."""

from types import SimpleNamespace

import numpy as np
import pytest

from hecsr.composition import Composition
from hecsr.descriptors import describe
from hecsr.formula.expression import Binary, Call, Constant, Variable
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Target
from hecsr.result import DescriptorSummary, FormulaResult, RemovedDescriptor
from hecsr.study.correlations import correlations
from hecsr.study.maps import formula_map, make_maps
from hecsr.study.ternaries import shares_of, ternaries

MIXED = [
    *("TiC", "ZrC", "HfC", "NbC", "TaC", "(Ti,Zr)C", "(Ti,Hf)C", "(Zr,Hf)C"),
    *("(Ti,Zr,Hf)C", "(Ti,Zr,Hf,Nb,Ta)C", "(Ti,Nb,Ta)C", "(Ti0.5Zr0.25Hf0.25)C"),
]
FIVE = ["(Ti,Zr,Hf,Nb,Ta)C", "(Ti,Zr,V,Nb,Ta)C", "(Ti,Hf,V,Nb,Mo)C", "(Zr,Hf,Ta,Mo,W)C"]


def samples_of(texts, names=("delta", "vec", "x_Ti")):
    compositions = tuple(Composition.parse(t) for t in texts)
    table = describe(compositions, names)
    y = 20 + 30 * table.frame["delta"].to_numpy() + np.arange(len(texts)) % 3
    return SimpleNamespace(table=table, compositions=compositions, y=y)


def fitted(samples, *terms):
    frame = samples.table.frame
    return fit_formula(
        list(terms),
        {n: frame[n].to_numpy() for n in frame},
        samples.y,
        task="regression",
        target=Target("hardness"),
        descriptors={d.name: d for d in samples.table.descriptors},
    )


@pytest.fixture(scope="module")
def mixed():
    return samples_of(MIXED)


@pytest.fixture(scope="module")
def formula(mixed):
    found = fitted(mixed, Variable("delta"), Variable("vec"))
    domain = found.domain.with_chemistry(mixed.compositions)
    return found.with_(domain=domain)


def test_a_line_is_the_formula_with_the_others_held(mixed, formula):
    found = formula_map("sisso", formula, mixed)
    for line in found.lines:
        columns = {n: np.full(len(line.at), v) for n, v in found.held.items()}
        columns[line.name] = line.at
        np.testing.assert_allclose(line.value, formula.evaluate(columns))
        low, high = formula.domain.ranges[line.name]
        assert (line.at[0], line.at[-1]) == (low, high)


def test_a_plane_is_the_formula_over_the_two_leading_variables(mixed, formula):
    plane = formula_map("sisso", formula, mixed).plane
    columns = {
        plane.first.name: np.array([plane.x[3]]),
        plane.second.name: np.array([plane.y[7]]),
    }
    assert plane.value[7, 3] == pytest.approx(formula.evaluate(columns)[0])
    assert plane.first.spread >= plane.second.spread


def test_what_is_held_lies_in_the_domain(mixed, formula):
    found = formula_map("sisso", formula, mixed)
    columns = {n: [v] for n, v in found.held.items()}
    assert formula.predict(columns)["domain"].iloc[0] == "inside"


def test_a_formula_of_one_variable_has_no_plane(mixed):
    one = fitted(mixed, Variable("delta"))
    assert formula_map("sisso", one, mixed).plane is None


def test_nothing_is_drawn_where_the_formula_is_undefined(mixed):
    middle = Constant("c2")
    bare = fitted(mixed, Variable("vec"), Variable("delta"))
    half = float(np.median(mixed.table.frame["delta"]))
    rooted = Binary(
        "+", bare.expression, Call("sqrt", Binary("-", Variable("delta"), middle))
    )
    values = [c for c in bare.coefficients if c.name != "c2"]
    last = next(c for c in bare.coefficients if c.name == "c2")
    changed = type(last)("c2", half)
    found = formula_map(
        "sisso",
        bare.with_(expression=rooted, coefficients=(*values, changed), covariance=None),
        mixed,
    )
    (line,) = (one for one in found.lines if one.name == "delta")
    assert np.isnan(line.value[line.at < half * 0.99]).all()
    assert np.isfinite(line.value[line.at > half * 1.01]).all()
    assert not line.inside[np.isnan(line.value)].any()


def test_a_section_between_metals_is_the_formula_at_its_mixtures(mixed, formula):
    metals, *_ = ternaries({"sisso": formula}, mixed)
    assert metals.corners == (("Ti",), ("Zr",), ("Hf",))
    assert metals.family == "carbide"
    at = np.flatnonzero(np.all(np.isclose(metals.shares, [0.5, 0.5, 0.0]), axis=1))
    value = metals.values["sisso"][at[0]]
    assert value == pytest.approx(formula("(Ti0.5Zr0.5)C")[0])
    # three carbides, three pairs, the middle and one off it
    assert len(metals.points) == 8
    np.testing.assert_allclose(metals.points.sum(axis=1), 1)


def test_five_metals_are_grouped_and_their_sample_lies_on_the_section():
    samples = samples_of(FIVE)
    one = fitted(samples, Variable("delta"))
    (found,) = ternaries({"sisso": one}, samples)
    assert sorted(len(corner) for corner in found.corners) == [1, 2, 2]
    assert len(found.points) == 1
    assert sorted(found.points[0]) == pytest.approx([0.2, 0.4, 0.4])


def test_unequal_shares_within_a_corner_are_off_the_section():
    corners = (("Ti", "Zr"), ("Nb",), ("Ta",))
    on = shares_of(Composition.parse("(Ti,Zr,Nb,Ta)C"), corners)
    np.testing.assert_allclose(on, [0.5, 0.25, 0.25])
    assert shares_of(Composition.parse("(Ti0.4Zr0.2Nb0.2Ta0.2)C"), corners) is None
    assert shares_of(Composition.parse("(Ti,Zr,W)C"), corners) is None


def test_only_chosen_formulas_with_variables_have_maps(mixed, formula):
    empty = fitted(mixed)
    results = [
        FormulaResult("sisso", "SISSO", 2, formula, chosen=True),
        FormulaResult("sisso", "SISSO", 1, formula, chosen=False),
        FormulaResult("lasso", "LASSO", 0, empty, chosen=True),
    ]
    maps = make_maps(results, mixed)
    assert [m.engine for m in maps.formulas] == ["sisso"]
    assert maps.of("lasso") is None


def test_a_removed_descriptor_stands_behind_the_one_that_speaks_for_it():
    samples = samples_of(FIVE + MIXED, ("delta", "x_Ti", "vec", "vec_dev", "x_Zr"))
    summary = DescriptorSummary(
        computed=samples.table.descriptors,
        entering=("delta", "x_Ti", "x_Zr", "vec"),
        removed=(RemovedDescriptor("vec_dev", "correlates", "x_Ti", 0.95),),
        entering_per_fold=(),
        kept_in_folds={},
        threshold=0.9,
    )
    found = correlations(samples, summary)
    names = list(found.columns)
    assert names.index("vec_dev") == names.index("x_Ti") + 1
    frame = samples.table.frame
    assert found.loc["vec", "delta"] == pytest.approx(frame["vec"].corr(frame["delta"]))
