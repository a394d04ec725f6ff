"""A made-up study with everything that a report may show."""

from dataclasses import replace

from agreements import with_agreement
from compared import comparison_of
from doubts import ROWS, doubted
from equal_formulas import a_set
from mapped import mapped
from placed import placed
from recurring import stable
from scrambles import chance_of, space_of
from sharing import sharing

from hecsr.validation.significance import significance


def whole(study):
    """Return the study as after the long validation; of classes with doubts."""
    study = placed(with_agreement(with_significance(study)))
    study = mapped(study)
    task = study.data.task
    if task == "classification":
        study = doubted(study, ROWS)
    study = sharing(study, study.primary_metric)
    return replace(
        study,
        full=True,
        chance=chance_of(study.primary_metric, space_of()),
        stability=stable(study, hits=3),
        rashomon=(a_set(task),),
    )


def with_significance(study):
    """Return the study with tests of its differences, in a metric that has them."""
    task = study.data.task
    metric = "mae" if task == "regression" else "balanced_accuracy"
    made = comparison_of(
        study.predictions,
        study.competitors,
        task,
        named=("leave-one-element-out",),
        hard=("rule_vec",),
    )
    found = significance(made, metric, draws=200)
    return replace(study, primary_metric=metric, significance=found)
