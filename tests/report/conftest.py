"""Two complete studies made up from a fixed seed: a regression and classes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from whole import whole

from hecsr.descriptors.descriptor import Descriptor
from hecsr.formula.expression import Binary, Variable, evaluate
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Interval, Target
from hecsr.result import (
    ClassMap,
    Competitor,
    DataSummary,
    DescriptorSummary,
    FormulaResult,
    RemovedDescriptor,
    Scheme,
    SetAside,
    ShapValues,
    SourceUse,
    StudyResult,
    Verdict,
)
from hecsr.search.overlap import overlap
from hecsr.study.class_maps import bare_terms
from hecsr.units import NUMBER, parse_unit
from hecsr.validation.bootstrap import bootstrap_intervals

METALS = ("Ti", "Zr", "Hf", "V", "Nb", "Ta", "Cr", "Mo", "W")
DESCRIPTORS = (
    Descriptor(
        "delta_r",
        "size mismatch",
        r"\delta_r",
        "delta_r",
        parse_unit("%"),
        family="radius",
        kind=2,
        equation=r"\sqrt{\sum_i c_i (1 - r_i / \overline{r})^2}",
        equation_typst=r"sqrt(sum_i c_i (1 - r_i \/ overline(r))^2)",
        source="Zhang et al. 2008",
    ),
    Descriptor(
        "vec_mean",
        "mean valence electron count",
        r"\overline{\mathrm{VEC}}",
        'overline(upright("VEC"))',
        parse_unit("electrons"),
        family="VEC",
        kind=2,
        equation=r"\sum_i c_i \mathrm{VEC}_i",
        equation_typst='sum_i c_i upright("VEC")_i',
        source="valences of the package's table",
    ),
    Descriptor(
        "chi_dev",
        "deviation of the Pauling electronegativity",
        r"\sigma_\chi",
        "sigma_chi",
        NUMBER,
        family="electronegativity",
        kind=2,
        equation=r"\sqrt{\sum_i c_i (\chi_i - \overline{\chi})^2}",
        equation_typst="sqrt(sum_i c_i (chi_i - overline(chi))^2)",
        source="Pauling scale",
    ),
    Descriptor(
        "tm_mean",
        "mean melting point",
        r"\overline{T_\mathrm{m}}",
        'overline(T_upright("m"))',
        parse_unit("K"),
        family="melting point",
        kind=2,
        equation=r"\sum_i c_i T_{\mathrm{m},i}",
        equation_typst='sum_i c_i T_(upright("m"), i)',
        source="CRC Handbook",
    ),
    Descriptor(
        "h_mix",
        "Miedema mixing enthalpy of the metals",
        r"\Delta H_\mathrm{mix}",
        'Delta H_upright("mix")',
        parse_unit("kJ/mol"),
        family="mixing enthalpy",
        kind=2,
        equation=r"4 \sum_{i<j} H_{ij} c_i c_j",
        equation_typst="4 sum_(i<j) H_(i j) c_i c_j",
        source="Takeuchi and Inoue 2005",
    ),
    Descriptor(
        "a_dev",
        "deviation of the precursors' lattice parameter",
        r"\sigma_a",
        "sigma_a",
        parse_unit("Å"),
        family="lattice",
        kind=2,
        equation=r"\sqrt{\sum_i c_i (a_i - \overline{a})^2}",
        equation_typst="sqrt(sum_i c_i (a_i - overline(a))^2)",
        source="precursor table",
    ),
    Descriptor(
        "my col_1 [%$#]",
        "supplied column",
        kind=3,
        family="supplied",
        latex="",
        typst="",
    ),
)
BY_NAME = {d.name: d for d in DESCRIPTORS}
REMOVED = (
    Descriptor("vec_range", "range of VEC", r"R_\mathrm{VEC}", 'R_upright("VEC")'),
    Descriptor(
        "s_mix", "mixing entropy", r"\Delta S", "Delta S", parse_unit("J/(mol K)")
    ),
)


def make(task: str, n: int = 90) -> StudyResult:
    """Make up a study whose frames hang together as those of a real run do."""
    rng = np.random.default_rng(5)
    sets = [sorted(rng.choice(METALS, size=5, replace=False)) for _ in range(n)]
    names = [f"({''.join(f'{m}0.2' for m in s)})C" for s in sets]
    low = np.array([1.0, 8.0, 0.05, 2300.0, -40.0, 0.02, 0.0])
    high = np.array([6.5, 10.5, 0.4, 3400.0, 5.0, 0.2, 1.0])
    values = low + (high - low) * rng.random((n, 7))
    frame = pd.DataFrame(values, columns=[d.name for d in DESCRIPTORS])
    columns = {name: frame[name].to_numpy() for name in frame}
    signal = 130.0 - 9.0 * columns["delta_r"] ** 2 / columns["vec_mean"]
    signal = signal - 60.0 * columns["chi_dev"] + 0.01 * columns["tm_mean"]
    regression = task == "regression"
    if regression:
        y = signal + rng.normal(0, 5, n)
        target = Target(
            "efa",
            "entropy-forming ability",
            r"\mathrm{EFA}",
            'upright("EFA")',
            parse_unit("1/eV"),
        )
        metrics, primary = ("mae", "rmse", "r2"), "mae"
    else:
        y = (signal + rng.normal(0, 8, n) > np.quantile(signal, 0.3)).astype(float)
        target = Target(
            "single_phase", "a single phase", r"P_\mathrm{sp}", 'P_upright("sp")'
        )
        metrics, primary = ("accuracy", "balanced_accuracy", "auc", "brier"), "auc"
    competitors = _competitors(regression=regression)
    schemes = (
        Scheme(
            "grouped",
            "Grouped 5-fold cross-validation",
            "no composition stands in both the training and the held-out rows",
            5,
            2,
        ),
        Scheme(
            "leave-one-element-out",
            "Leave one element out",
            "trained on the rows without an element, tested on those with it",
            len(METALS),
        ),
    )
    predictions, scores = _compared(
        rng, y, signal, names, sets, competitors, metrics, schemes
    )
    formulas = _formulas(columns, y, task, target, len(y))
    importance = _importance(rng)
    shap = tuple(
        ShapValues(
            c,
            _with_gap(
                (values - values.mean(0))
                / values.std(0)
                * 3.0
                / np.arange(1, 8)
                * rng.normal(1, 0.3, values.shape),
                c,
            ),
            _with_gap(values, c),
            "the predicted value" if regression else "the predicted probability",
        )
        for c in ("sisso", "random_forest")
    )
    parts = [
        {
            "part": "four or more metals",
            "competitor": c.name,
            "metric": m,
            "value": 0.8,
            "sd": 0.05,
            "n": 60,
        }
        for c in competitors
        for m in metrics
    ]
    classes = {"0": float((y == 0).sum()), "1": float(y.sum())}
    spread = {"mean": y.mean(), "sd": y.std(ddof=1), "min": y.min(), "max": y.max()}
    return StudyResult(
        name="sample_study",
        title="Entropy-forming ability of five-metal carbides",
        question="Which formula of the elements' properties tells how readily a "
        "five-metal carbide forms a single phase, and how far can it be trusted?",
        data=DataSummary(
            table="carbide_efa",
            description="entropy-forming ability of five-metal carbides",
            sha256="0123456789abcdef" * 4,
            rows_read=n + 12,
            rows_used=n,
            set_aside=(
                SetAside("no precursor data", 9, "Mn, Ir, Si, Sc, Y"),
                SetAside("no value of the target", 3),
            ),
            target=target,
            task=task,
            target_summary=spread if regression else classes,
            element_counts={m: sum(m in s for s in sets) for m in METALS},
            family_counts={"carbide": n},
            groups="rows of the same composition stay together",
            n_groups=n,
            sources=(
                SourceUse(
                    "divilov2024",
                    "S. Divilov et al., Nature 625, 66 (2024)",
                    "10.1038/s41586-023-06786-y",
                    n - 20,
                ),
                SourceUse("unattributed_7", "", "", 20),
            ),
            notes=("Every metal set occurs once and is equimolar.",),
            warnings=("2 rows deviate from the family's metal-to-anion ratio.",),
        ),
        descriptors=DescriptorSummary(
            computed=(*DESCRIPTORS, *REMOVED),
            entering=tuple(BY_NAME),
            removed=(
                RemovedDescriptor("vec_range", "correlates", "vec_mean", -0.97),
                RemovedDescriptor("s_mix", "constant on all rows"),
            ),
            entering_per_fold=(7, 7, 6, 7, 7, 7, 7, 7, 7, 7),
            kept_in_folds=dict.fromkeys(BY_NAME, 1.0) | {"a_dev": 0.9},
            threshold=0.9,
        ),
        competitors=competitors,
        schemes=schemes,
        primary_metric=primary,
        scores=scores,
        predictions=predictions,
        formulas=formulas,
        importance_metric="mean absolute error" if regression else "Brier score",
        importance=importance,
        in_sample_importance=pd.DataFrame(
            [
                ("sisso", "permutation", "delta_r", 0, 0, 4.2),
                ("sisso", "permutation", "vec_mean", 0, 0, 1.1),
                ("sisso", "shap", "delta_r", 0, 0, 7.1),
            ],
            columns=["competitor", "method", "name", "repeat", "fold", "value"],
        ),
        shap=shap,
        sub_scores=pd.DataFrame(parts),
        search_sizes={
            "sisso": {"candidates": 1_234_567, "models": 45_000_000, "rungs": 2},
            "lasso": {"candidates": 412, "models": 100},
        },
        settings={
            "seed": 1,
            "engines": {"sisso": {"operators": ["+", "-", "*", "/"], "terms": 3}},
            "validation": {"folds": 5, "repeats": 2},
        },
        command="hecsr run analyses/sample_study.toml --seed 1",
        seed=1,
        versions={"hecsr": "0.1.0", "numpy": "2.4.6", "Python": "3.11.7"},
        durations={"comparison": 61.234567, "report": 2.5},
        verdict=Verdict(
            (
                (
                    "The formula procedure is within one standard deviation of the "
                    "random forest."
                ),
                "Elements that are absent from the data are not covered.",
            )
        ),
        intervals=bootstrap_intervals(predictions, task, draws=50),
        class_maps=() if regression else _class_maps(formulas, columns, y),
        skipped={"PySR": "not asked for in this study"},
        notes=("One fold kept one descriptor less.",),
    )


def _class_maps(formulas, columns, y):
    found = []
    for one in formulas:
        if not one.chosen:
            continue
        features = bare_terms(one.formula)
        values = np.column_stack(
            [evaluate(f, columns, one.formula.constants) for f in features]
        )
        shared = overlap(values, y == 1)
        found.append(
            ClassMap(
                one.engine, features, values, y == 1, shared.samples, shared.size, 0.5
            )
        )
    return tuple(found)


def _competitors(*, regression: bool) -> tuple[Competitor, ...]:
    fronts = [
        Competitor(f"{e}:{k}", f"{label}, {k} terms", "front", "limited search", e, k)
        for e, label in (("sisso", "SISSO"), ("lasso", "LASSO"))
        for k in range(4)
    ]
    return (
        Competitor("sisso", "SISSO", "formula", "sparse search", "sisso"),
        Competitor("lasso", "LASSO", "formula", "sparse linear", "lasso"),
        *fronts,
        Competitor("random_forest", "Random forest", "black box", "500 trees"),
        Competitor("mlp", "Neural network", "black box", "tuned"),
        Competitor("rule_vec", "Rule: VEC ≥ 9", "rule", "a published rule"),
        Competitor(
            "mean", "Mean" if regression else "Class share", "baseline", "mean of y"
        ),
    )


_NOISE = {"sisso": 0.2, "lasso": 0.5, "random_forest": 0.25, "mlp": 0.4, "mean": 9.0}


def _compared(rng, y, signal, names, sets, competitors, metrics, schemes):
    n, classes = len(y), set(metrics) & {"auc"}
    predicted, rows = [], []
    for scheme in schemes:
        splits = []
        if scheme.name == "grouped":
            for repeat in range(2):
                order = rng.permutation(n)
                splits += [(repeat, f, "", order[f::5]) for f in range(5)]
        else:
            for f, metal in enumerate(METALS):
                held = np.array([i for i, s in enumerate(sets) if metal in s])
                splits.append((0, f, metal, held))
        for c in competitors:
            noise = _NOISE.get(c.name, 0.3 + 0.8 / (1 + (c.limit or 0)))
            for repeat, fold, label, held in splits:
                guess = signal[held] + rng.normal(0, noise * signal.std(), len(held))
                if c.name == "mean" or c.limit == 0:
                    guess = np.full(len(held), y.mean())
                elif classes:
                    z = (guess - np.quantile(signal, 0.3)) / 6
                    guess = 1 / (1 + np.exp(-z))
                    guess = guess.round() if c.kind == "rule" else guess
                run = {
                    "scheme": scheme.name,
                    "competitor": c.name,
                    "repeat": repeat,
                    "fold": fold,
                }
                predicted.append(
                    pd.DataFrame(
                        {
                            **run,
                            "sample": held,
                            "composition": [names[i] for i in held],
                            "observed": y[held],
                            "predicted": guess,
                            "threshold": 0.5,
                            "label": label,
                        }
                    )
                )
    frame = pd.concat(predicted, ignore_index=True)
    for keys, own in frame.groupby(["scheme", "competitor", "repeat"], sort=False):
        for fold, part in [*own.groupby("fold", sort=False), (-1, own)]:
            label = "all" if fold == -1 else part["label"].iloc[0]
            found = _scores(part["observed"].to_numpy(), part["predicted"].to_numpy())
            rows += [
                (*keys, fold, label, m, found[m], len(part))
                for m in metrics
                if not (keys[1] == "rule_vec" and m == "brier")
            ]
    columns = ["scheme", "competitor", "repeat", "fold", "fold_label", "metric"]
    scores = pd.DataFrame(rows, columns=[*columns, "value", "n"])
    return frame.drop(columns="label"), scores


def _scores(y, p):
    up, down = p[y == 1], p[y == 0]
    wins = (up[:, None] > down) + 0.5 * (up[:, None] == down)
    right = (p >= 0.5) == (y == 1)
    shares = [right[y == k].mean() if (y == k).any() else np.nan for k in (0, 1)]
    return {
        "mae": np.abs(p - y).mean(),
        "rmse": np.sqrt(((p - y) ** 2).mean()),
        "r2": 1 - ((p - y) ** 2).sum() / ((y - y.mean()) ** 2).sum(),
        "accuracy": right.mean(),
        "balanced_accuracy": np.mean(shares),
        "auc": wins.mean() if wins.size else np.nan,
        "brier": ((p - y) ** 2).mean(),
    }


def _formulas(columns, y, task, target, n):
    size, vec = Variable("delta_r"), Variable("vec_mean")
    spread, melting = Variable("chi_dev"), Variable("tm_mean")
    terms = {
        "sisso": [
            Binary("/", Binary("*", size, size), vec),
            Binary("*", spread, spread),
            Binary("/", Binary("*", melting, spread), Binary("*", vec, vec)),
        ],
        "lasso": [size, spread, Binary("*", melting, Variable("my col_1 [%$#]"))],
    }
    found = []
    for engine, label, chosen in (("sisso", "SISSO", 3), ("lasso", "LASSO", 2)):
        for limit in range(4):
            formula = fit_formula(
                terms[engine][:limit],
                columns,
                y,
                task=task,
                target=target,
                descriptors=BY_NAME,
            )
            interval = Interval(8.4, 0.9, "the held-out errors of the procedure")
            if task == "regression" and limit == chosen:
                formula = formula.with_(interval=interval)
            found.append(
                FormulaResult(
                    engine,
                    label,
                    limit,
                    formula,
                    limit == chosen,
                    inner_error=6.0 - limit,
                    inner_se=0.4,
                    chosen_in_folds=0.7 if limit == chosen else 0.1,
                )
            )
    return tuple(found)


def _importance(rng):
    rows = []
    families = list(dict.fromkeys(d.family for d in DESCRIPTORS))
    for competitor in ("sisso", "random_forest", "mlp"):
        for repeat in range(2):
            for fold in range(5):
                run = (repeat, fold)
                for i, d in enumerate(DESCRIPTORS):
                    if d.name == "a_dev" and run == (0, 2):
                        continue  # the filter removed it there
                    for method in ("permutation", "drop", "shap"):
                        value = 3.0 / (i + 1) + rng.normal(0, 0.2)
                        value = abs(value) if method == "shap" else value
                        rows.append((competitor, method, d.name, *run, value))
                for i, family in enumerate(families):
                    value = 2.0 / (i + 1) + rng.normal(0, 0.2)
                    rows.append((competitor, "drop-family", family, *run, value))
    columns = ["competitor", "method", "name", "repeat", "fold", "value"]
    return pd.DataFrame(rows, columns=columns)


def _with_gap(values, competitor):
    frame = pd.DataFrame(values, columns=[d.name for d in DESCRIPTORS])
    if competitor == "random_forest":
        frame.loc[10:20, "a_dev"] = np.nan
    return frame


@pytest.fixture(scope="session")
def regression() -> StudyResult:
    return make("regression")


@pytest.fixture(scope="session")
def classification() -> StudyResult:
    return make("classification")


@pytest.fixture(scope="session", params=["regression", "classification"])
def study(request) -> StudyResult:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def complete(study) -> StudyResult:
    """The study after the long validation; `study` is the short one."""
    return whole(study)


@pytest.fixture(scope="session")
def complete_of(regression, classification):
    return {s.data.task: whole(s) for s in (regression, classification)}
