"""A whole run on a small table: from a user's CSV to a report and a prediction."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from hecsr.cli import app
from hecsr.descriptors import describe
from hecsr.errors import BadRowsError, ConfigError, HecsrError, MissingDataError
from hecsr.report import files
from hecsr.study import run_analysis
from hecsr.study.run import parts_beside
from hecsr.validation.store import count_parts

METALS = ["Ti", "Zr", "Hf", "V", "Nb", "Ta", "Cr", "Mo", "W"]
TOML = """
name = "small"
title = "A small question"
question = "Is it found?"
task = "{task}"
black_boxes = ["linear"]
{rules}

[data]
file = "mine.csv"
target = "hardness"
target_unit = "kgf/mm^2"
columns = [{{ name = "load", unit = "kgf" }}]
{data}

[descriptors]
use = ["vec", "delta", "chi_mean", "enthalpy", "fractions"]

[validation]
folds = {folds}
{schemes}
parts = [{{ label = "four metals", min_metals = 4 }}]

[engines.sisso]
operators = ["*", "/"]
rungs = 1
screened = 10
terms = 2
inner_folds = 2

[engines.lasso]
terms = 2
inner_folds = 2

[explain]
black_boxes = ["linear"]
permutation_repeats = 2
{explain}
{tail}
"""
QUICK = {"schemes": "", "explain": "drop = false\nshap = false"}
FULL = """
[validation.full]
repeats = 2
black_boxes = ["knn"]
scrambles = 2
bootstraps = 2
learning_sizes = [0.6, 1]
learning_repeats = 1
"""
"""A long validation of some seconds."""
STAGES = ("comparison", "scrambled targets", "bootstraps", "learning curves")
WHOLE = {"schemes": 'leave_one_out = ["element"]', "explain": ""}
OLD = '{"format": "hecsr-run", "files": ["run.json"]}'
"""What makes a folder an earlier report's."""
runner = CliRunner()


def compositions(n=40):
    rng = np.random.default_rng(0)
    return [
        f"({','.join(sorted(rng.choice(METALS, rng.integers(3, 6), replace=False)))})C"
        for _ in range(n)
    ]


@pytest.fixture
def study(tmp_path):
    """Write a small analysis and its table; keywords change either."""

    def write(*, task="regression", folds=3, data="", rules="", tail="", frame=None):
        if frame is None:
            texts = compositions()
            load = np.tile([0.5, 1.0, 2.0, 5.0], 10)
            vec = describe(texts, ["vec"]).values[:, 0]
            noise = np.random.default_rng(1).normal(0, 5, 40)
            hard = 3000 - 180 * vec + 30 / load + noise
            if task == "classification":
                hard = (vec + np.random.default_rng(1).normal(0, 0.2, 40) < 8.9) * 1
            frame = pd.DataFrame({"composition": texts, "hardness": hard, "load": load})
        frame.to_csv(tmp_path / "mine.csv", index=False)
        path = tmp_path / "small.toml"
        path.write_text(
            TOML.format(
                task=task, folds=folds, data=data, rules=rules, tail=tail, **QUICK
            ),
            "utf-8",
        )
        return path

    return write


def run(path, *options):
    return runner.invoke(
        app,
        [
            "run",
            str(path),
            "--output",
            str(path.parent / "out"),
            "--jobs",
            "1",
            *options,
        ],
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """One regression run, shared by the tests that only look at it."""
    folder = tmp_path_factory.mktemp("finished")
    texts = compositions()
    load = np.tile([0.5, 1.0, 2.0, 5.0], 10)
    vec = describe(texts, ["vec"]).values[:, 0]
    hard = 3000 - 180 * vec + 30 / load + np.random.default_rng(1).normal(0, 5, 40)
    pd.DataFrame({"composition": texts, "hardness": hard, "load": load}).to_csv(
        folder / "mine.csv", index=False
    )
    path = folder / "small.toml"
    path.write_text(
        TOML.format(task="regression", folds=3, data="", rules="", tail="", **WHOLE),
        "utf-8",
    )
    result, written = run_analysis(path, output=folder / "out", n_jobs=1)
    return result, written


def test_a_run_leaves_every_file(finished):
    _, folder = finished
    names = {p.name for p in folder.iterdir()}
    assert {
        "report.md", "report.pdf", "formulas.json", "formulas.tex", "metrics.csv",
        "predictions.csv", "figures", "run.json",
    } <= names  # fmt: skip
    assert (folder / "report.pdf").read_bytes()[:5] == b"%PDF-"
    assert list((folder / "figures").glob("*.svg"))
    assert list((folder / "figures").glob("*.png"))


def test_units_are_converted_on_the_way_in(finished):
    result, _ = finished
    load = next(d for d in result.descriptors.computed if d.name == "load")
    assert load.unit.text == "N"
    assert result.data.target.unit.text == "kgf/mm^2"


def test_the_planted_law_beats_the_mean_and_the_verdict_says_so(finished):
    result, _ = finished
    pooled = result.scores[(result.scores.fold == -1) & (result.scores.metric == "mae")]
    main = pooled[pooled.scheme == result.schemes[0].name].set_index("competitor").value
    assert main["sisso"] < 0.5 * main["baseline"]
    # two folds are too few for a test to show it
    assert "formula procedure is SISSO formula" in result.verdict.paragraph
    assert result.verdict.sentences[0].startswith("The best formula procedure is SISSO")


def test_all_competitors_see_the_same_folds(finished):
    result, _ = finished
    main = result.predictions[result.predictions.scheme == result.schemes[0].name]
    folds = {
        name: tuple(zip(part["fold"], part["sample"], strict=True))
        for name, part in main.groupby("competitor")
    }
    assert len(set(folds.values())) == 1
    assert sorted(s for _, s in next(iter(folds.values()))) == list(range(40))


def test_chosen_formulas_carry_the_procedures_error_and_interval(finished):
    result, _ = finished
    for found in result.best_formulas:
        assert found.formula.interval is not None
        assert found.formula.metrics["cv_mae"] > 0
    others = [f for f in result.formulas if not f.chosen]
    assert all("cv_mae" not in f.formula.metrics for f in others)


def test_the_same_input_and_seed_give_the_same_files_for_any_number_of_jobs(
    finished, tmp_path
):
    _, folder = finished
    source = folder.parent / "small.toml"
    run_analysis(source, output=tmp_path / "again", n_jobs=2)
    same(folder, tmp_path / "again")


def same(one, two):
    """All files are equal but run.json, which tells the seconds."""
    found = [
        {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.name != "run.json"
        }
        for folder in (one, two)
    ]
    assert found[0].keys() == found[1].keys()
    assert [str(n) for n in found[0] if found[0][n] != found[1][n]] == []


def test_a_saved_formula_predicts_from_the_command_line(finished):
    _, folder = finished
    done = runner.invoke(
        app,
        [
            "predict",
            str(folder / "formulas.json"),
            "(Ti,Zr,Hf,Nb)C",
            "--set",
            "load=9.8",
        ],
    )
    if "has no variable" in done.stderr:
        done = runner.invoke(
            app, ["predict", str(folder / "formulas.json"), "(Ti,Zr,Hf,Nb)C"]
        )
    assert done.exit_code == 0, done.output
    header, row = done.stdout.strip().splitlines()
    assert header == "given,composition,value,lower,upper,domain,note"
    value, lower, upper = (float(v) for v in row.split("C,")[-1].split(",")[:3])
    assert lower < value < upper


def test_classification_runs_to_the_end(study):
    path = study(task="classification", rules='rules = ["vec"]')
    done = run(path)
    assert done.exit_code == 0, done.output
    assert "balanced accuracy" in done.stdout
    formulas = json.loads((path.parent / "out" / "formulas.json").read_text("utf-8"))
    assert formulas["formulas"][0]["task"] == "classification"


@pytest.fixture(scope="module")
def long_study(tmp_path_factory):
    """The path of a small analysis, and what a whole `--full` run of it wrote."""
    folder = tmp_path_factory.mktemp("long")
    texts = compositions()
    load = np.tile([0.5, 1.0, 2.0, 5.0], 10)
    vec = describe(texts, ["vec"]).values[:, 0]
    hard = 3000 - 180 * vec + 30 / load + np.random.default_rng(1).normal(0, 5, 40)
    pd.DataFrame({"composition": texts, "hardness": hard, "load": load}).to_csv(
        folder / "mine.csv", index=False
    )
    path = folder / "small.toml"
    text = TOML.format(
        task="regression", folds=3, data="", rules="", tail=FULL, **QUICK
    )
    path.write_text(text, "utf-8")
    result, written = run_analysis(path, output=folder / "out", n_jobs=1, full=True)
    return path, result, written


def test_a_full_run_adds_what_would_convince_a_sceptic(long_study):
    _, result, written = long_study
    assert result.full
    names = {c.name for c in result.competitors}
    assert {"knn", "linear", "sisso", "lasso"} <= names
    engines = {"sisso", "lasso"}
    assert set(result.chance.tests["engine"]) == engines
    assert set(result.stability.draws["engine"]) == engines
    assert [one.engine for one in result.rashomon] == ["sisso"]
    # without a forest, the best black box alone
    boxes = set(result.learning.curves["competitor"]) - engines
    assert len(boxes) == 1
    assert boxes <= {"knn", "linear"}
    assert result.command.endswith(" --full")
    report = (written / "report.md").read_text("utf-8")
    for head in (
        "Chance",
        "Stability",
        "Formulas that cannot be told from the best one",
        "Applicability domain",
        "Would more data or larger formulas help?",
        "Agreement of formulas and black boxes",
    ):
        assert f"# {head}\n" in report
    kept = {p.stem for p in (written / "validation").glob("*.csv")}
    assert {"significance", "chance", "stability_draws", "rashomon"} <= kept
    assert {"learning_curves", "overfitting", "agreement", "applicability"} <= kept


def test_finished_parts_of_a_full_run_are_removed_with_its_report(long_study):
    path, _, written = long_study
    assert {p.name for p in path.parent.iterdir()} == {
        "mine.csv",
        "out",
        "small.toml",
    }
    assert (written / "report.pdf").exists()


@pytest.mark.parametrize("stage", ["comparison", "bootstraps"])
def test_a_stopped_full_run_goes_on_to_the_same_report(
    long_study, tmp_path, monkeypatch, stage
):
    path, _, whole = long_study

    def copied(_, figure, folder):
        # drawn from the same frames as in the other tests: what counts are these
        for path in (whole / "figures").glob(f"{figure.stem}.*"):
            shutil.copy(path, folder)

    def stop(at, done, total, left=None):
        if at == stage and done == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(files, "save", copied)
    asked = {"output": tmp_path / "out", "n_jobs": 1, "full": True}
    with pytest.raises(KeyboardInterrupt):
        run_analysis(path, **asked, progress=stop)
    beside = parts_beside(tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == [beside.name]
    kept = count_parts(beside)
    assert kept > 0
    first = {}

    def watch(at, done, total, left=None):
        first.setdefault(at, (done, total))

    run_analysis(path, **asked, progress=watch)
    # what was done before the stop is not done again
    for at in STAGES[: STAGES.index(stage)]:
        done, total = first[at]
        assert done == total > 0
    assert first[stage][0] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    same(whole, tmp_path / "out")
    # the seconds of all parts count, whichever run did them
    once, again = (
        json.loads((folder / "run.json").read_text("utf-8"))["compute_seconds"]
        for folder in (whole, tmp_path / "out")
    )
    assert list(once) == list(again)
    assert {s: w["parts"] for s, w in once.items()} == {
        s: w["parts"] for s, w in again.items()
    }
    assert not any(work["taken_up"] for work in once.values())
    assert sum(work["taken_up"] for work in again.values()) == kept
    for stages in (once, again):
        assert sum(work["seconds"] for work in stages.values()) > 0


def test_a_folder_of_parts_that_is_given_stays_and_serves_the_next_run(
    study, tmp_path, monkeypatch
):
    monkeypatch.setattr(files, "write", lambda _, folder, paper: folder)
    path, kept = study(), tmp_path / "kept"
    asked = {"output": tmp_path / "out", "n_jobs": 1, "parts": kept}
    one, _ = run_analysis(path, **asked)
    held = count_parts(kept)
    assert held > 0
    first = {}
    two, _ = run_analysis(
        path, **asked, progress=lambda at, n, of, left=None: first.setdefault(at, n)
    )
    assert first["comparison"] > 0
    assert count_parts(kept) == held
    pd.testing.assert_frame_equal(one.predictions, two.predictions)
    pd.testing.assert_frame_equal(one.importance, two.importance)


def refused(done, *messages):
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    for message in messages:
        assert message in done.stderr


RISING = np.arange(6.0)


def small(**columns):
    return pd.DataFrame(
        {"composition": compositions(6), "hardness": 1.0, "load": 1.0} | columns
    )


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({"frame": small().rename(columns={"load": "laod"})}, ["'load'", "laod"]),
        (
            {"frame": small(hardness=["1", "x", "3", "4", "", "6"])},
            ["line 3", "line 6", "hardness"],
        ),
        (
            {"frame": small(composition=["(Ti,Zr)C"] * 5 + ["(TiXx)C"])},
            ["line 7", "'Xx' is not an element"],
        ),
        ({"frame": small().iloc[:0]}, ["not a single row"]),
        ({"frame": small()}, ["constant target"]),
        ({"frame": small(hardness=RISING), "folds": 9}, ["split into 9 folds"]),
        ({"frame": small(hardness=1), "task": "classification"}, ["one class only"]),
        ({"frame": small(hardness=RISING), "task": "classification"}, ["0 and 1"]),
        (
            {"frame": small(load=[1, 1, 1, 1, 1, -1.0], hardness=RISING)},
            ["'load'", "must be above 0"],
        ),
        ({"rules": 'rules = ["luck"]'}, ["'luck'", "power law of load"]),
        ({"data": 'select = { lab = "ours" }'}, ["'lab'"]),
        ({"data": 'families = ["nitride"]'}, ["no row", "family is not nitride"]),
        ({"tail": "[expalin]"}, ["unknown key 'expalin'; did you mean 'explain'"]),
    ],
)
def test_bad_input_is_refused_in_plain_words_and_leaves_the_old_report(
    study, changes, messages
):
    path = study(**changes)
    old = path.parent / "out"
    old.mkdir()
    (old / "run.json").write_text(OLD, "utf-8")
    refused(run(path), *messages)
    assert [p.name for p in old.iterdir()] == ["run.json"]


def test_rows_without_data_are_refused_or_on_request_counted(study):
    frame = small(hardness=np.arange(6.0))
    frame.loc[0, "composition"] = "(La,Ti)C"
    path = study(frame=frame)
    text = path.read_text("utf-8").replace('"chi_mean"', '"chi_allen_mean"')
    path.write_text(text, "utf-8")
    refused(run(path), "chi_allen", "La", "set_aside")


def test_bad_rows_can_be_set_aside_into_a_file(study):
    frame = pd.read_csv(study().parent / "mine.csv")
    frame["hardness"] = frame["hardness"].astype(str)
    frame.loc[3, "hardness"] = "soft"
    path = study(frame=frame, data='on_bad_rows = "set_aside"')
    done = run(path)
    assert done.exit_code == 0, done.output
    aside = pd.read_csv(path.parent / "out.set_aside.csv")
    assert len(aside) == 1


def test_an_unwritable_folder_is_found_before_the_work(study, tmp_path):
    path = study()
    (tmp_path / "file").write_text("", "utf-8")
    done = runner.invoke(
        app, ["run", str(path), "--output", str(tmp_path / "file" / "x")]
    )
    refused(done, "file")


@pytest.mark.skipif(os.name == "nt", reason="signals differ")
def test_ctrl_c_in_the_middle_leaves_the_old_report_whole(study):
    import signal
    import time

    path = study()
    old = path.parent / "out"
    old.mkdir()
    (old / "run.json").write_text(OLD, "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "hecsr", "run", str(path), "--output", str(old)],
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    first = process.stderr.readline()
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    try:
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert "comparison" in first
    assert process.returncode == 130, errors
    assert "stopped" in errors
    assert "Traceback" not in errors
    assert [p.name for p in old.iterdir()] == ["run.json"]
    assert [p.name for p in path.parent.iterdir() if p.name.startswith(".")] == []


def test_errors_are_of_the_package(study, tmp_path):
    with pytest.raises(ConfigError):
        run_analysis(tmp_path / "none.toml")
    frame = small(hardness=["1", "x", "3", "4", "5", "6"])
    with pytest.raises(BadRowsError):
        run_analysis(study(frame=frame), output=tmp_path / "out")
    assert issubclass(MissingDataError, HecsrError)
    assert Path(tmp_path / "out").exists() is False
