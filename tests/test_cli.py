"""The verbs but `run`, as a user types them."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from hecsr import __version__, tables
from hecsr.cli import app
from hecsr.descriptors.catalogue import catalogue
from hecsr.descriptors.supplied import KNOWN
from hecsr.formula.file import save_formulas
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Target
from hecsr.formula.grammar import parse
from hecsr.units import parse_unit

runner = CliRunner()


def hecsr(*words):
    return runner.invoke(app, [str(w) for w in words])


def refused(done, *messages):
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    for message in messages:
        assert message in done.stderr


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(
        "composition,note\n(TiZr)C,a\n(Hf0.2Nb0.2Ta0.2Ti0.2Zr0.2)C,b\n", "utf-8"
    )
    return path


def test_version_and_help():
    assert __version__ in hecsr("--version").stdout
    help_text = hecsr("--help").stdout
    for verb in ("run", "describe", "predict", "tables"):
        assert verb in help_text


def test_describe_writes_the_table_with_units(csv, tmp_path):
    done = hecsr("describe", csv, "--output", tmp_path / "d.csv", "--use", "alloy")
    assert done.exit_code == 0, done.output
    assert "delta" in done.stderr or "entropy [J/(mol K)]" in done.stderr
    frame = pd.read_csv(tmp_path / "d.csv")
    assert frame["composition"].tolist()[0] == "(TiZr)C"
    assert {"delta", "entropy", "enthalpy"} <= set(frame.columns)
    assert hecsr("describe", csv, "--use", "vec").stdout.startswith("composition,vec\n")


def test_describe_refuses_or_sets_aside(csv, tmp_path):
    with csv.open("a", encoding="utf-8") as stream:
        stream.write("(TiXx)C,c\n")
    refused(hecsr("describe", csv), "line 4", "'Xx' is not an element")
    aside = tmp_path / "aside.csv"
    done = hecsr("describe", csv, "--use", "vec", "--set-aside", aside)
    assert done.exit_code == 0, done.output
    assert "TiXx" in aside.read_text("utf-8")
    assert len(done.stdout.splitlines()) == 3


def test_describe_names_what_the_tables_lack(csv):
    with csv.open("a", encoding="utf-8") as stream:
        stream.write("(LaTi)C,c\n")
    words = ["describe", csv, "--use", "chi_allen_mean"]
    refused(hecsr(*words), "line 4", "chi_allen", "La")
    done = hecsr(*words, "--on-missing", "set_aside")
    assert done.exit_code == 0, done.output
    assert "left out (La0.5Ti0.5)C" in done.stderr
    refused(hecsr(*words, "--on-missing", "fill"), "'fill'", "set_aside")


def test_describe_refuses_unknown_words_and_files(csv, tmp_path):
    refused(hecsr("describe", csv, "--use", "detla"), "did you mean 'delta'")
    refused(hecsr("describe", tmp_path / "none.csv"), "none.csv")
    gone = tmp_path / "gone" / "d.csv"
    refused(hecsr("describe", csv, "--use", "vec", "--output", gone), "cannot write")


def test_tables_lists_shows_and_writes():
    listing = hecsr("tables").stdout
    for name in tables.names():
        assert name in listing
    shown = hecsr("tables", "efa").stdout
    assert "483 rows" in shown
    assert "composition" in shown
    as_csv = hecsr("tables", "deed", "--csv").stdout
    assert as_csv.count("\n") == 34
    refused(hecsr("tables", "eaf"), "did you mean 'efa'")
    refused(hecsr("tables", "--csv"), "name the table")


def test_predict_refuses_what_is_no_formula_file(csv):
    refused(hecsr("predict", csv, "(Ti,Zr)C"), "not JSON")


@pytest.fixture
def saved(tmp_path):
    """Two formulas: of a descriptor and a column, and of a column alone."""
    columns = {"r_metallic_mean": np.linspace(1.3, 1.6, 9) ** 2}
    columns["load"] = np.cos(np.arange(9.0)) + 2
    y = columns["r_metallic_mean"] + columns["load"] ** 2
    known = {n: c.descriptor for n, c in catalogue().items()} | {"load": KNOWN["load"]}
    made = [
        fit_formula(
            [parse(t) for t in terms], columns, y, task="regression",
            target=Target("HV (GPa)", unit=parse_unit("GPa")), descriptors=known,
        )
        for terms in (["r_metallic_mean", "load"], ["load"])
    ]  # fmt: skip
    return save_formulas(tmp_path / "f.json", made)


def test_predict_says_which_class_is_called_and_from_where(saved, tmp_path):
    columns = {"vec": np.linspace(8, 10, 12)}
    y = (columns["vec"] + np.sin(np.arange(12.0)) > 9).astype(float)
    known = {"vec": catalogue()["vec"].descriptor}
    made = fit_formula(
        [parse("vec")], columns, y, task="classification",
        target=Target("single_phase"), descriptors=known,
    )  # fmt: skip
    save_formulas(saved, made.with_(threshold=0.73))
    done = hecsr("predict", saved, "(Mo,W)C", "(Ti,Zr)C", "(U,Th)C")
    assert done.exit_code == 0, done.output
    assert "class 1 is called from 0.73 on" in done.stderr
    header, *rows = done.stdout.splitlines()
    place = header.split(",").index("class")
    assert [row.split(",")[place + 1] for row in rows[:2]] == ["1", "0"]
    assert ",,,," in rows[2]
    assert "undefined" in rows[2]


def test_predict_says_what_the_tables_lack_and_evaluates_the_rest(saved):
    done = hecsr("predict", saved, "(U,Th)C", "(Ti,Zr)C", "--set", "load=2")
    assert done.exit_code == 0, done.output
    first, second = done.stdout.splitlines()[1:]
    assert "undefined: the tables lack " in first
    assert "undefined" not in second
    assert "not known of the fit: elements, families" in done.stderr
    assert "HV (GPa) = " in done.stderr


def test_predict_sets_bad_rows_aside(saved, csv, tmp_path):
    csv.write_text("composition,load\n(TiZr)C,2\n(TiXx)C,2\n(TiHf)C,a\n", "utf-8")
    refused(hecsr("predict", saved, "--csv", csv), "line 3", "line 4")
    aside = tmp_path / "aside.csv"
    done = hecsr("predict", saved, "--csv", csv, "--set-aside", aside)
    assert done.exit_code == 0, done.output
    assert len(done.stdout.splitlines()) == 2
    assert "2 bad row(s) written to" in done.stderr
    assert "TiXx" in aside.read_text("utf-8")
    words = ("(TiZr)C", "--set", "load=2", "--set-aside", aside)
    refused(hecsr("predict", saved, *words), "--csv")


def test_predict_names_the_column_that_is_meant(saved, csv):
    csv.write_text("composition,Load\n(TiZr)C,2\n", "utf-8")
    refused(hecsr("predict", saved, "--csv", csv), "did you mean 'Load'", "--set load")
    done = hecsr("predict", saved, "--csv", csv, "--set", "load=2")
    assert done.exit_code == 0, done.output


def test_predict_needs_no_composition_for_a_formula_of_own_columns(saved, csv):
    csv.write_text("sample,load\na,2\nb,99\n", "utf-8")
    done = hecsr("predict", saved, "--csv", csv, "--formula", 2)
    assert done.exit_code == 0, done.output
    head, first, second = done.stdout.splitlines()
    assert head == "load,value,lower,upper,domain,note"
    assert ",inside," in first
    assert ",outside," in second
    refused(hecsr("predict", saved, "--csv", csv), "composition")
    twice = ("--formula", 2, "--set", "load=1")
    refused(hecsr("predict", saved, "--csv", csv, *twice), "given twice")


@pytest.fixture
def measured(tmp_path):
    path = tmp_path / "mine.csv"
    metals = ["Ti", "Zr", "Hf", "V", "Nb", "Ta", "Mo", "W"]
    rng = np.random.default_rng(0)
    rows = []
    for i in range(40):
        chosen = sorted(rng.choice(metals, 4, replace=False))
        rows.append((f"({','.join(chosen)})C", 20 + rng.normal(), 1 + i % 3))
    frame = pd.DataFrame(rows, columns=["composition", "hardness_GPa", "load_N"])
    frame.to_csv(path, index=False)
    return path


def test_init_proposes_an_analysis_that_loads(measured):
    from hecsr.config import load_analysis

    done = hecsr("init", measured, "--target", "hardness_GPa")
    assert done.exit_code == 0, done.output
    analysis = load_analysis(measured.with_suffix(".toml"))
    assert analysis.task == "regression"
    assert analysis.data.target_unit == "GPa"
    assert [c.name for c in analysis.data.columns] == ["load_N"]
    refused(hecsr("init", measured, "--target", "hardness_GPa"), "--force")


def test_init_names_the_columns_where_the_target_is_not_one(measured):
    refused(hecsr("init", measured, "--target", "hardness"), "hardness_GPa")


def test_compare_refuses_a_folder_that_is_no_report(tmp_path):
    refused(hecsr("compare", tmp_path, tmp_path), "run.json")


def test_a_paper_that_is_not_known_is_refused(tmp_path):
    done = hecsr("run", tmp_path / "mine.toml", "--paper", "a5")
    refused(done, "a5", "letter")
