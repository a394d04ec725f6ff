"""The laws of materials science, and when a formula counts as one of them."""

import importlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hecsr.formula.expression import Call, Constant, constants
from hecsr.formula.formula import Coefficient, Formula
from hecsr.formula.grammar import parse

FOLDER = Path(__file__).parents[2] / "analyses" / "benchmarks"


@pytest.fixture
def part(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


@pytest.fixture
def law(part):
    return lambda name: part("materials").chosen([name])[0]


def formula(law, text, **values):
    """A formula with these constants, of classes inside the logistic link."""
    expression = parse(text, constants=values)
    # nothing but the constants that stand in the text
    assert set(constants(expression)) == set(values)
    if law.task == "classification":
        expression = Call("logistic", expression)
    return Formula(
        expression=expression,
        variables=law.descriptors,
        coefficients=tuple(Coefficient(n, v) for n, v in values.items()),
        target=law.target,
        task=law.task,
    )


def mean(law, value):
    text = Formula(Constant("c0"), (), (Coefficient("c0", value),), law.target)
    if law.task == "classification":
        text = replace(text, expression=Call("logistic", Constant("c0")), task=law.task)
    return text


def test_laws_are_many_and_stand_in_tables_of_the_stated_size(part):
    laws = [one for one in part("materials").LAWS if one.text]
    assert len(laws) >= 14
    assert len({one.name for one in laws}) == len(laws)
    assert {one.kind for one in laws} == set(part("planted").KINDS[:3])
    for one in laws:
        names = [q.name for q in one.quantities]
        assert len(set(names)) == len(names)
        assert one.names == {q.name for q in one.true}
        assert 6 <= len(names) - len(one.true) <= 10
        assert 60 <= one.samples <= 120
        assert one.source
        assert one.shadows


def test_laws_are_defined_and_vary_all_over_their_ranges(part):
    for one in part("materials").LAWS:
        table = one.table(0.0, 0)
        value = one.value(table.fresh)
        assert np.isfinite(value).all()
        for q in one.quantities:
            assert table.fresh[q.name].min() >= q.low
            assert table.fresh[q.name].max() <= q.high
            assert table.columns[q.name].std() > 0
        if one.text and one.task == "regression":
            assert value.std() > 0.01 * abs(value.mean())
        if one.task == "classification":
            assert 0.2 < one.table(0.05, 1).y.mean() < 0.8


def test_every_variable_of_a_law_matters(part):
    for one in part("materials").LAWS:
        if not one.text:
            continue
        table = one.table(0.0, 0)
        score = one.score(table.fresh)
        for name in one.names:
            held = {**table.fresh, name: np.full_like(score, table.fresh[name].mean())}
            assert np.std(one.score(held) - score) > 0.05 * score.std(), (one, name)


def test_shadows_follow_and_the_others_do_not(part):
    for one in part("materials").LAWS:
        fresh = one.table(0.0, 0).fresh
        ranks = np.array([np.argsort(np.argsort(x)) for x in fresh.values()])
        likeness = np.corrcoef(ranks)
        place = {name: j for j, name in enumerate(fresh)}
        follows = {(q.name, leader) for q, leader in one.shadows}
        for a, i in place.items():
            for b, j in place.items():
                if {(a, b), (b, a)} & follows:
                    assert 0.6 < likeness[i, j] < 0.75
                elif i != j:
                    assert abs(likeness[i, j]) < 0.06


def test_samples_of_a_seed_are_the_same_for_every_noise(law):
    one = law("Hall-Petch")
    clean, noisy, again = one.table(0.0, 1), one.table(0.05, 1), one.table(0.05, 1)
    other = one.table(0.05, 2)
    assert np.array_equal(noisy.y, again.y)
    for name, values in clean.columns.items():
        assert np.array_equal(values, noisy.columns[name])
        assert not np.array_equal(values, other.columns[name])
    np.testing.assert_array_equal(clean.y, one.value(clean.columns))
    share = np.std(noisy.y - clean.y) / one.value(clean.fresh).std()
    assert 0.035 < share < 0.065


def test_noise_of_labels_exchanges_that_share(law):
    one = law("Pugh")
    clean = np.concatenate([one.table(0.0, seed).y for seed in range(20)])
    noisy = np.concatenate([one.table(0.05, seed).y for seed in range(20)])
    assert set(clean) == {0.0, 1.0}
    assert np.mean(clean != noisy) == pytest.approx(0.05, abs=0.015)


def test_law_itself_is_recovered_whatever_the_noise(part):
    judging = part("judging")
    for one in part("materials").LAWS:
        if not one.text:
            continue
        table = one.table(0.0, 0)
        exact = formula(one, one.text)
        assert judging.verdict(exact, [], table, 0.0) == "recovered"
        assert judging.verdict(exact, [], table, 0.02) == "recovered"
        near = judging.nearness(exact, table)
        assert near.r2 == pytest.approx(1)
        assert near.accuracy == near.possible


def test_constants_count_without_noise_and_only_the_form_with_it(part, law):
    judging, one = part("judging"), law("Hall-Petch")
    table = one.table(0.0, 0)
    off = formula(one, "c0 + c1 * d^c2", c0=13.9, c1=2.9, c2=-0.48)
    assert not judging.is_law(off, table, 0.0)
    assert judging.is_law(off, table, 0.02)
    wrong = formula(one, "c0 + c1 / d", c0=15.0, c1=0.9)
    assert not judging.is_law(wrong, table, 0.02)


def test_score_of_classes_must_be_the_form(part, law):
    judging, one = part("judging"), law("Goldschmidt")
    table = one.table(0.0, 0)
    right = "c0 + c1 * (r_A + c2) / (r_B + c2)"
    assert judging.is_law(formula(one, right, c0=-30.0, c1=25.0, c2=1.2), table, 0.0)
    ratio = formula(one, "c0 + c1 * r_A / r_B", c0=-10.0, c1=5.0)
    assert not judging.is_law(ratio, table, 0.0)


def test_irrelevant_variable_spoils_a_law(part, law):
    judging, one = part("judging"), law("Omega")
    table = one.table(0.0, 0)
    more = formula(one, "c0 * T_m * S / H + c1 * VEC", c0=-0.001, c1=1e-12)
    assert judging.nearness(more, table).r2 == pytest.approx(1)
    assert judging.verdict(more, [], table, 0.0) == "missed"


def test_formula_that_is_undefined_somewhere_is_not_the_law(part, law):
    judging, one = part("judging"), law("Nix-Gao")
    table = one.table(0.0, 0)
    bad = formula(one, "c0 * sqrt(1 + c1 / h) + 0 * log(h - 1)", c0=14.5, c1=0.35)
    assert judging.nearness(bad, table).undefined > 0.1
    assert not judging.is_law(bad, table, 0.0)
    assert not judging.is_law(bad, table, 0.02)


def test_law_that_was_not_chosen_is_told_from_one_that_was_not_found(part, law):
    judging, one = part("judging"), law("Arrhenius")
    table = one.table(0.02, 0)
    right = formula(one, "c0 * exp(c1 * E_a / T)", c0=17.0, c1=-11500.0)
    other = formula(one, "c0 + c1 * T / E_a", c0=-1.704, c1=0.00071)
    assert judging.verdict(other, [other, right], table, 0.02) == "in front"
    assert judging.verdict(other, [other], table, 0.02) == "missed"
    close = formula(one, "c0 * exp(c1 * E_a / T) + c2", c0=18.3, c1=-1.17e4, c2=0.01)
    lax = replace(close, expression=parse("18 * exp(-11500 * E_a / T)"))
    lax = replace(lax, coefficients=())
    assert judging.verdict(close, [], table, 0.02) == "recovered"
    assert judging.verdict(lax, [], table, 0.02) == "near"


def test_silence_is_right_where_there_is_nothing(part, law):
    judging = part("judging")
    for name in ("nothing, numbers", "nothing, classes"):
        one = law(name)
        table = one.table(0.05, 0)
        assert not np.array_equal(table.y, one.table(0.0, 0).y)
        silent, loud = mean(one, 0.0), formula(one, "c0 * VEC", c0=0.1)
        assert judging.verdict(silent, [silent], table, 0.05) == "recovered"
        assert judging.verdict(loud, [silent, loud], table, 0.05) == "missed"


def test_trial_of_an_engine_is_the_same_again(part, law):
    trials, contestants = part("trials"), part("contestants")
    lasso = contestants.CONTESTANTS[0]
    one = law("Arrhenius, logarithm")
    first = trials.judged(one, lasso, 0.0, 0)
    again = trials.attempt(first.task)
    assert first.verdict == "recovered"
    assert first.irrelevant == ()
    assert first.seconds > 0
    assert replace(again, seconds=first.seconds) == first


def test_engine_that_fails_is_marked_and_named(part, law):
    trials, contestants = part("trials"), part("contestants")

    def broken(task, **options):
        raise ValueError("no such thing")

    made = contestants.Contestant("broken", broken, str)
    trial = trials.judged(law("Pugh"), made, 0.0, 0)
    assert trial.verdict == "failed"
    assert trial.found == "ValueError: no such thing"
    assert trial.as_json()["law"] == "Pugh"


def test_tables_and_figure_count_the_trials(part, law, tmp_path):
    from rich.console import Console

    trials, lasso = part("trials"), part("contestants").CONTESTANTS[0]
    first = trials.judged(law("Arrhenius, logarithm"), lasso, 0.0, 0)
    silent = trials.judged(law("nothing, numbers"), lasso, 0.0, 0)
    other = replace(first, verdict="in front", task=replace(first.task, seed=1))
    console = Console(width=120, record=True, file=(tmp_path / "out").open("w"))
    with console.file:
        console.print(part("engines_table").by_law([first, other, silent]))
        console.print(part("engines_table").about_engines([first, other, silent]))
    shown = console.export_text()
    assert "1/2 ◐" in shown
    assert "LASSO" in shown
    figure = part("engines_figure")
    figure.save(figure.draw([first, other, silent]), tmp_path)
    assert (tmp_path / "engines.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "engines.png").read_bytes().startswith(b"\x89PNG")


def test_unknown_names_are_refused(part, capsys):
    engines = part("engines")
    for words in (["--laws", "Hall-Petsch"], ["--engines", "LASSO; sisso"]):
        with pytest.raises(SystemExit):
            engines.main(words)
        assert "unknown" in capsys.readouterr().err


@pytest.mark.slow
def test_short_run_gives_the_same_for_any_number_of_jobs(tmp_path):
    path = tmp_path / "trials.json"
    words = ["--laws", "Omega;nothing, numbers", "--seeds", "1", "--noise", "0"]
    words += ["--engines", "LASSO;SISSO", "--json", str(path)]
    figures = []
    for jobs in ("1", "2"):
        done = subprocess.run(
            [sys.executable, str(FOLDER / "engines.py"), *words, "--jobs", jobs],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "4 fits" in done.stdout
        trials = json.loads(path.read_text("utf-8"))["trials"]
        assert [t["found"] for t in trials if t["verdict"] == "failed"] == []
        figures.append([{**t, "seconds": 0} for t in trials])
    assert figures[0] == figures[1]
    found = {(t["law"], t["contestant"], t["noise"]): t["verdict"] for t in figures[0]}
    assert found["Omega", "SISSO", 0.0] == "recovered"
    assert found["nothing, numbers", "SISSO", 0.0] == "recovered"
