"""What a run announces is what it then does."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sklearn.ensemble import RandomForestRegressor

from hecsr.baselines import black_box
from hecsr.config import parse_analysis
from hecsr.result import Competitor
from hecsr.search.operon.estimator import OperonFormula
from hecsr.search.operon.space import OperonBudget
from hecsr.search.pysr.estimator import PySRFormula
from hecsr.search.pysr.options import PySRBudget
from hecsr.study import run_study
from hecsr.study.announce import Announcer
from hecsr.study.doubt import find_doubts
from hecsr.study.doubt_cases import cases_of
from hecsr.study.engines import Engine, engines
from hecsr.study.rows import read_rows
from hecsr.study.samples import make_samples
from hecsr.validation.compare import Entrant
from hecsr.validation.folds import k_fold
from hecsr.validation.parts import Runner
from hecsr.validation.problem import make_problem

ENGINES = {
    "sisso": {
        "operators": ["*", "/"],
        "rungs": 1,
        "screened": 10,
        "terms": 2,
        "inner_folds": 2,
    },
    "lasso": {"terms": 2, "inner_folds": 2},
}
EFA = {
    "name": "a",
    "title": "t",
    "question": "q",
    "task": "regression",
    "data": {"table": "efa", "target": "efa", "select": {"dataset": ["divilov2024"]}},
    # more than a batch of refits
    "descriptors": {"use": ["vec", "delta", "chi_mean", "chi_dev", "fractions"]},
    "black_boxes": ["linear"],
    "validation": {
        "folds": 2,
        "full": {
            "repeats": 2,
            "black_boxes": ["decision_tree"],
            "scrambles": 1,
            "bootstraps": 1,
            "learning_sizes": [0.6, 1],
            "learning_repeats": 2,
        },
    },
    "engines": ENGINES,
    "explain": {"permutation_repeats": 1, "shap_background": 5},
}


class Recording(Runner):
    """Remembers what is announced, and what of it each stage then does."""

    def __init__(self, **given):
        super().__init__(**given)
        self.told, self.times = {}, {}
        self.stages = []

    def expect(self, stage, kind, n, *, like=None, times=1.0):
        super().expect(stage, kind, n, like=like, times=times)
        self.told.setdefault(stage, Counter())[kind] = n
        self.times[stage, kind] = times

    def run(self, stage, parts, **given):
        told = self.told.pop(stage, Counter())
        self.stages.append((stage, +told, Counter(part.kind for part in parts)))
        return super().run(stage, parts, **given)


@pytest.mark.parametrize("full", [True, False])
def test_every_part_of_a_run_was_announced(monkeypatch, tmp_path, full):
    made = []

    def recording(**given):
        made.append(Recording(**given))
        return made[0]

    monkeypatch.setattr("hecsr.validation.parts.Runner", recording)
    # a short run needs one engine to show what it leaves out
    asked = EFA if full else {**EFA, "engines": {"lasso": ENGINES["lasso"]}}
    result = run_study(
        parse_analysis(asked, "a.toml"),
        base=tmp_path,
        output=tmp_path / "out",
        n_jobs=1,
        full=full,
    )
    (runner,) = made
    for stage, told, done in runner.stages:
        assert told == done, stage
    # nothing is waited for that does not come
    assert runner.told == {}
    assert runner._forecast.left(1) == 0
    stages = [stage for stage, *_ in runner.stages]
    short = [
        "comparison", "permutation importance", "drop a descriptor", "drop a family",
        "SHAP", "partial dependence",
    ]  # fmt: skip
    long = [
        "scrambled targets", "feature space", "bootstraps",
        "coefficients on bootstraps", "Rashomon set", "learning curves",
    ]  # fmt: skip
    assert stages == short + (long if full else [])
    assert list(result.work) == stages
    for stage, _, done in runner.stages:
        assert result.work[stage].parts == done.total()


def announcer(names, problem, runner, **changes):
    """One that knows a fast engine, one with a smaller budget, and black boxes."""
    slow = OperonFormula(
        budget=OperonBudget(restarts=2, population=100, generations=20), inner_folds=5
    )
    light = OperonFormula(
        budget=OperonBudget(restarts=1, population=50, generations=10), inner_folds=2
    )
    operon = Engine("operon", "Operon", slow, "", refits=False, light=light)
    lasso = Engine("lasso", "LASSO", OperonFormula(inner_folds=4), "")
    field = [
        Entrant(Competitor(e.name, e.label, "formula", "", e.name), e.estimator)
        for e in (operon, lasso)
    ]
    field += [
        Entrant(Competitor(name, name, "black box", ""), black_box("knn", "regression"))
        for name in names
    ]
    content = {**EFA, "explain": {"black_boxes": ["random_forest"], **changes}}
    return Announcer(
        runner,
        parse_analysis(content, "a.toml"),
        [operon, lasso],
        field,
        problem,
        [k_fold(problem.y, n_splits=3)],
        full=True,
    )


@pytest.fixture(scope="module")
def problem():
    asked = parse_analysis(EFA, "a.toml")
    samples = make_samples(asked, read_rows(asked, Path(), Path()))
    return make_problem(samples.table, samples.y, task="regression")


def test_a_smaller_budget_is_counted_by_its_formulas_and_inner_folds(problem):
    runner = Recording(n_jobs=1)
    one = announcer(["rf"], problem, runner)
    operon, lasso = one.engines
    # each of the restarts hands over formulas that are refitted, some 20 000 in work
    light, whole = 1 * (50 * 10 + 20_000), 2 * (100 * 20 + 20_000)
    assert operon.repeated_share == pytest.approx(light * 3 / (whole * 6))
    assert lasso.repeated_share == 1
    one.announce()
    assert runner.times["bootstraps", "operon"] == operon.repeated_share
    assert runner.times["scrambled targets", "lasso"] == 1
    assert runner.times["learning curves", "operon, 0.6"] == pytest.approx(
        0.6 * operon.repeated_share
    )
    # a fit with all descriptors and one without
    assert runner.times["drop a family", "operon"] == 2 * operon.repeated_share
    # the search alone, without four inner folds
    columns = runner.times["drop a descriptor", "lasso"] * 5
    assert 1 < columns <= 8


def test_pysr_is_counted_by_its_mutations():
    whole, light = PySRBudget(), PySRBudget(iterations=4, populations=31)
    one = Engine(
        "pysr", "PySR", PySRFormula(budget=whole), "",
        light=PySRFormula(budget=light, inner_folds=2),
    )  # fmt: skip
    assert one.repeated_share == pytest.approx(4 / 40 * 3 / 6)


def test_one_black_box_stands_for_the_best_until_it_is_known(problem, monkeypatch):
    runner = Recording(n_jobs=1)
    one = announcer(["gp", "mlp", "rf"], problem, runner)
    one.announce()
    told = runner.told["learning curves"]
    assert set(+told) == {
        f"{n}, {s}" for n in ("operon", "lasso", "rf", "gp") for s in ("0.6", "1")
    }
    # two repeats of a part of the rows, one of all
    assert (told["rf, 0.6"], told["rf, 1"]) == (6, 3)
    best = [e for e in one.entrants if e.competitor.name in ("lasso", "mlp")]
    monkeypatch.setattr("hecsr.study.announce.learners", lambda *_: best)
    one.announce_learning(None, "mae")
    assert set(+told) == {f"{n}, {s}" for n in ("lasso", "mlp") for s in ("0.6", "1")}


def test_what_is_not_asked_for_is_not_announced(problem):
    runner = Recording(n_jobs=1)
    quick = announcer(["rf"], problem, runner, drop=False, shap=False)
    replace(quick, full=False).announce()
    assert set(runner.told) == {
        "comparison",
        "permutation importance",
        "partial dependence",
    }
    assert set(runner.told["permutation importance"]) == {"operon", "lasso", "rf"}
    # without the long validation what breeds for long is not refitted
    runner = Recording(n_jobs=1)
    replace(announcer(["rf"], problem, runner), full=False).announce()
    assert set(runner.told["drop a family"]) == {"lasso", "rf"}


def test_a_model_that_is_not_tuned_is_refitted_at_its_own_cost(problem):
    runner = Recording(n_jobs=1)
    one = announcer([], problem, runner)
    forest = Competitor("rf", "rf", "black box", "")
    replace(one, entrants=[Entrant(forest, RandomForestRegressor())]).announce()
    families = len(problem.families)
    batches = -(-families // 8)
    assert runner.told["drop a family"]["rf"] == 3 * batches
    assert runner.times["drop a family", "rf"] == families / batches


def test_doubtful_labels_are_announced_where_they_are_asked_for():
    content = {
        **EFA,
        "task": "classification",
        "data": {
            "table": "formability",
            "target": "single_phase",
            "select": {"quality": ["A", "B"]},
            "families": ["carbide"],
        },
        "doubt": {"engine": "lasso"},
    }
    asked = parse_analysis(content, "a.toml")
    samples = make_samples(asked, read_rows(asked, Path(), Path()))
    problem = make_problem(samples.table, samples.y, task="classification")
    found, _ = engines(asked, samples)
    doubts = find_doubts(asked, found, Path(), Path())
    runner = Recording(n_jobs=1)
    folds = [k_fold(problem.y, n_splits=4)]
    Announcer(runner, asked, found, [], problem, folds, doubts).announce()
    n = len(cases_of(doubts.doubtful)) * (4 + 1)
    assert runner.told["doubtful labels"] == {"lasso": n}
