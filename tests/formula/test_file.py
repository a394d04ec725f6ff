import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hecsr.composition import Composition
from hecsr.descriptors import describe
from hecsr.descriptors.supplied import KNOWN as SUPPLIED
from hecsr.errors import FormulaError
from hecsr.formula.domain import Domain
from hecsr.formula.file import load_formula, load_formulas, save_formulas
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Interval, Target
from hecsr.formula.grammar import parse
from hecsr.formula.nonlinear import Form, fit_form
from hecsr.formula.predict import predict
from hecsr.units import parse_unit

HERE = Path(__file__).parent
START = {"c0": 0.0, "c1": 1.0, "c2": 1.0}
METALS = ["Ti", "Zr", "Hf", "V", "Nb", "Ta", "Cr", "Mo", "W"]
FIVE = [
    f"({','.join(METALS[(i + step) % 9] for step in (0, 1, 3, 4, 6))})C"
    for i in range(9)
] + ["(Ti,Zr,Hf)C", "(Ti,V)C", "(Mo,W)C", "(Nb,Ta)C"]


@pytest.fixture
def table():
    return describe(FIVE, ["vec", "delta", "enthalpy"])


@pytest.fixture
def regression(table):
    frame = table.frame
    load = np.linspace(1, 20, len(frame))
    y = (
        3 * frame["vec"]
        - 40 * frame["delta"]
        + np.sin(np.arange(len(frame)))
        - load**0.5
    )
    columns = {n: frame[n].to_numpy() for n in frame} | {"load": load}
    known = {d.name: d for d in table.descriptors} | {"load": SUPPLIED["load"]}
    formula = fit_formula(
        [parse("vec * delta"), parse("log(load / 9.80665)")],
        columns, y.to_numpy(), task="regression", descriptors=known,
        target=Target("H", "hardness", "H", "H", parse_unit("GPa")),
    )  # fmt: skip
    return formula.with_(
        interval=Interval(2.5, 0.9, "held-out errors", ((0.5, 1.0), (0.9, 2.5))),
        provenance={"seed": 0, "engine": "test", "data_sha256": "ab" * 32},
        domain=formula.domain.with_chemistry([Composition.parse(c) for c in FIVE]),
    )


@pytest.fixture
def classification(table):
    frame = table.frame
    y = (frame["vec"] > frame["vec"].median()).to_numpy().astype(float)
    return fit_formula(
        [parse("vec^2")], {"vec": frame["vec"].to_numpy()}, y,
        task="classification", target=Target("single_phase"),
        descriptors={d.name: d for d in table.descriptors},
    )  # fmt: skip


@pytest.fixture
def anywhere():
    columns = {"µ of %": np.linspace(1, 3, 20), "N": np.cos(np.arange(20.0))}
    form = Form(parse("c0 + c1 * exp(-c2 / `µ of %`) * N", ("c0", "c1", "c2")), START)
    y = 1 + np.exp(-2 / columns["µ of %"]) * columns["N"] + 0.01 * columns["N"] ** 2
    return fit_form(
        form, columns, y, task="regression", target=Target("y"), descriptors={}
    )  # fmt: skip


def test_a_saved_formula_is_the_same_formula(
    tmp_path, regression, classification, anywhere
):
    every = (regression, classification.with_(threshold=0.73), anywhere)
    path = save_formulas(tmp_path / "f.json", every)
    again = load_formulas(path)
    assert again == every
    assert [f.ranges for f in again] == [f.ranges for f in every]
    assert [f.domain.hull for f in again] == [f.domain.hull for f in every]
    assert load_formula(path, 1).threshold == 0.73
    assert load_formula(path, 1).with_(threshold=None) == classification


def test_a_formula_read_back_predicts_the_same(
    tmp_path, regression, classification, anywhere
):
    """Values, bounds, flags and notes are the same to the last digit."""
    rng = np.random.default_rng(0)
    for formula in (regression, classification, anywhere):
        again = load_formula(save_formulas(tmp_path / "f.json", [formula]))
        ends = formula.ranges.items()
        frame = pd.DataFrame({n: rng.uniform(*range_, 60) for n, range_ in ends})
        frame.iloc[40:] *= 1.05
        frame.iloc[50:] *= 1.5
        for kind in (None, "analytic"):
            one = formula.predict(frame, interval=kind)
            pd.testing.assert_frame_equal(
                one, again.predict(frame, interval=kind), check_exact=True
            )
            assert len(set(one["domain"]) & {"inside", "edge", "outside"}) >= 2


V1_VALUES = [
    [
        [18.977692880609744, 9.927532623986867, 28.027853137232622],
        [18.381585238623924, 9.331424982001046, 27.4317454952468],
    ],
    [
        [0.9998112148969484, 0.9953644414710594, 0.9999923444541297],
        [0.9999990461686327, 0.9998321149887824, 0.9999999945817482],
    ],
]
V2_VALUES = [
    [21.53773669801983, 19.03773669801983, 24.03773669801983],
    [22.904610385264828, 20.404610385264828, 25.404610385264828],
    [18.86876725862116, 16.36876725862116, 21.36876725862116],
]


def test_a_file_of_version_1_is_read(tmp_path):
    """What that version did not hold is unknown, and is written as such."""
    old = load_formulas(HERE / "formulas_v1.json")
    assert [f.task for f in old] == ["regression", "classification"]
    for formula, expected in zip(old, V1_VALUES, strict=True):
        load = {"load": 9.8} if "load" in formula.names else {}
        found = formula.predict(["(Ti,Zr,Hf,Nb,Ta)C", "(Mo,W,Cr)B2"], **load)
        rows = found[["value", "lower", "upper"]].to_numpy()
        np.testing.assert_allclose(rows, expected, rtol=1e-9)
        assert formula.domain.hull is None
        assert formula.domain.families is None
    again = load_formulas(save_formulas(tmp_path / "f.json", old))
    assert again == old


def test_a_file_of_version_2_is_read():
    formulas = load_formulas(HERE / "formulas_v2.json")
    assert [len(f.coefficients) for f in formulas] == [3, 2, 3]
    assert formulas[0].domain.families == ("carbide",)
    assert formulas[0].interval.at(0.7) == (0.9, 2.5)
    assert formulas[2].names == ("µ of %", "N")
    found = formulas[0].predict(["(Ti,Zr,Hf)C", "(Mo,W)B2", "(La,Ti)C"], load=15.25)
    assert found["domain"].tolist() == ["inside", "outside", "outside"]
    assert "no sample of the fit held La" in found["note"][2]
    rows = found[["value", "lower", "upper"]].to_numpy()
    np.testing.assert_allclose(rows, V2_VALUES, rtol=1e-9)


def test_a_file_of_version_3_is_read():
    older = load_formulas(HERE / "formulas_v2.json")
    formulas = load_formulas(HERE / "formulas_v3.json")
    assert [f.threshold for f in older] == [None, None, None]
    assert [f.threshold for f in formulas] == [None, 0.73, None]
    assert tuple(f.with_(threshold=None) for f in formulas) == older


def test_a_probability_calls_a_class_from_its_threshold_on(classification):
    plain = predict(classification, FIVE)
    assert "class" not in plain.columns
    at = plain["value"].iloc[3]
    called = predict(classification.with_(threshold=at), [*FIVE, "(U,Th)C"])
    assert list(called.columns[:5]) == [
        "composition", "value", "lower", "upper", "class"
    ]  # fmt: skip
    expected = [int(p >= at) for p in plain["value"]]
    assert called["class"].tolist() == [*expected, pd.NA]
    assert 0 < sum(expected) < len(FIVE)
    assert called["class"].iloc[3] == 1
    rows = describe(FIVE, ["vec"]).frame.set_index(pd.Index(FIVE))
    again = classification.with_(threshold=at).predict(rows)
    assert again["class"].tolist() == expected
    assert again.index.tolist() == FIVE


def test_saving_twice_gives_the_same_bytes(tmp_path, regression):
    one = save_formulas(tmp_path / "a.json", [regression]).read_bytes()
    two = save_formulas(tmp_path / "b.json", [regression]).read_bytes()
    assert one == two


def formula(**changes):
    return lambda content: content["formulas"][0].update(changes)


def variable(**changes):
    return lambda content: content["formulas"][0]["variables"][0].update(changes)


def altered(path, change):
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")
    return path


def domain(**changes):
    return lambda content: content["formulas"][0]["domain"].update(changes)


def asymmetric(content):
    content["formulas"][0]["covariance"][0][1] += 1.0


def indefinite(content):
    """Correlations of 2: symmetric, but the covariance of nothing."""
    one = content["formulas"][0]
    errors = [c["standard_error"] for c in one["coefficients"]]
    one["covariance"] = [
        [a * b * (1 if i == j else 2) for j, b in enumerate(errors)]
        for i, a in enumerate(errors)
    ]


def huge(at):
    """Entries that overflow where they are scaled."""

    def change(content):
        rows = content["formulas"][0]["covariance"]
        for i, j in at:
            rows[i][j] = 1e308 * (1 if i <= j else -1)

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: c.update(version=99), "version 99; .* reads versions 1 to 3"),
        (lambda c: c.update(version="2"), "a newer hecsr may"),
        (lambda c: c.update(version=True), "a newer hecsr may"),
        (lambda c: c.update(format="other"), "not a formula file"),
        (formula(extra=1), "formulas.0.extra: Extra inputs"),
        (lambda c: c["formulas"][0].pop("expression"), "Field required"),
        (lambda c: c["formulas"][0].pop("domain"), "formulas.0.domain: Field required"),
        (formula(expression="__import__('os')"), "formulas.0: unknown function"),
        (formula(expression="c0 + c7 * `vec`"), "not described|no value"),
        (formula(expression="(" * 10_000), "formulas.0: .*nested|formulas.0: "),
        (formula(expression="x" * 30_000), "at most 20000 characters"),
        (formula(covariance=[[1.0]]), "3 by 3"),
        (formula(covariance=[[1.0] * 501] * 501), "at most 500 items"),
        (asymmetric, "formulas.0.covariance: .*not symmetric"),
        (indefinite, "formulas.0.covariance: .*not positive semi-definite"),
        (huge([(0, 1)]), "formulas.0.covariance: .*not symmetric"),
        (huge([(0, 1), (1, 0)]), "formulas.0.covariance: .*not symmetric"),
        (formula(covariance=[[1e-9, 1e308, 0], [1e308, 1e-9, 0], [0, 0, 1.0]]),
         "formulas.0.covariance: .*not positive semi-definite"),
        (formula(covariance=[[1e308] * 3] * 3), "standard error of 'c0' is not that"),
        (formula(n_samples=10**39), "formulas.0.n_samples"),
        (formula(n_samples=10**9 + 1), "less than or equal to 1000000000"),
        (lambda c: c["formulas"][0]["coefficients"][1].update(standard_error=9e9),
         "standard error of 'c1' is not that of the covariance"),
        (lambda c: c["formulas"][0]["coefficients"][1].update(value=float("nan")),
         "formulas.0.coefficients.1.value"),
        (lambda c: c["formulas"][0]["coefficients"][1].update(name="c0"), "twice"),
        (lambda c: c["formulas"][0]["coefficients"][0].update(name="c 0"), "pattern"),
        (lambda c: c["formulas"][0]["interval"]["levels"][1].update(level=0.4), "rise"),
        (formula(threshold=0.5), "threshold: a regression calls no class"),
        (formula(threshold=1.5), "formulas.0.threshold: Input should be less than"),
        (lambda c: c["formulas"][0].pop("threshold"), "0.threshold: Field required"),
        (domain(hull=[[1.0, 2.0]]), "domain.hull: points of 3 variables"),
        (domain(hull=[[1.0, 2.0, float("inf")]]), "formulas.0.domain.hull.0.2"),
        (domain(hull=[[1.0, 2.0, 3.0]]), "not of the fitted range of 'vec'"),
        (domain(hull=[]), "formulas.0.domain.hull: .*no point"),
        (domain(leverage=-1.0), "formulas.0.domain.leverage"),
        (domain(elements=["Ti", "rm -rf"]), "formulas.0.domain.elements.1"),
        (variable(unit="furlong"), "formulas.0: unknown unit"),
        (variable(unit="K"), "in this version"),
        (variable(name="a\u202eb"), r"variables.0.name: .*U\+202E"),
        (variable(name="x" * 1000), "formulas.0.variables.0.name"),
        (variable(latex=r"\input{/etc/passwd}"), "is no mathematics"),
        (variable(typst='#read("/etc/passwd")'), "starts code"),
        (variable(fitted_from=9e9), "is fitted from more than"),
        (variable(lower="0"), "formulas.0.variables.0.lower"),
    ],
)  # fmt: skip
def test_an_altered_file_is_refused_in_plain_words(
    tmp_path, regression, change, reason
):
    path = altered(save_formulas(tmp_path / "f.json", [regression]), change)
    with pytest.raises(FormulaError, match=reason) as caught:
        load_formulas(path)
    assert str(caught.value).startswith(str(path))
    assert len(str(caught.value)) < 1500


def test_a_huge_array_or_file_is_refused_at_once(tmp_path, regression, monkeypatch):
    path = save_formulas(tmp_path / "f.json", [regression])
    altered(path, domain(hull=[[1.0, 2.0, 3.0]] * 100_001))
    with pytest.raises(FormulaError, match=r"hull: List should have at most 100000"):
        load_formulas(path)
    monkeypatch.setattr("hecsr.formula.file.MAX_BYTES", 1000)
    with pytest.raises(FormulaError, match="larger than"):
        load_formulas(path)


def test_what_could_not_be_read_is_not_written(tmp_path, regression):
    bad = regression.with_(metrics={"mae": float("nan")})
    with pytest.raises(FormulaError, match=r"metrics\.mae"):
        save_formulas(tmp_path / "f.json", [bad])
    assert list(tmp_path.iterdir()) == []


def test_the_file_says_what_wrote_it(tmp_path, regression):
    content = json.loads(save_formulas(tmp_path / "f.json", [regression]).read_text())
    assert {"hecsr", "python", "numpy", "scipy"} <= set(content["written_by"])
    assert content["formulas"][0]["provenance"]["seed"] == 0
    assert len(content["formulas"][0]["domain"]["hull"]) <= len(FIVE)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "\x00", "[" * 100_000, "1" * 5000, "null"]
)
def test_what_is_no_json_is_refused(tmp_path, text):
    path = tmp_path / "f.json"
    path.write_text(text, "utf-8")
    with pytest.raises(FormulaError):
        load_formulas(path)
    with pytest.raises(FormulaError, match="No such file"):
        load_formulas(tmp_path / "none.json")


def test_saving_into_a_missing_folder_leaves_nothing(tmp_path, regression):
    with pytest.raises(FormulaError, match=r"cannot write .*nowhere"):
        save_formulas(tmp_path / "nowhere" / "f.json", [regression])
    assert list(tmp_path.iterdir()) == []


def test_prediction_on_compositions_equals_evaluation_on_descriptors(regression):
    found = predict(regression, FIVE, {"load": 9.8})
    frame = describe(FIVE, ["vec", "delta"]).frame.assign(load=9.8)
    assert found["value"].tolist() == regression.evaluate(frame).tolist()
    assert (found["upper"] - found["lower"]).to_numpy() == pytest.approx(5.0)
    assert list(found.columns) == [
        "composition",
        "value",
        "lower",
        "upper",
        "domain",
        "note",
    ]
    assert regression(FIVE, load=9.8).tolist() == found["value"].tolist()
    assert regression(frame).tolist() == found["value"].tolist()


def test_without_held_out_errors_the_interval_is_that_of_the_form(regression):
    analytic = regression.with_(interval=None)
    found = predict(analytic, "(Ti,Zr,Hf)C", {"load": 9.8})
    sd = regression.metrics["residual_sd"]
    # 10 degrees of freedom: t = 1.812; a prediction is wider than the noise alone
    assert (found["upper"] - found["value"])[0] > 1.812 * sd
    assert (found["upper"] - found["value"])[0] < 3 * 1.812 * sd


def test_a_probability_stays_between_its_bounds(classification):
    found = predict(classification, FIVE)
    assert ((found["lower"] < found["value"]) & (found["value"] < found["upper"])).all()
    assert found["lower"].min() >= 0
    assert found["upper"].max() <= 1


def test_what_no_composition_determines_must_be_given(regression):
    with pytest.raises(FormulaError, match=r"needs 'load' \(indentation load, in N\)"):
        predict(regression, FIVE)
    with pytest.raises(FormulaError, match="did you mean 'load'"):
        predict(regression, FIVE, {"loat": 1.0})
    with pytest.raises(FormulaError, match="2 values for 13"):
        predict(regression, FIVE, {"load": [1.0, 2.0]})


def test_outside_its_domain_a_formula_says_so(regression):
    found = predict(regression, ["(Ti,Zr,Hf)C", "(Mo,W)B2"], {"load": [-1.0, 9.8]})
    assert found["domain"].tolist() == ["undefined", "outside"]
    assert np.isnan(found["value"][0])
    assert "undefined: log of -0.102 (load / 9.807)" in found["note"][0]
    assert "no sample of the fit was of the family diboride" in found["note"][1]


def test_compositions_may_be_parsed_before(regression):
    parsed = Composition.parse("(Ti,Zr,Hf)C")
    assert (
        predict(regression, parsed, {"load": 1.0})["composition"][0] == parsed.formula
    )


def test_one_formula_is_saved_as_it_is(tmp_path, regression):
    path = save_formulas(tmp_path / "f.json", regression)
    assert load_formulas(path) == (regression,)
    for no_formula in (3, None, ["x"]):
        with pytest.raises(FormulaError, match="is no formula"):
            save_formulas(path, no_formula)


def test_a_formula_without_ranges_cannot_be_saved(tmp_path, regression):
    with pytest.raises(FormulaError, match="fitted range of vec, delta, load"):
        save_formulas(tmp_path / "f.json", [regression.with_(domain=Domain())])
    assert not list(tmp_path.iterdir())
