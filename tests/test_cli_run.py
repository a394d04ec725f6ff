"""`hecsr run` as a user types it: what is handed on, and how a stop is told."""

import os
import shlex

import pytest
from typer.testing import CliRunner

import hecsr.study
from hecsr.cli import app
from hecsr.errors import HecsrError
from hecsr.validation.store import Store

runner = CliRunner()
TOML = """
name = "small"
title = "t"
question = "q"
task = "regression"
data = { table = "efa", target = "efa" }
engines.sisso = {}
"""


@pytest.fixture
def analysis(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "small.toml"
    path.write_text(TOML, "utf-8")
    return path


@pytest.fixture
def calls(monkeypatch):
    """Stand in for the run: remember what it is asked for, and do as told."""
    seen = {"raise": None}

    def stand_in(path, **given):
        seen.update(given, path=path)
        if seen["raise"] is not None:
            raise seen["raise"]
        return None, path

    monkeypatch.setattr(hecsr.study, "run_analysis", stand_in)
    monkeypatch.setattr(hecsr.study, "summary", lambda result, folder: "done")
    monkeypatch.setattr(hecsr.study, "time_spent", lambda result: "quickly")
    return seen


def hecsr_run(*words):
    return runner.invoke(app, ["run", *map(str, words)])


def test_the_options_of_a_run_are_handed_on(analysis, calls):
    done = hecsr_run(analysis)
    assert (done.exit_code, done.stdout) == (0, "done\n")
    assert done.stderr == "quickly\n"
    assert (calls["full"], calls["parts"], calls["dask"]) == (False, None, None)
    assert calls["n_jobs"] == -1
    hecsr_run(
        analysis, "--full", "--parts", "kept", "--dask", "tcp://h:8786", "--jobs", 2
    )
    assert (calls["full"], str(calls["parts"])) == (True, "kept")
    assert (calls["dask"], calls["n_jobs"]) == ("tcp://h:8786", 2)


@pytest.mark.parametrize(
    ("words", "folder"),
    [
        (["--full"], "reports/small.parts"),
        (["--full", "--output", "out"], "out.parts"),
        (["--full", "--output", "out", "--parts", "kept"], "kept"),
        (["--parts", "kept"], "kept"),
        (["--full", "--seed", "0", "--jobs", "2", "--paper", "letter"], None),
        (["--full", "--dask", "tcp://h:8786"], None),
        (["--parts", "my parts"], "my parts"),
    ],
)
def test_a_stopped_run_says_where_its_parts_are_and_how_it_goes_on(
    analysis, calls, tmp_path, words, folder
):
    calls["raise"] = KeyboardInterrupt()
    folder = folder or "reports/small.parts"
    older = Store(tmp_path / folder, "before the analysis was changed").open()
    older.put("s", (0,), 0, 0.0)
    os.utime(older.place / "hecsr-parts.json", ns=(0, 1))
    store = Store(tmp_path / folder, "c").open()
    for i in range(3):
        store.put("s", (i,), i, 0.0)
    done = hecsr_run(analysis, *words)
    assert done.exit_code == 130
    said, command = done.stderr.rstrip().split("; to go on from there: ")
    assert said == (
        "hecsr: stopped; what was there before is unchanged; 3 finished parts are kept "
        f"in {folder}"
    )
    # what is said can be typed, and asks for the same
    hecsr, run, path, *options = shlex.split(command)
    assert (hecsr, run, path) == ("hecsr", "run", str(analysis))
    asked = {**calls, "progress": None}
    again = hecsr_run(path, *options)
    assert {**calls, "progress": None} == asked
    assert again.stderr == done.stderr


def test_a_single_part_is_one(analysis, calls, tmp_path):
    calls["raise"] = KeyboardInterrupt()
    Store(tmp_path / "kept", "c").open().put("s", (0,), 0, 0.0)
    done = hecsr_run(analysis, "--parts", "kept")
    assert "; 1 finished part is kept in kept; to go on" in done.stderr


def test_a_stop_before_the_first_part_promises_nothing(analysis, calls):
    calls["raise"] = KeyboardInterrupt()
    for words in (["--full"], []):
        done = hecsr_run(analysis, *words)
        assert done.exit_code == 130
        assert done.stderr == "hecsr: stopped; what was there before is unchanged\n"


def test_a_cluster_that_is_not_there_is_a_message(analysis, calls):
    calls["raise"] = HecsrError("no Dask scheduler at 'x'")
    done = hecsr_run(analysis, "--dask", "x")
    assert done.exit_code == 2
    assert done.stderr == "hecsr: no Dask scheduler at 'x'\n"
