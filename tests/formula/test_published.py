"""The formulas of the literature, and what of a formula is refitted."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from hecsr import describe, tables
from hecsr.baselines import ThresholdRule
from hecsr.baselines.published import PublishedFormula, PublishedFormulaClassifier
from hecsr.descriptors.catalogue import catalogue
from hecsr.descriptors.supplied import supplied
from hecsr.errors import FormulaError, SearchError
from hecsr.formula.expression import evaluate, variables
from hecsr.formula.formula import Target
from hecsr.formula.grammar import parse
from hecsr.formula.physics import unit_of
from hecsr.formula.printers.text import to_text
from hecsr.formula.published import literature as file
from hecsr.formula.published.literature import literature, published
from hecsr.formula.published.published import in_columns, read
from hecsr.formula.published.refit import freed, refitted
from hecsr.formula.published.verdict import best_thresholds, conditions, is_verdict

NAMES = tuple(literature())
B, G = 443.0, 536.0  # about diamond, GPa


def value(name, **columns):
    table = pd.DataFrame(
        {n: np.atleast_1d(c).astype(float) for n, c in columns.items()}
    )
    kind = PublishedFormula
    if published(name).task == "classification":
        kind = PublishedFormulaClassifier
    return kind(name).fit(table, np.zeros(len(table))).predict(table)


@pytest.mark.parametrize("name", NAMES)
def test_every_formula_is_described_and_has_a_source(name):
    f = published(name)
    assert set(variables(f.expression)) <= {q.name for q in f.quantities}
    assert all((f.label, f.stated, f.quantity, f.stated_for, f.note))
    assert f.sources
    for source in f.sources:
        assert source.citation
        assert source.checked
        assert re.fullmatch(r"(10\.\d{4,}/\S+)?", source.doi)
    assert (f.unit is not None) == (f.task == "regression")
    assert f.verdict == (f.task == "classification")


@pytest.mark.parametrize("name", NAMES)
def test_what_stands_in_for_a_variable_has_its_unit(name):
    f = published(name)
    units = {n: c.descriptor.unit for n, c in catalogue().items()}
    for q in f.quantities:
        if q.name in units:
            assert units[q.name].like(q.unit), q.name
        own = {o.name: o.unit for o in f.quantities}
        for other in q.instead:
            assert unit_of(other, units | own).like(q.unit), to_text(other)


def test_hardness_of_moduli_is_what_the_cited_codes_compute():
    k = G / B
    chen = 2 * (k * k * G) ** 0.585 - 3
    assert value("chen-niu", G=G, B=B) == pytest.approx([chen], rel=1e-14)
    assert chen == pytest.approx(95.72, abs=0.01)
    tian = 0.92 * k**1.137 * G**0.708
    assert value("tian", G=G, B=B) == pytest.approx([tian], rel=1e-14)
    E = 9 * B * G / (3 * B + G)
    nu = (3 * B - 2 * G) / (6 * B + 2 * G)
    chi = (1 - 8.5 * nu + 19.5 * nu**2) / (1 - 7.5 * nu + 12.2 * nu**2 + 19.6 * nu**3)
    assert value("mazhnik-oganov", E=E, nu=nu) == pytest.approx([0.096 * chi * E])


def test_moduli_stand_in_for_one_another_and_precursors_for_both():
    direct = value("mazhnik-oganov", B=B, G=G)
    E = 9 * B * G / (3 * B + G)
    assert value("mazhnik-oganov", E=E, G=G) == pytest.approx(direct)
    table = describe("(Hf,Nb,Ta,Ti,Zr)C", ["bulk_mean", "shear_mean"]).frame
    moduli = {"B": table["bulk_mean"], "G": table["shear_mean"]}
    from_precursors = value("chen-niu", **table)
    assert from_precursors == pytest.approx(value("chen-niu", **moduli))
    assert 15 < from_precursors[0] < 35


def test_size_rules_are_in_fractions_and_an_ideal_mixture_obeys_omega():
    delta = np.array([0.0649, 0.0651, np.nan])
    found = value("zhang-delta", delta=delta)
    assert found[:2].tolist() == [1, 0]
    assert np.isnan(found[2])
    both = value(
        "yang-omega-delta", omega_inverse=[0, 1 / 1.1, 0.92, 0, np.nan],
        delta=[0.066, 0.05, 0.05, 0.067, 0.0],
    )  # fmt: skip
    assert both[:4].tolist() == [1, 1, 0, 0]
    assert np.isnan(both[4])  # one metal has no Omega


def test_fifteen_per_cent_is_of_the_smaller_radius():
    found = value(
        "hume-rothery", r_metallic_max=[1.15, 1.16], r_metallic_min=[1.0, 1.0]
    )
    assert found.tolist() == [1, 0]


def test_both_efa_thresholds_part_the_carbides_of_their_paper_and_miss_one_later():
    table = tables.load("efa")
    made = table[table["single_phase_in_paper"].isin([0, 1])]
    made = made[made["dataset"] != "divilov2024"]
    paper = made[made["source"] == "sarker2018"]
    later = made[made["source"] == "kaufmann2020"]
    assert (len(paper), len(later)) == (9, 6)
    for name in ("sarker-efa-45", "sarker-efa-50"):
        for rows, misses in ((paper, 0), (later, 1)):
            called = value(name, efa=rows["efa"].to_numpy())
            truth = rows["single_phase_in_paper"].to_numpy()
            assert (called != truth).sum() == misses


def test_the_hardness_maximum_needs_values_or_a_fit():
    table = pd.DataFrame({"vec": [8.0, 8.4, 8.8, 9.0]})
    y = 30 - 5 * (table["vec"] - 8.4) ** 2
    with pytest.raises(SearchError, match=r"c0, c1.*--set c0=.*--fit coefficients"):
        PublishedFormula("jhi-vec").fit(table, y)
    given_ = PublishedFormula("jhi-vec", given={"c0": 30, "c1": 5}).fit(table, y)
    assert given_.predict(table) == pytest.approx(y)
    fitted = PublishedFormula("jhi-vec", refit=True).fit(table, y)
    assert fitted.formula_.constants == pytest.approx({"c0": 30, "c1": 5})


def test_names_are_looked_up_before_text_is_read():
    assert read(" tian ").name == "tian"
    assert read("tian * 2").name == ""
    with pytest.raises(FormulaError, match="did you mean 'tian'"):
        published("tain")
    with pytest.raises(FormulaError, match=r"needs 'chen'.*did you mean 'chen-niu'"):
        in_columns(read("chen-nui"), {"vec"})


def test_bare_numbered_names_are_constants_and_quoted_ones_columns():
    f = read("c0 + c1 * `c2` + a * x", ["a"])
    assert f.constants == ("c0", "c1", "a")
    assert variables(f.expression) == ("c2", "x")
    assert read("xc1 + c1x + c_1").constants == ()


def test_the_task_follows_from_the_form():
    for text in ("x < 1", "(x < 1) * (y > 2)", "1 - (x < 1)", "logistic(c0 + x)"):
        assert read(text).task == "classification"
    for text in ("x", "(x < 1) * y", "2 * (x < 1)", "1 + (x < 1)"):
        assert read(text).task == "regression"
    assert not is_verdict(parse("logistic(x)"))


def test_a_formula_takes_only_what_it_knows():
    f = published("chen-niu")
    with pytest.raises(FormulaError, match="no 'H'"):
        in_columns(f, {"B", "G"}, {"H": "B"})
    with pytest.raises(FormulaError, match="no column 'shear' to take 'G' from"):
        in_columns(f, {"B"}, {"G": "shear"})
    with pytest.raises(FormulaError, match=r"'G' \(shear modulus, in GPa\)"):
        in_columns(f, {"B"})
    found = in_columns(f, {"shear", "G"}, {"G": "shear"}, {"B": 250.0})
    assert variables(found) == ("shear",)


@pytest.mark.parametrize(
    ("text", "form", "start"),
    [
        ("2 * x^0.5 - 3", "c0 + c1 * x^0.5", {"c0": -3, "c1": 2}),
        ("x - y", "c1 * x + c2 * y", {"c1": 1, "c2": -1}),
        ("5 - x / 4 + 1", "c0 + c1 * x", {"c0": 6, "c1": -0.25}),
        ("-(x * 3) * 2", "c1 * x", {"c1": -6}),
        ("2 / x - (1 - y)", "c0 + c1 * (1 / x) + c2 * y", {"c0": -1, "c1": 2, "c2": 1}),
        ("x * (2 * y + 1)", "c1 * (x * (2 * y + 1))", {"c1": 1}),
    ],
)
def test_the_outer_numbers_are_freed_and_no_intercept_added(text, form, start):
    found = freed(parse(text))
    assert found.expression == parse(form, list(start))
    assert found.start == pytest.approx(start)


LEAVES = st.sampled_from(["x", "y", "2.5", "3"])
SUMS = st.recursive(
    LEAVES,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(SUMS)
def test_freed_numbers_start_where_they_stood(text):
    expression = parse(text)
    columns = {"x": np.array([1.3, 2.0]), "y": np.array([0.7, 5.0])}
    if not variables(expression):
        with pytest.raises(SearchError, match="nothing to fit"):
            freed(expression)
        return
    found = freed(expression)
    value = evaluate(found.expression, columns, found.start)
    assert value == pytest.approx(evaluate(expression, columns), rel=1e-12, abs=1e-9)


def test_one_threshold_is_that_of_the_threshold_rule():
    rng = np.random.default_rng(3)
    x = rng.normal(size=40).round(1)
    single = x + rng.normal(scale=0.7, size=40) < 0.2
    rule = ThresholdRule("x", direction="below").fit(pd.DataFrame({"x": x}), single)
    parts = conditions(parse("x < c1", ["c1"]))
    found = best_thresholds(parts, {parse("x"): x}, single, [None])
    assert found == (rule.threshold_,)


def test_two_thresholds_are_the_best_of_all_pairs():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(2, 30))
    single = (x < 0.3) & (y > -0.4)
    single[::7] = ~single[::7]
    parts = conditions(parse("(x < c1) * (c2 <= y)", ["c1", "c2"]))
    columns = {parse("x"): x, parse("y"): y}
    found = best_thresholds(parts, columns, single, [None, None])

    def accuracy(a, b):
        called = (x < a) & (y >= b)
        return (called[single].mean() + (~called[~single]).mean()) / 2

    every = [accuracy(a, b) for a in [*x, 9] for b in [*y, 9]]
    assert accuracy(*found) == pytest.approx(max(every))


def test_a_stated_threshold_is_kept_where_none_is_better():
    x = np.array([1.0, 2.0, 6.0, 7.0])
    target = Target("single")
    y = np.array([1.0, 1, 0, 0])

    def threshold(text):
        found = refitted(parse(text), {"x": x}, y, task="classification", target=target)
        return found.coefficients[0].value

    assert threshold("x < 5.5") == 5.5
    assert threshold("x < 6.5") == 4.0
    assert refitted(
        parse("x < c1", ["c1"]), {"x": x}, y, task="classification", target=target
    ).constants == {"c1": 4.0}


@pytest.mark.parametrize(
    "text",
    ["1 - (x < 1)", "(x < c1) * (y < c2) * (x > c3)", "c1 * x < 1", "x < c1 + 1"],
)
def test_thresholds_that_cannot_be_fitted_are_refused(text):
    columns = {"x": np.arange(6.0), "y": np.arange(6.0)}
    expression = parse(text, ["c1", "c2", "c3"])
    with pytest.raises(SearchError, match="threshold"):
        refitted(
            expression, columns, np.array([1.0, 1, 1, 0, 0, 0]),
            task="classification", target=Target("t"),
        )  # fmt: skip


def test_a_named_threshold_is_fitted_and_a_number_beside_it_kept():
    columns = {"x": np.arange(6.0), "y": np.arange(6.0)}
    found = refitted(
        parse("(x < c1) * (y < 99)", ["c1"]), columns, np.array([1.0, 1, 1, 0, 0, 0]),
        task="classification", target=Target("t"),
    )  # fmt: skip
    assert found.to_text() == "(x < 2.5) * (y < 99)"


def test_rows_where_the_start_is_undefined_are_not_fitted_but_counted():
    x = np.array([-1.0, 1.0, 2.0, 4.0, 9.0])
    y = 3 * np.sqrt(np.abs(x)) + 1
    found = refitted(
        parse("2 * sqrt(x) + 5"), {"x": x}, y, task="regression", target=Target("y")
    )
    assert found.constants == pytest.approx({"c0": 1, "c1": 3})
    assert found.n_samples == 4
    with pytest.raises(SearchError, match="2 constant"):
        refitted(
            parse("2 * sqrt(x) + 5"), {"x": -x[1:]}, y[1:], task="regression",
            target=Target("y"),
        )  # fmt: skip


def test_the_estimators_clone_and_only_a_probability_has_one():
    table = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]})
    labels = [0, 0, 1, 0, 1, 1]
    rule = PublishedFormulaClassifier("x > 2.5", refit=True)
    assert not hasattr(rule, "predict_proba")
    assert clone(rule).get_params() == rule.get_params()
    link = clone(PublishedFormulaClassifier("logistic(c0 + c1 * x)", refit=True))
    shares = link.fit(table, labels).predict_proba(table)
    assert shares.sum(axis=1) == pytest.approx(np.ones(6))
    assert (link.predict(table) == (shares[:, 1] >= 0.5)).all()
    assert "fitted in each fold" in rule.description
    assert "10.1016/j.ijrmhm.2012.02.021" in PublishedFormula("tian").description


def test_a_formula_keeps_the_units_and_words_of_its_variables():
    table = pd.DataFrame({"shear": [190.0, 200, 230, 170], "B": [250.0, 260, 240, 230]})
    y = [20.0, 22, 27, 19]
    stated = PublishedFormula("chen-niu", columns={"G": "shear"}).fit(table, y)
    by_name = {d.name: d for d in stated.formula_.variables}
    assert by_name["shear"].unit.text == "GPa"
    assert by_name["shear"].label == "shear modulus"
    vec = catalogue()["vec"].descriptor
    jhi = PublishedFormula("jhi-vec", refit=True)
    table = pd.DataFrame({"vec": [8.0, 8.5, 9, 9.5]})
    assert jhi.fit(table, y).formula_.variables == (vec,)
    assert [c.unit.text for c in jhi.formula_.coefficients] == ["GPa", "GPa"]
    load = supplied("load")[0]
    table = pd.DataFrame({"load": [1.0, 2.0, 3.0, 4.0]})
    for descriptors in ((load,), {"load": load}):
        model = clone(
            PublishedFormula("c1 * load", refit=True, descriptors=descriptors)
        )
        found = model.fit(table, y).formula_
        assert found.variables == (load,)
        assert found.coefficients[0].unit.text == "1/N"
    rule = PublishedFormulaClassifier("load > 2", refit=True, descriptors=(load,))
    found = rule.fit(table, [0, 0, 1, 1]).formula_
    assert found.coefficients[0].unit.text == "N"


def test_a_formula_of_the_other_task_is_refused():
    table = pd.DataFrame({"x": [0.0, 1.0]})
    with pytest.raises(SearchError, match="gives a value"):
        PublishedFormulaClassifier("2 * x").fit(table, [0, 1])
    with pytest.raises(SearchError, match="tells classes"):
        PublishedFormula("x > 2").fit(table, [0, 1])


def test_another_version_of_the_file_is_refused(monkeypatch):
    literature.cache_clear()
    monkeypatch.setattr(file, "VERSION", 2)
    with pytest.raises(FormulaError, match="version 1; 2 is read"):
        literature()
    literature.cache_clear()
