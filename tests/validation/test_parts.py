"""Parts: each done once, kept whole, and gone on with after a stop."""

import json
import math
import os
import time

import numpy as np
import pandas as pd
import pytest
from joblib import delayed, effective_n_jobs
from sklearn.ensemble import RandomForestRegressor
from stand_ins import BestColumn

from hecsr.errors import OutputError
from hecsr.result import Competitor
from hecsr.validation.compare import Entrant, compare, fitted_model
from hecsr.validation.folds import k_fold
from hecsr.validation.parts import Part, Runner, digest
from hecsr.validation.problem import make_problem
from hecsr.validation.store import Store, count_parts, remove_parts


def square(x):
    return {"x": x, "square": x * x}


def squares(n, log=None):
    def counted(x):
        log.append(x)
        return square(x)

    call = delayed(square if log is None else counted)
    return [Part("square", (i,), call(i)) for i in range(n)]


class StopAfter:
    """Ctrl-C, once so many parts are finished."""

    def __init__(self, parts):
        self.parts = parts

    def __call__(self, stage, done, total, left=None):
        if done == self.parts:
            raise KeyboardInterrupt


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_results_come_in_the_order_of_the_parts(n_jobs):
    found = Runner(n_jobs=n_jobs).run("squares", squares(6))
    assert found == [square(i) for i in range(6)]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_stopped_run_goes_on_where_it_was(tmp_path, n_jobs):
    with pytest.raises(KeyboardInterrupt):
        Runner(n_jobs=n_jobs, store=Store(tmp_path, "c"), show=StopAfter(4)).run(
            "squares", squares(10)
        )
    assert count_parts(tmp_path) == 4
    told = []
    runner = Runner(n_jobs=n_jobs, store=Store(tmp_path, "c"), show=told_to(told))
    assert runner.run("squares", squares(10)) == [square(i) for i in range(10)]
    assert told[0][:3] == ("squares", 4, 10)
    assert len(told) == 7


def test_the_work_of_a_stage_counts_its_parts_and_the_seconds_of_earlier_runs(tmp_path):
    store = Store(tmp_path, "c").open()
    for i in range(2):
        store.put("squares", (i,), square(i), 100.0)
    runner = Runner(n_jobs=1, store=store)
    runner.run("squares", squares(5))
    runner.run("nothing", [])
    runner.run("others", squares(1))
    assert list(runner.work) == ["squares", "others"]
    work = runner.work["squares"]
    assert (work.parts, work.taken_up) == (5, 2)
    assert 200 < work.seconds < 210
    assert runner.work["others"].taken_up == 0
    again = Runner(store=Store(tmp_path, "c"))
    again.run("squares", squares(5))
    assert again.work["squares"].taken_up == again.work["squares"].parts == 5
    assert again.work["squares"].seconds == pytest.approx(work.seconds)


def test_a_stage_without_parts_is_not_shown_and_no_longer_expected():
    told = []
    runner = Runner(n_jobs=1, show=told_to(told))
    runner.expect("nothing", "square", 1000)
    runner.run("squares", squares(1))
    assert told[-1][3] > 0
    assert runner.run("nothing", []) == []
    runner.run("others", squares(1))
    assert {stage for stage, *_ in told} == {"squares", "others"}
    assert told[-1][3] == 0


def told_to(log):
    return lambda *told: log.append(told)


def test_no_finished_part_is_done_again(tmp_path):
    done = []
    with pytest.raises(KeyboardInterrupt):
        Runner(store=Store(tmp_path, "c"), show=StopAfter(3)).run(
            "squares", squares(5, done)
        )
    assert done == [0, 1, 2]
    Runner(store=Store(tmp_path, "c")).run("squares", squares(5, done))
    assert sorted(done) == [0, 1, 2, 3, 4]
    # all are there now, and another stage or context is another matter
    Runner(store=Store(tmp_path, "c")).run("squares", squares(5, done))
    assert len(done) == 5
    Runner(store=Store(tmp_path, "c")).run("others", squares(5, done))
    Runner(store=Store(tmp_path, "d")).run("squares", squares(5, done))
    assert len(done) == 15


def test_a_stopped_comparison_ends_like_an_unbroken_one(tmp_path):
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(30, 3)), columns=list("abc"))
    y = 3 * X["a"].to_numpy() + 0.1 * rng.normal(size=30)
    problem = make_problem(X, y, task="regression")
    field = [
        Entrant(Competitor("best", "Best", "formula", "", "best"), BestColumn()),
        Entrant(
            Competitor("rf", "RF", "black box", ""), RandomForestRegressor(5)
        ),
    ]  # fmt: skip

    def run(show=lambda *_: None, store=True):
        kept = Store(tmp_path, "c") if store else None
        runner = Runner(n_jobs=1, store=kept, show=show)
        return compare(field, problem, [k_fold(y)], runner=runner)

    unbroken = run(store=False)
    with pytest.raises(KeyboardInterrupt):
        run(StopAfter(6))
    told = []
    resumed = run(told_to(told))
    assert told[0][:3] == ("comparison", 6, 10)
    for name in ("scores", "predictions", "undefined", "choices"):
        one, two = getattr(unbroken, name), getattr(resumed, name)
        pd.testing.assert_frame_equal(one, two, check_exact=True)
    # models are not kept: they are fitted again, to the same
    lost = [kept for kept in resumed.models if kept.model is None]
    assert len(lost) == 6
    for one, two in zip(unbroken.models, resumed.models, strict=True):
        again = fitted_model(two, problem)
        assert np.array_equal(one.model.predict(X), again.predict(X))


def test_every_digit_is_kept(tmp_path):
    values = [0.1 + 0.2, math.nan, math.inf, -0.0, 5e-324, 1e308, 2**53 + 1.0]

    def run():
        part = Part("v", ("v",), delayed(lambda: values)())
        return Runner(store=Store(tmp_path, "c")).run("values", [part])[0]

    assert list(map(repr, run())) == list(map(repr, run())) == list(map(repr, values))


def test_what_is_not_encoded_is_the_same_fresh_and_read_again(tmp_path):
    part = [Part("t", (None,), delayed(lambda: {"pair": (1, 2)})())]
    fresh = Runner(store=Store(tmp_path, "c")).run("t", part)
    assert fresh == Runner(store=Store(tmp_path, "c")).run("t", part)
    assert fresh == Runner().run("t", part) == [{"pair": [1, 2]}]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: "[1]",
        lambda text: text.replace('"format": 1', '"format": 99'),
        lambda text: text.replace('"key": [0]', '"key": [1]'),
        lambda text: text.replace('"seconds": ', '"seconds": "x", "s": '),
        lambda text: text.replace('"seconds": ', '"seconds": NaN, "s": '),
        lambda text: text.replace('"seconds": ', '"seconds": -1, "s": '),
        lambda text: text.replace('"value"', '"valve"'),
        lambda text: text.replace('"square"', '"other"'),
    ],
)
def test_a_damaged_part_is_done_again(tmp_path, damage):
    def run(log):
        return Runner(store=Store(tmp_path, "c")).run(
            "squares", squares(1, log), encode=dict, decode=lambda v: {
                "x": v["x"], "square": v["square"]
            }
        )  # fmt: skip

    run([])
    (path,) = tmp_path.glob("*/*/*.json")
    path.write_text(damage(path.read_text("utf-8")), "utf-8")
    log = []
    assert run(log) == [square(0)]
    assert log == [0]
    # and is whole again
    assert run(log) == [square(0)]
    assert log == [0]


def test_a_part_that_is_cut_off_while_written_leaves_nothing(tmp_path, monkeypatch):
    def cut(*_):
        raise KeyboardInterrupt

    store = Store(tmp_path, "c").open()
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr("pathlib.Path.replace", cut)
    with pytest.raises(KeyboardInterrupt):
        store.put("s", (1,), 1, 0.0)
    after = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert after == [p for p in before if p.is_file()]


def test_a_folder_that_cannot_be_written_is_refused_before_the_work(tmp_path):
    (tmp_path / "file").write_text("mine")
    log = []
    with pytest.raises(OutputError, match=r"kept in .*file: .*; name another"):
        Runner(store=Store(tmp_path / "file", "c")).run("s", squares(2, log))
    assert log == []
    if os.name == "posix" and os.geteuid() != 0:
        tmp_path.chmod(0o500)
        with pytest.raises(OutputError, match="Permission denied"):
            Store(tmp_path / "new", "c").open()
        tmp_path.chmod(0o700)


def test_old_contexts_make_room_and_other_files_stay(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.json").write_text("{}")
    for i in range(12):
        store = Store(tmp_path, f"context {i}").open()
        store.put("s", (0,), i, 0.0)
        # newer ones need to be newer on a coarse clock too
        os.utime(store.place / "hecsr-parts.json", ns=(0, i))
    Store(tmp_path, "context 12").open()
    assert Store(tmp_path, "context 0").get("s", (0,)) is None
    assert Store(tmp_path, "context 11").get("s", (0,))["value"] == 11
    assert count_parts(tmp_path) == 7
    assert count_parts(tmp_path, newest=True) == 0
    Store(tmp_path, "context 12").put("s", (0,), 12, 0.0)
    assert count_parts(tmp_path, newest=True) == 1
    remove_parts(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]
    remove_parts(tmp_path / "never there")
    assert count_parts(tmp_path / "never there") == 0


def test_an_empty_folder_of_parts_is_removed_with_them(tmp_path):
    folder = tmp_path / "out.parts"
    Store(folder, "c").open()
    assert count_parts(folder) == 0
    remove_parts(folder)
    assert not folder.exists()


def test_a_part_that_is_too_big_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("hecsr.validation.store._BYTES", 1000)
    store = Store(tmp_path, "c").open()
    store.put("s", (0,), list(range(1000)), 0.0)
    assert store.get("s", (0,)) is None


def test_an_error_in_a_part_keeps_the_others(tmp_path):
    def fails():
        raise RuntimeError("no")

    parts = [*squares(3), Part("fails", ("f",), delayed(fails)())]
    # the first of each kind goes first, so that the time left is known early
    with pytest.raises(RuntimeError, match="no"):
        Runner(n_jobs=1, store=Store(tmp_path, "c")).run("s", parts)
    assert count_parts(tmp_path) == 1


def test_the_time_left_counts_all_that_was_announced():
    def wait(seconds):
        time.sleep(seconds)

    told = []
    runner = Runner(n_jobs=1, show=told_to(told))
    runner.expect("later", "wait", 10, like=("now", "wait"), times=2)
    runner.run("now", [Part("wait", (i,), delayed(wait)(0.02)) for i in range(4)])
    left = [seconds for *_, seconds in told]
    assert left[0] is None
    # 3 parts at 20 ms, and 10 at twice that; a busy machine takes longer
    assert 0.46 <= left[1] < 2
    assert left == [None, *sorted(left[1:], reverse=True)] or left[-1] > 0.39
    runner.run("later", [Part("wait", (i,), delayed(wait)(0)) for i in range(2)])
    assert told[-1] == ("later", 2, 2, 0.0)


def test_a_part_works_on_one_thread_wherever_it_is_done():
    # or a forest would add up its trees in another order
    part = Part("n", (), delayed(lambda: effective_n_jobs(-1))())
    assert Runner(n_jobs=1).run("n", [part]) == [1]


def test_rows_are_told_apart_by_their_digest():
    a = np.arange(4)
    assert digest(a, a) != digest(a) != digest(a.astype(float))
    assert digest(a.reshape(2, 2)) != digest(a)
    assert digest(a) == digest(a.copy())
    names = digest(np.array(["x", "yy"], dtype=object))
    assert names == digest(np.array(["x", "y" + "y"], dtype=object))
    assert json.dumps(names)
