"""The verbs but `run`, as a user types them."""

import pandas as pd
import pytest
from typer.testing import CliRunner

from hecsr import __version__, tables
from hecsr.cli import app

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
