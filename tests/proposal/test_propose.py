"""A table is looked at, and an analysis that runs is proposed for it."""

import shlex
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hecsr import tables
from hecsr.config import load_analysis, parse_analysis
from hecsr.descriptors import describe
from hecsr.errors import BadRowsError, ConfigError, OutputError, TableError
from hecsr.importance import in_sample
from hecsr.importance.rows import COLUMNS
from hecsr.proposal import propose, propose_file
from hecsr.study import run_study

METALS = ["Ti", "Zr", "Hf", "V", "Nb", "Ta", "Cr", "Mo", "W"]


def compositions(n):
    rng = np.random.default_rng(0)
    return [
        f"({','.join(sorted(rng.choice(METALS, rng.integers(3, 6), replace=False)))})C"
        for _ in range(n)
    ]


def frame_of(n=60):
    rng = np.random.default_rng(1)
    texts = compositions(n)
    load = rng.choice([0.5, 1.0, 2.0, 5.0], n)
    vec = describe(texts, ["vec"]).values[:, 0]
    hard = 40 - 2 * vec - 1.5 * np.log(load) + rng.normal(0, 1, n)
    return pd.DataFrame(
        {
            "sample": range(1, n + 1),
            "material": texts,
            "hardness_GPa": hard.round(3),
            "hardness_sd": rng.uniform(0.1, 0.4, n).round(3),
            "load (gf)": (load * 102).round(1),
            "temperature_C": rng.choice([1800.0, 1900.0, 2000.0], n),
            "paper": [f"p{i % 12}" for i in range(n)],
            "method": rng.choice(["SPS", "HP"], n),
            "HV": (hard * 102).round(1),
            "porosity": [1.5 + i % 7 if i % 2 else "" for i in range(n)],
        }
    )


@pytest.fixture
def csv(tmp_path):
    def write(frame, name="mine.csv"):
        path = tmp_path / name
        frame.to_csv(path, index=False)
        return path

    return write


def proposed(path, target, **options):
    proposal = propose(path, target, **options)
    analysis = parse_analysis(tomllib.loads(proposal.text), "proposed")
    return analysis, proposal


def light(analysis):
    """Return the analysis with a search and a validation of a second or two."""
    engines, validation = analysis.engines, analysis.validation
    small = {
        "rungs": 1, "complexity": 1, "screened": 5, "terms": 1, "inner_folds": 2,
    }  # fmt: skip
    quick = {"leave_one_out": [], "metals_up_to": [], "years_up_to": []}
    quick |= {"folds": 2, "repeats": 1}
    return analysis.model_copy(
        update={
            "engines": engines.model_copy(
                update={
                    "sisso": engines.sisso.model_copy(update=small),
                    "lasso": None,
                }
            ),
            "validation": validation.model_copy(update=quick),
            "black_boxes": ["linear"],
            "explain": analysis.explain.model_copy(
                update={"black_boxes": [], "drop": False, "shap": False}
                | {"permutation_repeats": 1}
            ),
        }
    )


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run an analysis with little; SHAP of the formula compiles for ten seconds."""
    nothing = pd.DataFrame(columns=COLUMNS)
    monkeypatch.setattr(in_sample, "in_sample_importance", lambda *a, **k: nothing)

    def go(analysis):
        output = tmp_path / "out"
        return run_study(light(analysis), base=tmp_path, output=output, n_jobs=1)

    return go


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    path = tmp_path_factory.mktemp("mine") / "mine.csv"
    frame_of().to_csv(path, index=False)
    return proposed(path, "hardness_GPa")


def test_target_task_and_composition_are_found(mine):
    analysis, proposal = mine
    assert analysis.task == "regression"
    assert analysis.data.target_unit == "GPa"
    assert analysis.data.target_label == "hardness"
    assert analysis.data.composition == "material"
    assert "regression of 'hardness_GPa' in GPa on 60 of 60 rows" in proposal.found


def test_columns_enter_with_the_units_of_their_names(mine):
    analysis, _ = mine
    columns = {c.name: (c.unit, c.label) for c in analysis.data.columns}
    assert columns == {
        "load (gf)": ("gf", "load"),
        "temperature_C": ("°C", "temperature"),
    }


def test_rows_of_one_paper_stay_together_and_are_left_out(mine):
    analysis, _ = mine
    assert analysis.data.groups == ["composition", "paper"]
    assert analysis.data.source == "paper"
    assert "source" in analysis.validation.leave_one_out


def test_what_leaks_numbers_rows_or_is_missing_is_left_out_and_named(mine):
    _, proposal = mine
    assert "'sample': an identifier" in proposal.text
    said = "\n".join(proposal.undecided)
    assert "'HV' left out: suspect: it alone explains 100.0%" in said
    assert "'hardness_sd' left out: its name says that it belongs" in said
    assert "'porosity' left out: missing in 30 of 60 rows" in said
    assert "which rows to take by 'method'" in said


def test_the_search_is_of_a_size_that_the_rows_support(csv):
    small, text = proposed(csv(frame_of(30)), "hardness_GPa")
    large, _ = proposed(csv(frame_of(200)), "hardness_GPa")
    assert small.engines.sisso.complexity < large.engines.sisso.complexity
    assert small.engines.sisso.terms <= large.engines.sisso.terms == 3
    assert "n = k D ln M" in text.text
    assert "10.1088/1367-2630/aa57bf" in text.text


@pytest.mark.filterwarnings("ignore::hecsr.errors.SearchWarning")
def test_a_proposed_regression_runs(csv, tmp_path, run):
    path = csv(frame_of())
    propose_file(path, "hardness_GPa")
    result = run(load_analysis(tmp_path / "mine.toml"))
    assert result.data.rows_used == 60
    assert {c.name for c in result.competitors} >= {"sisso", "linear", "baseline"}
    # 1900 degrees Celsius are kelvin in a formula
    names = {d.name: d.unit.text for d in result.descriptors.computed}
    assert names["temperature_C"] == "K"


@pytest.mark.filterwarnings("ignore::hecsr.errors.SearchWarning")
def test_a_proposed_classification_runs(csv, tmp_path, run):
    frame = frame_of()[["material", "paper"]]
    vec = describe(list(frame["material"]), ["vec"]).values[:, 0]
    rank = (vec + np.random.default_rng(2).normal(0, 0.1, 60)).argsort().argsort()
    frame["single"] = (rank < 45).astype(int)
    path = csv(frame)
    propose_file(path, "single", output=tmp_path / "q.toml")
    full = load_analysis(tmp_path / "q.toml")
    assert full.task == "classification"
    assert full.validation.decision == "share"
    # fifteen of the rarer class carry one term
    assert full.engines.sisso.terms == 1
    assert {"one rule", "vec"} <= set(full.rules)
    result = run(full)
    assert result.data.target_summary == {"0": 15.0, "1": 45.0}


@pytest.mark.parametrize(
    ("table", "target", "rows", "set_aside"),
    [("hardness", "hardness", 401, 11), ("formability", "single_phase", 220, 8)],
)
def test_exports_of_shipped_tables_are_met(csv, table, target, rows, set_aside):
    analysis, proposal = proposed(csv(tables.load(table), f"{table}.csv"), target)
    assert f"on {rows} of {rows + set_aside} rows" in proposal.found[0]
    assert analysis.data.on_bad_rows == "set_aside"
    assert "family" in analysis.validation.leave_one_out
    lacking = "no chi allen of" if table == "formability" else "omega_inverse"
    assert lacking in proposal.text


def test_precursors_enter_where_the_tables_have_them(csv):
    known = frame_of()
    analysis, _ = proposed(csv(known), "hardness_GPa")
    assert "precursors" in analysis.descriptors.use
    other = known.assign(material=[t[:-1] + "O2" for t in known["material"]])
    analysis, proposal = proposed(csv(other), "hardness_GPa")
    assert "precursors" not in analysis.descriptors.use
    assert "no precursors of oxides, in 60 rows" in proposal.text


def test_rows_of_an_unknown_element_are_set_aside_and_not_all_descriptors(csv):
    frame = frame_of()
    frame.loc[::9, "material"] = "(Np,Ti,Zr)C"
    analysis, proposal = proposed(csv(frame), "hardness_GPa")
    assert "on 53 of 60 rows" in proposal.found[0]
    assert analysis.data.on_missing == "set_aside"
    assert len(analysis.descriptors.without) < 8
    assert "of Np, in 7 rows, which are set aside" in proposal.text


def test_words_as_classes_are_refused_with_what_to_do(csv):
    frame = frame_of().assign(phase=["single", "multi"] * 30)
    with pytest.raises(ConfigError, match=r"'single' \(30 rows\).*add a column with 1"):
        propose(csv(frame), "phase")


@pytest.mark.parametrize(("yes", "no"), [("True", "False"), ("yes", "no")])
def test_the_class_that_says_yes_is_1_however_rare(csv, yes, no):
    frame = frame_of().assign(single=[yes, no, no] * 20)
    with pytest.raises(ConfigError, match=f"with 1 where it is '{yes}' and 0 else"):
        propose(csv(frame), "single")


def test_a_decimal_comma_is_named_and_not_taken_for_words(tmp_path):
    path = tmp_path / "mine.csv"
    frame = frame_of().drop(columns=["HV", "porosity", "temperature_C"])
    frame.to_csv(path, sep=";", decimal=",", index=False)
    number = str(frame["hardness_GPa"][0]).replace(".", ",")
    said = f"no column of numbers: '{number}' has a decimal comma; write "
    with pytest.raises(ConfigError, match=said):
        propose(path, "hardness_GPa")
    # of another column it is said that it does not enter, and why
    text = frame.astype({"hardness_GPa": str})
    text.to_csv(path, sep=";", decimal=",", index=False)
    analysis, proposal = proposed(path, "hardness_GPa")
    assert [c.name for c in analysis.data.columns] == []
    load = next(u for u in proposal.undecided if u.startswith("'load (gf)' left out"))
    assert "'102,0' has a decimal comma; write 102.0, as in all 60 cells" in load


def test_a_column_without_a_name_is_refused_with_what_to_do(tmp_path):
    path = tmp_path / "mine.csv"
    frame_of().to_csv(path)
    with pytest.raises(TableError, match=r"column 1 has no name; .*index=False"):
        propose(path, "hardness_GPa")


def test_lasso_keeps_to_the_rows_of_the_rarer_class(csv):
    frame = frame_of(120)[["material", "paper"]]
    vec = describe(list(frame["material"]), ["vec"]).values[:, 0]
    rank = (vec + np.random.default_rng(2).normal(0, 0.1, 120)).argsort().argsort()
    frame["single"] = (rank < 95).astype(int)
    analysis, proposal = proposed(csv(frame), "single")
    assert analysis.engines.lasso.terms == 2
    lasso = proposal.text.partition("[engines.lasso]")[2]
    assert "one for every 10 of the 25 rows" in " ".join(lasso.split("\n# "))
    hard, _ = proposed(csv(frame_of(120), "hard.csv"), "hardness_GPa")
    assert hard.engines.lasso.terms == 6


def test_years_and_metals_that_are_not_held_out_are_named_with_the_reason(csv):
    def said(frame):
        analysis, proposal = proposed(csv(frame), "hardness_GPa")
        assert not analysis.validation.years_up_to
        assert not analysis.validation.metals_up_to
        return " ".join(proposal.text.replace("\n# ", " ").split())

    # three rows are too few to test on
    early = said(frame_of().assign(year=[2020] * 57 + [2021] * 3))
    least = "no limit leaves 30% of the rows up to it and 10%, and 5, beyond it."
    assert f"no test on later years by 'year': {least}" in early
    # equal compositions stay together, and each is there early and late
    half = frame_of(30)
    both = said(pd.concat([half.assign(year=2018), half.assign(year=2022)]))
    assert (
        "no test on later years by 'year': not held out for want of rows, fewer "
        "than 5 (rows to hold out, rows to train on): after 2018 (30, 0)"
    ) in both
    few = [t if i < 3 else f"(Hf{0.1 + i / 100:.2f},Nb,Ta,Ti,Zr)C"
           for i, t in enumerate(frame_of()["material"])]  # fmt: skip
    five = said(frame_of().assign(material=few))
    assert f"no test on compositions of more metals: {least}" in five


def test_classes_other_than_0_and_1_are_refused(csv):
    frame = frame_of().assign(phase=[1, 2] * 30)
    with pytest.raises(ConfigError, match="two classes are written 0 and 1"):
        propose(csv(frame), "phase")


def test_a_missing_target_is_named_with_the_closest_column(csv):
    with pytest.raises(TableError, match="did you mean 'hardness_GPa'"):
        propose(csv(frame_of()), "hardness_Gpa")


def test_a_table_without_compositions_says_where_the_closest_fails(csv):
    frame = frame_of().drop(columns="material")
    with pytest.raises(TableError, match=r"no column reads as compositions; .* row 1"):
        propose(csv(frame), "hardness_GPa")


def test_a_few_bad_rows_are_listed_and_many_refused(csv):
    frame = frame_of().astype({"hardness_GPa": object})
    frame.loc[3, "hardness_GPa"] = "> 30"
    frame.loc[7, "material"] = "(Ti,Zr"
    analysis, proposal = proposed(csv(frame), "hardness_GPa")
    assert analysis.data.on_bad_rows == "set_aside"
    assert "line 5, column 'hardness_GPa': text '> 30'" in proposal.text
    assert "line 9, column 'material': this bracket is not closed" in proposal.text
    frame.loc[:33, "hardness_GPa"] = ""
    with pytest.raises(BadRowsError, match="line 2, column 'hardness_GPa': empty"):
        propose(csv(frame), "hardness_GPa")


def test_too_few_rows_are_refused(csv):
    with pytest.raises(ConfigError, match="11 of 11 rows can be used"):
        propose(csv(frame_of(11)), "hardness_GPa")


def test_a_file_that_is_there_is_not_replaced_unless_forced(csv, tmp_path):
    path = csv(frame_of())
    (tmp_path / "mine.toml").write_text("kept")
    with pytest.raises(OutputError, match=r"is there already.*--force"):
        propose_file(path, "hardness_GPa")
    assert (tmp_path / "mine.toml").read_text() == "kept"
    said = propose_file(path, "hardness_GPa", force=True)
    assert "not decided, look at these:" in said
    assert load_analysis(tmp_path / "mine.toml").name == "mine"


@pytest.mark.parametrize("name", ["mine.csv", "same.toml"])
def test_the_table_itself_is_never_replaced(csv, tmp_path, name):
    path = csv(frame_of(), name)
    before = path.read_bytes()
    (tmp_path / "link.csv").symlink_to(path)
    for output in (path, tmp_path / "." / name, tmp_path / "link.csv"):
        with pytest.raises(OutputError, match=r"is the table itself.*--output"):
            propose_file(path, "hardness_GPa", output=output, force=True)
    if name.endswith(".toml"):
        with pytest.raises(OutputError, match=r"is the table itself.*--output"):
            propose_file(path, "hardness_GPa", force=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (".", "is a folder"),
        ("/", "is a folder"),
        ("", "is a folder"),
        ("/dev/null", "is no file"),
        ("nowhere.csv", "there is no file 'nowhere.csv'"),
        ("a" * 300, "cannot be read"),
    ],
)
def test_what_is_no_file_is_no_table(name, said):
    with pytest.raises(TableError, match=f"{said}.*give a table, as my.csv"):
        propose_file(Path(name), "y")


def test_the_next_command_can_be_pasted(csv, tmp_path):
    said = propose_file(csv(frame_of(), "weird name é #1.csv"), "hardness_GPa")
    words = shlex.split(said.splitlines()[-1].partition("then ")[2])
    assert words == ["hecsr", "run", str(tmp_path / "weird name é #1.toml")]


def test_a_unit_that_is_not_known_is_not_decided(csv):
    frame = frame_of().rename(columns={"load (gf)": "resistivity_uOhm_cm"})
    frame = frame.rename(columns={"temperature_C": "E / GPa"})
    analysis, proposal = proposed(csv(frame), "hardness_GPa")
    columns = {c.name: (c.unit, c.label) for c in analysis.data.columns}
    assert columns == {
        "resistivity_uOhm_cm": (None, None),
        "E / GPa": ("GPa", "E"),
    }
    assert any("'uOhm' before 'cm'" in said for said in proposal.undecided)


def test_the_table_is_named_relative_to_the_analysis(csv, tmp_path):
    path = csv(frame_of())
    (tmp_path / "deep").mkdir()
    propose_file(path, "hardness_GPa", output=tmp_path / "deep" / "a.toml")
    assert load_analysis(tmp_path / "deep" / "a.toml").data.file == "../mine.csv"


def test_names_of_any_characters_are_written_as_they_are(csv):
    frame = frame_of().rename(columns={"load (gf)": 'lo"ad\\ # [x] (gf)'})
    analysis, _ = proposed(csv(frame, "my däta (1).csv"), "hardness_GPa")
    assert 'lo"ad\\ # [x] (gf)' in [c.name for c in analysis.data.columns]
    assert analysis.name == "my_d_ta_1"


def test_cells_with_control_characters_do_not_break_the_file(csv):
    frame = frame_of().assign(method=["a\nb", "c\x00\x85[data]"] * 30)
    _, proposal = proposed(csv(frame), "hardness_GPa")
    assert "a b (30), c [data] (30)" in proposal.text


def test_one_family_is_not_asked_to_be_left_out(mine):
    analysis, proposal = mine
    assert "family" not in analysis.validation.leave_one_out
    assert "'family' cannot" not in proposal.text


def test_a_proposal_is_the_same_every_time(csv):
    path = csv(frame_of())
    assert propose(path, "hardness_GPa") == propose(path, "hardness_GPa")
