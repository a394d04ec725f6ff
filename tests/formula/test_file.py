import json

import numpy as np
import pytest

from hecsr.composition import Composition
from hecsr.descriptors import describe
from hecsr.descriptors.supplied import KNOWN as SUPPLIED
from hecsr.errors import FormulaError
from hecsr.formula.file import load_formula, load_formulas, save_formulas
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Interval, Target
from hecsr.formula.grammar import parse
from hecsr.formula.predict import predict
from hecsr.units import parse_unit

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
        interval=Interval(2.5, 0.9, "held-out errors"),
        provenance={"seed": 0, "engine": "test"},
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


def test_a_saved_formula_is_the_same_formula(tmp_path, regression, classification):
    path = save_formulas(tmp_path / "f.json", [regression, classification])
    again = load_formulas(path)
    assert again == (regression, classification)
    assert [f.ranges for f in again] == [regression.ranges, classification.ranges]
    assert load_formula(path, 1) == classification


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


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: c.update(version=99), "version 99"),
        (lambda c: c.update(format="other"), "not a formula file"),
        (formula(extra=1), "Extra inputs"),
        (lambda c: c["formulas"][0].pop("expression"), "Field required"),
        (formula(expression="__import__('os')"), "unknown function"),
        (formula(expression="c0 + c7 * `vec`"), "not described|no value"),
        (formula(covariance=[[1.0]]), "3 by 3"),
        (variable(unit="furlong"), "unknown unit"),
        (variable(unit="K"), "in this version"),
    ],
)
def test_an_altered_file_is_refused_in_plain_words(
    tmp_path, regression, change, reason
):
    path = altered(save_formulas(tmp_path / "f.json", [regression]), change)
    with pytest.raises(Exception, match=reason) as caught:
        load_formulas(path)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00", "[" * 100_000])
def test_what_is_no_json_is_refused(tmp_path, text):
    path = tmp_path / "f.json"
    path.write_text(text, "utf-8")
    with pytest.raises(FormulaError):
        load_formulas(path)
    with pytest.raises(FormulaError, match="No such file"):
        load_formulas(tmp_path / "none.json")


def test_saving_into_a_missing_folder_leaves_nothing(tmp_path, regression):
    with pytest.raises(OSError, match="nowhere"):
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
    assert found[["lower", "upper"]].stack().between(0, 1).all()


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
    assert "undefined" in found["note"][0]


def test_compositions_may_be_parsed_before(regression):
    parsed = Composition.parse("(Ti,Zr,Hf)C")
    assert (
        predict(regression, parsed, {"load": 1.0})["composition"][0] == parsed.formula
    )
