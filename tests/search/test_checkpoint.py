"""Interrupted searches go on from their checkpoint as if nothing had happened."""

import json
import warnings
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import OutputError, SearchError, SearchWarning
from hecsr.search.sisso import checkpoint as files
from hecsr.search.sisso import journal
from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.units import parse_unit

SPACE = SearchSpace(operators=("+", "-", "*", "/", "|-|", "sqrt"), max_complexity=3)
OPTIONS = {
    "space": SPACE,
    "budget": Budget(sis=8),
    "max_terms": 2,
    "n_residuals": 2,
    "inner_folds": 0,
}


@pytest.fixture(autouse=True)
def _every_tile(monkeypatch):
    """Tell of every tile, and write a file after each."""
    monkeypatch.setattr(journal, "SHOWN", 0.0)
    monkeypatch.setattr(files, "INTERVAL", 0.0)


@pytest.fixture
def _hardly_written(monkeypatch):
    """Write no file during a screening unless it is interrupted."""
    monkeypatch.setattr(files, "INTERVAL", np.inf)


def problem(n=40):
    rng = np.random.default_rng(0)
    x = pd.DataFrame(rng.uniform(1, 3, (n, 4)), columns=list("abcd"))
    return x, x.a * x.b - 2 * x.c / x.d + 0.1 * rng.normal(size=n)


class Events:
    """Notes what is told, and interrupts at one event."""

    def __init__(self, stop=None):
        self.told = []
        self.stop = stop

    def __call__(self, progress):
        self.told.append(progress)
        if self.stop is not None and len(self.told) == self.stop:
            raise KeyboardInterrupt

    def tiles(self, dimension):
        return [
            p.done
            for p in self.told
            if p.stage == "screening" and p.dimension == dimension
        ]


def fitted(events=None, folder=None, engine=SissoRegressor, **options):
    x, y = problem()
    if engine is SissoClassifier:
        y = y > y.median()
    return engine(**OPTIONS | options).fit(x, y, callback=events, checkpoint=folder)


def interrupted(stop, folder, **options):
    with warnings.catch_warnings(), suppress(KeyboardInterrupt):
        warnings.simplefilter("ignore", SearchWarning)
        fitted(Events(stop), folder, **options)


def assert_same(one, other):
    assert one.front_ == other.front_
    assert one.models_ == other.models_


@pytest.mark.parametrize("engine", [SissoRegressor, SissoClassifier])
def test_a_search_interrupted_anywhere_ends_as_one_that_was_not(tmp_path, engine):
    events = Events()
    whole = fitted(events, engine=engine)
    assert len(events.tiles(1)) == len(events.tiles(2)) > 2
    for stop in range(1, len(events.told) + 1):
        folder = tmp_path / str(stop)
        interrupted(stop, folder, engine=engine)
        later = Events()
        assert_same(fitted(later, folder, engine=engine), whole)
        # no tile is scanned twice: that of the interrupt is on file already
        before = events.told[:stop]
        seen = {(p.dimension, p.done) for p in before if p.stage == "screening"}
        again = {(p.dimension, p.done) for p in later.told if p.stage == "screening"}
        assert not seen & again


@pytest.mark.usefixtures("_hardly_written")
@pytest.mark.parametrize("stop", [3, 4])
def test_an_interrupt_writes_what_is_there(tmp_path, stop):
    interrupted(stop, tmp_path)
    events = Events()
    assert_same(fitted(events, tmp_path), fitted())
    assert min(events.tiles(1)) == stop


def test_a_finished_search_is_not_repeated(tmp_path):
    first, events = fitted(folder=tmp_path), Events()
    assert_same(fitted(events, tmp_path), first)
    assert {p.stage for p in events.told} == {"size", "found"}


def test_threads_and_labels_are_no_part_of_a_search(tmp_path):
    whole = fitted()
    interrupted(4, tmp_path)
    events = Events()
    labelled = [Descriptor(name, label="something") for name in "abcd"]
    resumed = fitted(events, tmp_path, n_jobs=2, descriptors=labelled)
    assert [m.terms for m in resumed.models_[2]] == [m.terms for m in whole.models_[2]]
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"max_terms": 1},
        {"n_residuals": 1},
        {"budget": Budget(sis=7)},
        {"space": SearchSpace(rungs=1)},
        {"fit_intercept": False},
        {"descriptors": [Descriptor("a", unit=parse_unit("K"))]},
    ],
)
def test_another_search_has_another_file(tmp_path, change):
    fitted(folder=tmp_path)
    fitted(folder=tmp_path, **change)
    assert len(list(tmp_path.iterdir())) == 2


def test_other_numbers_have_another_file(tmp_path):
    x, y = problem()
    for factor in (1.0, 1.0 + 1e-15):
        SissoRegressor(**OPTIONS).fit(x, y * factor, checkpoint=tmp_path)
    weights = np.ones(len(y))
    SissoRegressor(**OPTIONS).fit(x, y, sample_weight=weights, checkpoint=tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


def test_inner_folds_resume_too(tmp_path):
    options = {"inner_folds": 3, "max_terms": 1}
    whole, events = fitted(**options), Events()
    fitted(events, tmp_path / "count", **options)
    interrupted(len(events.told) - 1, tmp_path / "folds", **options)
    assert len(list((tmp_path / "folds").iterdir())) >= 3
    assert_same(fitted(folder=tmp_path / "folds", **options), whole)
    assert len(list((tmp_path / "folds").iterdir())) == 4


def altered(**changes):
    def change(path):
        content = json.loads(path.read_text("utf-8"))
        content.update(changes)
        path.write_text(json.dumps(content), "utf-8")

    return change


def nested(place, value):
    def change(path):
        content = json.loads(path.read_text("utf-8"))
        inner = content
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = value
        path.write_text(json.dumps(content), "utf-8")

    return change


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: path.write_text(path.read_text()[:100]), "not JSON"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "decode"),
        (lambda path: path.write_text("[]"), "not a checkpoint"),
        (lambda path: path.write_text("[" * 100_000), "not JSON"),
        (altered(version=2), "version"),
        (altered(more=1), "more"),
        (altered(search="0" * 64), "another search"),
        (altered(features=""), "other features"),
        (altered(tiles=3), "tile 3 of 0"),
        (nested(["dimensions", 0, "pool", "left", 0], 10**6), "does not exist"),
        (nested(["dimensions", 0, "pool", "operator", 0], 99), "unknown operator"),
        (nested(["dimensions", 0, "pool", "right"], []), "unequal length"),
        (nested(["dimensions", 0, "models", 0, "members"], [999]), "members"),
        (nested(["dimensions", 1, "models", 0, "members"], [1, 1]), "members"),
        (nested(["dimensions", 0, "models", 0, "residual"], [1.0]), "1 samples"),
        (nested(["dimensions", 0, "models"], None), "no models"),
    ],
)
def test_a_file_that_cannot_be_relied_on_is_refused_by_name(tmp_path, damage, words):
    fitted(folder=tmp_path)
    (path,) = tmp_path.iterdir()
    damage(path)
    before = path.read_bytes()
    with pytest.raises(SearchError, match=words) as caught:
        fitted(folder=tmp_path)
    assert path.name in str(caught.value)
    assert "delete it" in str(caught.value)
    assert path.read_bytes() == before


def test_a_queue_of_other_tiles_is_refused(tmp_path):
    interrupted(4, tmp_path)
    (path,) = tmp_path.iterdir()
    altered(total=10**6)(path)
    with pytest.raises(SearchError, match="queue of"):
        fitted(folder=tmp_path)
    altered(total=10**6, kept=[])(path)
    with pytest.raises(SearchError, match="goals"):
        fitted(folder=tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    place = tmp_path / "file"
    place.write_text("")
    with pytest.raises((OutputError, SearchError), match="file"):
        fitted(folder=place)


def test_settings_that_cannot_be_told_apart_are_no_fingerprint():
    with pytest.raises(TypeError, match="fingerprint"):
        files._plain(object())
    assert files._plain({"b": {"z", "a"}, "a": np.float64(0.1)}) == {
        "a": "0x1.999999999999ap-4",
        "b": ["a", "z"],
    }
