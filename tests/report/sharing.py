"""Terms shared with companions, made up from the study's own formula."""

from dataclasses import replace

import numpy as np
import pandas as pd
from compared import comparison_of

from hecsr.formula.formula import Target
from hecsr.result import Competitor, MultiTaskResult, SetAside, SharedTask
from hecsr.units import parse_unit
from hecsr.validation.significance import significance

BOTH = (
    Competitor("alone", "SISSO on carbide alone", "formula", "as it is"),
    Competitor("companions", "SISSO with companions", "formula", "with more rows"),
)
EFA = Target("efa", "entropy-forming ability", unit=parse_unit("1/eV"))
LACKING = SetAside("the tables lack data", 44, "first missing for r_metallic: Ce")


def tasks_of(study):
    formula = next(f.formula for f in study.formulas if f.chosen)
    own = formula.with_(provenance={})
    classes = study.data.task == "classification"
    n = study.data.rows_used
    numbers = own.with_(task="regression", target=EFA, n_samples=421)
    if not classes:
        numbers = own.with_(target=EFA, n_samples=421)
    shared = {"kind": study.data.task, "target": study.data.target}
    found = [
        SharedTask(
            "carbide", "formability", rows=n, second=60 if classes else None,
            weight=1.0, role="own", set_aside=(), formula=own, **shared,
        ),
        SharedTask(
            "efa", "efa", EFA, "regression", 421, None, 0.2375, "searched", (), numbers
        ),
    ]  # fmt: skip
    if classes:
        lent = {"table": "formability", "weight": 1.0} | shared
        found += [
            SharedTask(
                "oxide", rows=52, second=47, role="lends", set_aside=(LACKING,),
                formula=own.with_(n_samples=52), **lent,
            ),
            SharedTask(
                "diboride", rows=13, second=13, role="silent", set_aside=(),
                formula=own.with_(n_samples=13), **lent,
            ),
        ]  # fmt: skip
    return tuple(found)


def sharing(study, metric, *, helped=None):
    """Return the study with companions that help, harm, or are not shown to."""
    held = study.predictions
    main = held[(held["scheme"] == "grouped") & (held["competitor"] == "sisso")]
    other = {None: "sisso", True: "sisso", False: "mean"}[helped]
    better = held[(held["scheme"] == "grouped") & (held["competitor"] == other)]
    worse = main
    if helped:
        worse = held[(held["scheme"] == "grouped") & (held["competitor"] == "mean")]
    pair = [
        one.assign(competitor=name)
        for name, one in (("alone", worse), ("companions", better))
    ]
    made = comparison_of(pd.concat(pair, ignore_index=True), BOTH, study.data.task)
    tasks = tasks_of(study)
    rows = [
        {
            "task": task.label, "coefficient": c.name, "term": "", "value": c.value,
            "standard_error": np.nan, "unit": c.unit.text, "rows": task.rows,
        }
        for task in tasks
        for c in task.formula.coefficients
    ]  # fmt: skip
    folds = main[["scheme", "repeat", "fold"]].drop_duplicates(ignore_index=True)
    return replace(
        study,
        multitask=MultiTaskResult(
            tasks=tasks,
            competitors=BOTH,
            schemes=study.schemes[:1],
            scores=made.scores,
            predictions=made.predictions,
            significance=significance(made, metric, draws=200),
            left_out=folds.assign(rows=np.arange(len(folds)) + 7),
            coefficients=pd.DataFrame(rows),
            min_per_class=10,
            as_compared=True,
        ),
    )
