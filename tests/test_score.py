"""A given formula scored on a table: the function, and the verbs of the terminal."""

from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from hecsr.cli import app
from hecsr.errors import HecsrError, UnitError
from hecsr.formula.file import load_formula
from hecsr.scoring.command import told
from hecsr.scoring.inputs import Binding
from hecsr.scoring.outcome import Folding
from hecsr.scoring.score import score
from hecsr.scoring.units import unit_notes
from hecsr.study.verdict import paired_difference

runner = CliRunner()
METALS = ("Ti", "Zr", "Hf", "V", "Nb", "Ta", "Cr", "Mo", "W")


def hecsr(*words):
    return runner.invoke(app, [str(w) for w in words])


def refused(done, *messages):
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    assert done.stderr.startswith("hecsr: ")
    for message in messages:
        assert message in done.stderr


def line(found, name):
    return found.table.set_index("competitor").loc[name]


@pytest.fixture
def planted():
    rng = np.random.default_rng(1)
    x = rng.uniform(1, 5, 60)
    frame = pd.DataFrame({"x": x})
    return frame, 2 + 3 * x + rng.normal(scale=0.2, size=60)


@pytest.fixture
def carbides():
    pairs = [f"({a},{b})C" for i, a in enumerate(METALS) for b in METALS[:i]]
    rng = np.random.default_rng(2)
    return pd.DataFrame(
        {"composition": pairs, "hardness": rng.normal(25, 3, len(pairs))}
    )


def test_a_formula_as_stated_has_the_error_that_one_computes_by_hand(planted):
    frame, y = planted
    found = score("1 + 3 * x", frame, y)
    error = 1 + 3 * frame["x"] - y
    stated = line(found, "stated")
    assert stated["rows"] == 60
    assert stated["mae"] == pytest.approx(np.abs(error).mean())
    assert stated["rmse"] == pytest.approx(np.sqrt((error**2).mean()))
    assert stated["r2"] == pytest.approx(
        1 - (error**2).sum() / ((y - y.mean()) ** 2).sum()
    )
    assert set(found.table["competitor"]) == {"stated", "baseline"}
    assert found.fitted is None
    assert found.outside is None
    assert "better than Mean predictor" in found.verdicts[0]


def test_a_refit_sees_the_training_rows_alone(planted):
    frame, y = planted
    found = score("1 + 3 * x", frame, y, refit=True)
    own = found.predictions[found.predictions["competitor"] == "refitted"]
    for _, held in own.groupby("fold"):
        train = np.setdiff1d(np.arange(60), held["position"])
        slope, level = np.polyfit(frame["x"].to_numpy()[train], y[train], 1)
        expected = level + slope * frame["x"].to_numpy()[held["position"]]
        assert held["predicted"].to_numpy() == pytest.approx(expected)
    slope, level = np.polyfit(frame["x"], y, 1)
    assert found.fitted.constants == pytest.approx({"c0": level, "c1": slope})
    assert found.outside == (0, 60)
    assert line(found, "refitted")["mae"] < line(found, "stated")["mae"]


def test_named_constants_alone_are_fitted_and_may_be_given(planted):
    frame, y = planted
    found = score("c0 + 3 * x", frame, y, refit=True)
    assert found.fitted.constants == pytest.approx({"c0": np.mean(y - 3 * frame["x"])})
    assert found.stated is None
    assert list(found.table["competitor"]) == ["refitted", "baseline"]
    given = score("c0 + 3 * x", frame, y, binding=Binding(given={"c0": 2.0}))
    assert line(given, "stated")["mae"] < 0.3
    start = Binding(start={"a": 0.5})
    power = score("a + 3 * x", frame, y, refit=True, binding=start)
    assert power.fitted.constants["a"] == pytest.approx(found.fitted.constants["c0"])
    with pytest.raises(HecsrError, match="no value is known of c0"):
        score("c0 + 3 * x", frame, y)


def test_the_same_seed_gives_the_same_numbers(planted):
    frame, y = planted
    one, two = (
        score("1 + x", frame, y, refit=True, folding=Folding(seed=4)) for _ in range(2)
    )
    pd.testing.assert_frame_equal(one.table, two.table)
    pd.testing.assert_frame_equal(one.predictions, two.predictions)


def test_rows_without_a_value_are_set_aside_and_undefined_ones_told(planted):
    frame, y = planted
    frame.loc[[3, 7], "x"] = np.nan
    found = score("log(x - 1.5)", frame, y)
    assert [(s.rows, s.reason) for s in found.set_aside] == [(2, "no value of x")]
    bad = np.flatnonzero(frame["x"] <= 1.5)
    assert len(bad) > 2
    assert sorted(found.undefined) == bad.tolist()
    assert all(why.startswith("log of -") for why in found.undefined.values())
    assert line(found, "stated")["rows"] == 58 - len(bad)
    assert line(found, "baseline")["rows"] == 58
    told = found.predictions[found.predictions["note"] != ""]
    assert sorted(told["position"]) == bad.tolist()
    assert told["predicted"].isna().all()


def test_columns_are_converted_to_the_unit_of_the_formula(carbides):
    carbides["G"], carbides["B"] = 190.0 + np.arange(36), 250.0
    y = carbides["hardness"]
    plain = score("chen-niu", carbides, y)
    carbides["G"] *= 1000
    other = score("chen-niu", carbides, y, binding=Binding(units={"G": "MPa"}))
    assert line(other, "stated")["mae"] == pytest.approx(line(plain, "stated")["mae"])
    as_hv = score(
        "chen-niu", carbides, y / 9.80665e-3, unit="kgf/mm^2",
        binding=Binding(units={"G": "MPa"}),
    )  # fmt: skip
    assert line(as_hv, "stated")["mae"] == pytest.approx(line(plain, "stated")["mae"])
    assert as_hv.unit.text == "GPa"
    with pytest.raises(UnitError, match="'G' is given in 'K'"):
        score("chen-niu", carbides, y, binding=Binding(units={"G": "K"}))
    with pytest.raises(HecsrError, match="a unit is given for 'H'"):
        score("chen-niu", carbides, y, binding=Binding(units={"H": "GPa"}))


def test_a_column_stands_before_a_descriptor_and_a_name_before_both(carbides):
    y = carbides["hardness"]
    computed = score("2 * vec", carbides, y)
    assert "vec" in computed.inputs.described[0]
    assert "computed from the composition" in computed.inputs.described[0]
    carbides["vec"], carbides["mine"] = 9.0, np.arange(36.0)
    own = score("2 * vec", carbides, y)
    assert "column of the table, in 1, 9 to 9" in own.inputs.described[0]
    named = score("2 * vec", carbides, y, binding=Binding(columns={"vec": "mine"}))
    assert "mine" in named.inputs.described[0]
    fixed = score("2 * vec + mine", carbides, y, binding=Binding(given={"vec": 8.0}))
    assert list(fixed.inputs.table.columns) == ["mine"]


def test_compositions_without_data_are_set_aside_and_counted(carbides):
    carbides.loc[0, "composition"] = "(Ti,Sc)C"
    found = score("chen-niu", carbides, carbides["hardness"])
    assert [s.rows for s in found.set_aside] == [1]
    assert found.set_aside[0].reason.startswith("the tables lack")
    assert 0 not in found.inputs.positions


def test_rows_of_one_composition_or_group_stay_together(carbides):
    frame = pd.concat([carbides, carbides], ignore_index=True)
    frame["paper"] = [f"p{i % 8}" for i in range(36)] * 2
    found = score("3 * vec", frame, frame["hardness"])
    folds = found.predictions[found.predictions["competitor"] == "stated"]
    assert "36 groups kept whole (same composition)" in found.scheme
    for key, folding in (
        ("composition", Folding()),
        ("paper", Folding(groups=("paper",))),
    ):
        found = score("3 * vec", frame, frame["hardness"], folding=folding)
        folds = found.predictions[found.predictions["competitor"] == "stated"]
        names = frame[key].to_numpy()[folds["position"]]
        assert folds.groupby(names)["fold"].nunique().max() == 1
    assert "no composition" in score("3 * v", pd.DataFrame({"v": [1.0, 2, 3, 4, 5]}),
                                     [1, 2, 3, 4, 6]).scheme  # fmt: skip
    with pytest.raises(HecsrError, match="no column 'papr' to group by"):
        score("3 * vec", frame, frame["hardness"], folding=Folding(groups=("papr",)))


def test_a_rule_is_hard_and_a_probability_has_a_brier_score():
    x = np.linspace(0, 1, 40)
    y = (x + 0.2 * np.sin(37 * x) > 0.5).astype(int)
    frame = pd.DataFrame({"x": x})
    rule = score("x > 0.9", frame, y, refit=True)
    stated, refitted = line(rule, "stated"), line(rule, "refitted")
    called = x > 0.9
    assert stated["balanced_accuracy"] == pytest.approx(
        (called[y == 1].mean() + (~called[y == 0]).mean()) / 2
    )
    assert refitted["balanced_accuracy"] > stated["balanced_accuracy"]
    assert np.isnan(stated["brier"])
    assert np.isnan(stated["auc"])
    link = score("logistic(c0 + c1 * x)", frame, y, refit=True)
    assert 0 < line(link, "refitted")["brier"] < line(link, "baseline")["brier"]
    assert line(link, "refitted")["auc"] > 0.9
    with pytest.raises(HecsrError, match="the task is regression"):
        score("x > 0.9", frame, y, task="regression")


def test_rivals_see_the_descriptors_of_the_same_rows(carbides):
    carbides = carbides.iloc[:21]
    vec = score("2 * vec", carbides, carbides["hardness"]).inputs.table["vec"]
    found = score(
        "2 * vec", carbides, 40 - 2 * vec.to_numpy(), rivals=("lasso",),
        folding=Folding(folds=2),
    )  # fmt: skip
    assert list(found.table["competitor"]) == ["stated", "baseline", "lasso"]
    assert line(found, "lasso")["mae"] < 0.01 < line(found, "baseline")["mae"]
    with pytest.raises(HecsrError, match="no rival 'lazzo'; did you mean 'lasso'"):
        score("2 * vec", carbides, carbides["hardness"], rivals=("lazzo",))


def test_what_cannot_be_scored_is_refused(planted):
    frame, y = planted
    frame["text"] = "a"
    for text, match in (
        ("y + x", "uses 'y'"),
        ("3 + 4", "no variable left"),
        ("text", "must hold finite numbers; row 1 has 'a'"),
        ("z", "neither a column"),
    ):
        with pytest.raises(HecsrError, match=match):
            score(text, frame.assign(y=y), y)
    with pytest.raises(HecsrError, match="59 target values for 60 rows"):
        score("x", frame, y[1:])
    with pytest.raises(HecsrError, match="no row has every variable: 60 row"):
        score("x", frame.assign(x=np.nan), y)


def test_a_sum_of_unlike_units_is_refused_and_a_constant_between_them_is_not(planted):
    frame, y = planted
    frame = frame.rename(columns={"x": "a"}).assign(b=frame["x"] ** 2 * 50)
    units = Binding(units={"a": "N", "b": "GPa"})
    for text in ("a + b", "2 * a + 3 * b", "(a - b + 1) * a", "b + 1 + c0 * b + a"):
        with pytest.raises(UnitError, match=r"a in N.*cannot be|b in GPa.*cannot be"):
            score(text, frame, y, binding=units)
    with pytest.raises(UnitError, match="a in N and b in GPa cannot be compared"):
        score("a < b", frame, (y > 9).astype(int), binding=units)
    found = score(
        "c0 + c1 * a + c2 * b", frame, y, refit=True, binding=units, unit="GPa"
    )
    assert {c.name: c.unit.text for c in found.fitted.coefficients} == {
        "c0": "GPa", "c1": "GPa/N", "c2": "1"
    }  # fmt: skip
    assert "GPa N⁻¹" in found.fitted.coefficients_table()
    assert unit_notes(found.fitted) == ()
    given = Binding(units=units.units, given={"c1": 2.0})
    assert score("c1 * a + b", frame, y, binding=given).stated is not None
    alone = Binding(units={"b": "GPa"})
    # of a column without a unit nothing is known, and a bare number takes the unit
    assert score("a + b", frame, y, binding=alone).stated
    empirical = score("2 * b^0.5 - 3", frame, y, binding=alone, unit="GPa")
    assert "b enters as a number, in GPa" in unit_notes(empirical.stated)
    assert "units do not close: b enters as a number" in told(empirical, "y")


def test_a_scored_formula_knows_its_descriptors_metals_and_origin(carbides, tmp_path):
    found = score(
        "jhi-vec", carbides, carbides["hardness"], refit=True,
        source={"data_sha256": "ab12"}, folding=Folding(folds=3, seed=7),
    )  # fmt: skip
    assert found.fitted.predict("TiC")["value"].notna().all()
    assert found.fitted.domain.elements == tuple(sorted(METALS))
    assert found.fitted.domain.families == ("carbide",)
    about = found.fitted.provenance
    assert about["formula"] == "c0 - c1 * (vec - 8.4)^2"
    assert about["name"] == "jhi-vec"
    assert about["fit"] == "refitted"
    assert about["seed"] == 7
    assert about["data_sha256"] == "ab12"
    assert "hecsr" in about
    assert score("3 * vec", carbides, carbides["hardness"]).stated.domain.elements


def test_a_partly_undefined_formula_is_compared_on_its_own_rows():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.uniform(0, 1, 60)})
    there = (frame["x"] <= 0.4).to_numpy()
    # easy rows for both where the formula is defined, hard ones for the mean elsewhere
    y = 10 + rng.normal(0, 0.1, 60) + np.where(there, 0, rng.normal(0, 50, 60))
    found = score("11 + 0 * sqrt(0.4 - x)", frame, y)
    rows = int(there.sum())
    held = found.comparison.predictions
    mean = held[held["competitor"] == "baseline"].sort_values("sample")
    stated = np.abs(11 - y[there])
    beside = np.abs(mean["predicted"].to_numpy() - y)[there]
    line_on = line(found, "baseline on stated")
    assert line_on["rows"] == rows
    assert line_on["mae"] == pytest.approx(beside.mean())
    assert line(found, "baseline")["rows"] == 60
    gaps = [
        np.mean(stated[own]) - np.mean(beside[own])
        for _, part in mean.groupby("fold")
        if (own := np.isin(np.flatnonzero(there), part["sample"])).any()
    ]
    gap, error = paired_difference(found.comparison, "stated", "baseline", "mae")
    assert gap == pytest.approx(np.mean(gaps))
    assert error > 0
    assert f"on the {rows} of 60 rows on which both are defined" in found.verdicts[0]


def test_a_formula_that_is_undefined_everywhere_is_one_error(planted):
    frame, y = planted
    for refit in (False, True):
        with pytest.raises(HecsrError, match=r"undefined on every row; row 1 .*log of"):
            score("log(x - 1500)", frame, y, refit=refit)


def test_a_target_table_or_rival_of_the_wrong_type_is_said(planted):
    frame, y = planted
    with pytest.raises(HecsrError, match="row 1 has 'hard'"):
        score("x", frame, ["hard"] * 60)
    with pytest.raises(HecsrError, match="2 dimensions"):
        score("x", frame, np.column_stack([y, y]))
    with pytest.raises(HecsrError, match="give a pandas DataFrame"):
        score("x", frame.to_numpy(), y)
    with pytest.raises(HecsrError, match="no rival 'lazzo'; did you mean 'lasso'"):
        score("x", frame, y, rivals="lazzo")
    with pytest.raises(HecsrError, match=r"row 3 has inf$"):
        score("x", frame.assign(x=np.where(frame.index == 2, np.inf, 1.0)), y)


def test_what_contradicts_itself_is_refused(planted):
    frame, y = planted
    for binding, refit, match in (
        (Binding(start={"c9": 1}), True, "no constant 'c9' .*allowed: c0"),
        (Binding(start={"c0": 1}), False, "nothing is fitted"),
        (Binding(start={"c0": 1}, given={"c0": 1}), True, "leave one out"),
        (Binding(given={"c0": 1}), True, "every constant is given"),
        (Binding(given={"x": 1}, columns={"x": "x"}), True, "--name x=x"),
        (Binding(given={"x": 1}, units={"x": "N"}), True, "--unit x=N"),
    ):
        with pytest.raises(HecsrError, match=match):
            score("c0 + 3 * x", frame, y, refit=refit, binding=binding)
    with pytest.raises(HecsrError, match="names none"):
        score("3 * x", frame, y, refit=True, binding=Binding(start={"c0": 1}))


def test_a_rule_that_says_the_same_of_every_row_is_doubted(carbides):
    classes = np.arange(36) % 2
    found = score("delta < 6.5", carbides, classes)
    assert "says 1 of every row: delta is 0" in found.doubts[0]
    assert "to be < 6.5; is the unit right" in found.doubts[0]
    assert (
        "the same balanced accuracy as Majority class in every fold"
        in (found.verdicts[0])
    )
    assert not score("delta < 0.05", carbides, classes).doubts
    added = score("(delta < 0.05) + (vec < 9)", carbides, classes)
    assert "a product of comparisons is a rule" in added.doubts[0]


@pytest.fixture
def csv(tmp_path, carbides):
    carbides["load"] = 9.8
    carbides["stable"] = (np.arange(36) % 3 > 0).astype(int)
    path = tmp_path / "mine.csv"
    carbides.to_csv(path, index=False)
    return path


def test_score_prints_a_table_and_writes_the_held_out_predictions(csv, tmp_path):
    output = tmp_path / "p.csv"
    done = hecsr(
        "score", "chen-niu", csv, "--target", "hardness", "--fit", "coefficients",
        "--folds", 3, "--repeats", 2, "--output", output,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    for words in (
        "10.1016/j.intermet.2011.03.026", "shear_mean", "in GPa", "36 rows scored",
        "MAE (GPa)", "Chen-Niu hardness, as stated", "Chen-Niu hardness, refitted",
        "Mean predictor", "refitted on all rows", "given the form",
    ):  # fmt: skip
        assert words in done.stdout
    frame = pd.read_csv(output)
    assert len(frame) == 3 * 2 * 36
    first = frame[(frame["competitor"] == "stated") & (frame["repeat"] == 0)]
    assert sorted(first["line"]) == list(range(2, 38))
    own = pd.read_csv(csv)
    assert (
        own["hardness"].to_numpy()[first["line"] - 2].tolist()
        == first["observed"].tolist()
    )


def test_score_takes_names_units_and_values_from_the_command_line(csv):
    words = ["score", "c0 * F^(-c1) + k", csv, "--target", "hardness", "--folds", 3]
    done = hecsr(
        *words, "--name", "F=load", "--unit", "F=gf", "--set", "k=1",
        "--set", "c0=20", "--set", "c1=0.1",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "0.0961" in done.stdout  # 9.8 gf in N
    done = hecsr("score", "hume-rothery", csv, "--target", "stable", "--folds", 3)
    assert done.exit_code == 0, done.output
    assert "Majority class" in done.stdout


def test_score_refuses_in_words(csv, tmp_path):
    words = ["score", "2 * vec", csv, "--target", "hardness"]
    refused(hecsr(*words, "--fit", "all"), "--fit is 'all'", "coefficients")
    refused(hecsr(*words, "--task", "class"), "--task is 'class'")
    refused(hecsr(*words, "--set", "vec"), "--set vec: give a name and a value")
    refused(hecsr(*words, "--set", "vec=a"), "give a number")
    refused(hecsr(*words, "--jobs", 0), "--jobs is 0")
    refused(hecsr(*words, "--composition", "formula"), "formula", "composition")
    refused(hecsr("score", "2 *", csv, "--target", "hardness"), "2 *")
    refused(hecsr("score", "2 * vec", csv, "--target", "hardnes"), "did you mean")
    refused(hecsr("score", "efa > 1", csv, "--target", "stable"), "needs 'efa'")
    refused(hecsr("score", "vec", tmp_path / "no.csv", "--target", "y"), "no.csv")
    gone = tmp_path / "gone" / "p.csv"
    refused(hecsr(*words, "--folds", 3, "--output", gone), "cannot write")


def test_score_names_bad_rows_or_sets_them_aside(csv, tmp_path):
    with csv.open("a", encoding="utf-8") as stream:
        stream.write("(TiXx)C,20,9.8,1\n(TiZr)C,hard,9.8,1\n")
    words = ["score", "2 * vec", csv, "--target", "hardness", "--folds", 3]
    refused(hecsr(*words), "line 38, column 'composition'", "line 39", "'hard'")
    aside = tmp_path / "aside.csv"
    done = hecsr(*words, "--set-aside", aside)
    assert done.exit_code == 0, done.output
    assert "2 bad row(s) written" in done.stderr
    assert "36 rows scored" in done.stdout
    assert "(TiXx)C" in aside.read_text("utf-8")


def test_a_huge_error_is_printed_short(tmp_path):
    path = tmp_path / "x.csv"
    x = np.linspace(1, 5, 20)
    pd.DataFrame({"x": x, "y": x + np.sin(9 * x)}).to_csv(path, index=False)
    done = hecsr("score", "1e40 * x", path, "--target", "y")
    assert done.exit_code == 0, done.output
    shown = next(w for w in done.stdout.splitlines() if "as stated  " in w)
    assert shown.endswith("< -1000")
    assert len(shown) < 80


def test_rows_of_one_class_left_by_a_rule_are_counted():
    compositions = ["TiC", "ZrC", "(Hf,Nb)C", "TaC", "NbC", "VC", "WC", "HfC"]
    table = pd.DataFrame({"composition": compositions})
    classes = [0, 1, 0, 1, 0, 1, 0, 1]
    said = r"defined on 1 of 8 rows, all of class 0: .* 7 row\(s\): omega_inverse is"
    for refit in (False, True):
        with pytest.raises(HecsrError, match=said):
            score("yang-omega-delta", table, classes, refit=refit)
    # or the rule itself is undefined
    table = pd.DataFrame({"x": [-1.0, -2, -3, -4, -5, -6, 1, 2]})
    classes[-1] = 0
    with pytest.raises(HecsrError, match="defined on 2 of 8 rows, all of one class"):
        score("log(x) > 0.5", table, classes, refit=True, folding=Folding(2))


def test_a_refit_needs_no_start_values_and_says_where_it_fails(tmp_path):
    path = tmp_path / "x.csv"
    x = np.linspace(150, 300, 60)
    stable = (x + 20 * np.sin(x) > 220).astype(int)
    frame = pd.DataFrame({"G": x, "s": stable, "H": 2 * np.exp(0.01 * x)})
    frame.to_csv(path, index=False)
    words = [path, "--fit", "coefficients", "--folds", 3]
    done = hecsr("score", "logistic(c0+c1*G)", *words, "--target", "s")
    assert done.exit_code == 0, done.output
    done = hecsr("score", "c0*exp(c1*G)", *words, "--target", "H")
    assert "2 * exp(0.01 * G)" in done.stdout
    done = hecsr(
        "score", "c0*exp(c1*G)", *words, "--target", "H", "--start", "c1=1",
        "--start", "c0=1",
    )  # fmt: skip
    refused(done, "not fitted from this start (c0 = 1, c1 = 1)", "--start c1=...")


def test_a_scored_formula_is_saved_and_predicts(csv, tmp_path):
    saved, output = tmp_path / "f.json", tmp_path / "p.csv"
    done = hecsr(
        "score", "jhi-vec", csv, "--target", "hardness", "--fit", "coefficients",
        "--folds", 3, "--save", saved, "--output", output,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "c1 = " in done.stdout
    assert " GPa, standard error" in done.stdout
    formula = load_formula(saved)
    assert formula.provenance["table"] == "mine.csv"
    assert formula.provenance["data_sha256"] == sha256(csv.read_bytes()).hexdigest()
    value = hecsr("predict", saved, "TiC")
    assert value.exit_code == 0, value.output
    assert f"{formula('TiC')[0]:.6g}"[:6] in value.stdout
    assert set(pd.read_csv(output)["unit"]) == {"GPa"}
    words = ["score", "2 * vec", csv, "--target", "hardness", "--folds", 3, "--save"]
    assert hecsr(*words, saved).exit_code == 0
    assert load_formula(saved).to_text() == "2 * vec"
    refused(hecsr(*words, tmp_path / "gone" / "f.json"), "cannot write")


def test_formulas_lists_them_and_explains_one():
    listing = hecsr("formulas").stdout
    assert "sarker-efa-45" in listing
    assert "10.1063/1.5113622" in listing
    shown = hecsr("formulas", "yang-omega-delta").stdout
    for words in (
        "Omega >= 1.1",
        "metallic alloys",
        "metals of the ceramic",
        "abstract",
    ):
        assert words in shown
    refused(hecsr("formulas", "chen"), "no formula 'chen'", "chen-niu")
