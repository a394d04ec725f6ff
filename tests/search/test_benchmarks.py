"""The benchmark: its workloads, its laws, its reference, and a short run."""

import importlib
import json
import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from hecsr.formula.expression import evaluate

FOLDER = Path(__file__).parents[2] / "analyses" / "benchmarks"


@pytest.fixture
def part(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


def run(script, *words):
    return subprocess.run(
        [sys.executable, str(FOLDER / script), *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "shape", "first", "last", "target", "spread"),
    [
        ("W1", (60, 10), 1.125703, 1.933363, -1.31599045, 2.729222853974744),
        ("W2", (150, 15), 1.784141, 3.289422, 1.99095322, 3.1442068744321467),
        ("W3", (100, 6), 0.948913, 2.794003, 2.32893778, 2.3979672480990213),
        ("W3s", (100, 5), 0.948913, 1.405063, 2.32893778, 2.3979672480990213),
        ("W3u", (100, 6), 0.948913, 2.794003, 2.32893778, 2.3979672480990213),
        ("W4", (1000, 10), 2.549649, 1.746851, 0.90954805, 6.4584617539385345),
    ],
)
def test_workloads_hold_the_known_numbers(
    part, name, shape, first, last, target, spread
):
    work = part("workloads").workload(name)
    assert work.values.shape == shape
    assert work.values[0, 0] == first
    assert work.values[-1, -1] == last
    assert work.target[0] == target
    assert work.target.std() == pytest.approx(spread, rel=1e-14)
    noise = work.target - work.clean
    assert 0.01 < noise.std() / work.clean.std() < 0.03


def test_population_draws_more_of_the_same(part):
    workloads = part("workloads")
    work = workloads.workload("W2")
    fresh = workloads.population("W2").draw(np.random.default_rng(1), 5000)
    assert fresh.shape == (5000, 15)
    spread = work.values.std(axis=0)
    assert np.all(np.abs(fresh.mean(axis=0) - work.values.mean(axis=0)) < spread)
    assert np.corrcoef(fresh.T)[0, 1] == pytest.approx(
        np.corrcoef(work.values.T)[0, 1], abs=0.25
    )


def test_laws_are_lawful_varied_and_the_same_with_noise(part):
    laws = part("laws")
    clean, noisy = laws.random_laws(6, 0.0), laws.random_laws(6, 0.02)
    assert [str(law) for law in clean] == [str(law) for law in noisy]
    assert {len(law.terms) for law in clean} == {2, 3}
    for law, other in zip(clean, noisy, strict=True):
        work = law.work
        assert np.array_equal(work.target, work.clean)
        assert np.array_equal(work.values, other.work.values)
        assert not np.array_equal(other.work.target, work.target)
        table = dict(zip(work.names, work.values.T, strict=True))
        terms = [evaluate(term, table) for term in law.terms]
        parts = [c * t for c, t in zip(law.coefficients[1:], terms, strict=True)]
        np.testing.assert_allclose(sum(parts) + law.coefficients[0], work.clean)
        sizes = [p.std() for p in parts]
        assert max(sizes) < 3 * min(sizes)
        assert all(laws.correlation(a, b) < 0.9 for a, b in combinations(terms, 2))
        assert np.isfinite(law.truth).all()


def test_planted_laws_are_those_of_the_workloads(part):
    for law in part("laws").planted_laws():
        work = law.work
        table = dict(zip(work.names, work.values.T, strict=True))
        terms = [evaluate(term, table) for term in law.terms]
        total = sum(c * t for c, t in zip(law.coefficients[1:], terms, strict=True))
        np.testing.assert_allclose(total, work.clean, rtol=1e-12, atol=1e-12)


def test_reference_finds_a_law_and_counts_its_work(part):
    work = part("workloads").workload("W1").first(6)
    work = replace(work, operators=("+", "*", "/", "sqrt", "^2"), rungs=1, terms=2)
    target = 2 * work.values[:, 0] / work.values[:, 1] - np.sqrt(work.values[:, 2])
    work = replace(work, target=target)
    answer = part("reference").search(work, sis=10, terms=2)
    assert set(answer.terms[1]) == {"(f01/f02)", "sqrt(f03)"}
    assert answer.rmse[1] < 1e-12
    # per pair a sum, a product and two quotients; two functions of each; themselves
    assert answer.candidates == 2 * (15 * 4 + 6 * 2 + 6)
    assert answer.models == 10 + 190


@pytest.mark.slow
def test_short_run_prints_its_table_and_writes_its_figures(tmp_path):
    path = tmp_path / "figures.json"
    done = run("sisso.py", "--quick", "--json", path)
    assert done.returncode == 0, done.stdout + done.stderr
    for word in ("GFLOP/s", "float32", "whole fit", "models", "SISSO's own", "agree"):
        assert word in done.stdout
    figures = json.loads(path.read_text("utf-8"))
    assert figures["failed"] == {}
    assert figures["machine"]["dgemm"] > 1e8
    assert all(np.isfinite(e["value"]) for e in figures["entries"])
    answers = [e for e in figures["entries"] if e["unit"] == "rmse"]
    assert {e["verdict"] for e in answers} == {"equal"}


def test_unknown_parts_are_refused():
    done = run("sisso.py", "--only", "screning")
    assert done.returncode == 2
    assert "unknown parts: screning" in done.stderr


@pytest.mark.slow
def test_recovery_of_a_few_laws(tmp_path):
    path = tmp_path / "trials.json"
    words = ["--laws", 2, "--noise", 0, "--only", "SISSO", "--no-workloads"]
    done = run("recovery.py", *words, "--json", path, "--figure", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "recovered" in done.stdout
    trials = json.loads(path.read_text("utf-8"))["trials"]
    assert {t["law"] for t in trials} == {"law 1", "law 2"}
    assert all(t["seconds"] > 0 and t["found"] for t in trials)
    assert (tmp_path / "recovery.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "recovery.png").read_bytes().startswith(b"\x89PNG")
