"""One analysis from its TOML to a report."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.config import Analysis, load_analysis
from hecsr.errors import HecsrError
from hecsr.progress import Report, silent
from hecsr.result import (
    DescriptorSummary,
    RemovedDescriptor,
    StudyResult,
    Verdict,
)
from hecsr.study.announce import Announcer
from hecsr.study.class_maps import class_maps
from hecsr.study.cluster import cluster
from hecsr.study.companions import with_companions
from hecsr.study.correlations import correlations
from hecsr.study.doubt import doubt_labels, find_doubts
from hecsr.study.engines import engines
from hecsr.study.entrants import entrants
from hecsr.study.explain import explain, not_refitted
from hecsr.study.final import final_formulas
from hecsr.study.full import lengthened, long_validation
from hecsr.study.goal import goal
from hecsr.study.maps import make_maps
from hecsr.study.multitask import expect_sharing, share_terms
from hecsr.study.rows import read_rows
from hecsr.study.samples import Samples, make_samples
from hecsr.study.schemes import schemes as make_schemes
from hecsr.study.tasks import find_tasks
from hecsr.study.time_spent import Clock
from hecsr.study.trust import trust
from hecsr.study.used_rows import used_rows
from hecsr.study.verdict import against_kinds, make_verdict
from hecsr.study.versions import versions
from hecsr.validation.store import remove_parts

if TYPE_CHECKING:
    from hecsr.report.page import Paper
    from hecsr.validation.compare import Comparison
    from hecsr.validation.folds import Splits
    from hecsr.validation.parts import Runner
    from hecsr.validation.problem import Problem


def run_analysis(
    path: str | Path,
    *,
    output: str | Path | None = None,
    seed: int | None = None,
    n_jobs: int = -1,
    full: bool = False,
    parts: str | Path | None = None,
    dask: str | None = None,
    paper: Paper = "a4",
    progress: Report = silent,
) -> tuple[StudyResult, Path]:
    """Run an analysis file and write its report.

    Parameters
    ----------
    path
        The TOML file; a table of the user's is looked for relative to it.
    output
        Folder of the report; by default ``reports/<name>``.
    seed
        Takes the place of the analysis' own seed.
    n_jobs
        Processes at once, as joblib counts them; the result does not depend on it.
    full
        Whether the long validation is done: see `validation.full` of an analysis.
    parts
        Folder where finished parts of the work are kept, so that a run that was
        stopped goes on from there; it stays. By default, of a full run,
        ``<output>.parts``, which is removed once the report is written.
    dask
        Address of the scheduler of a Dask cluster that does the work.
    paper
        Paper of the PDF, 'a4' or 'letter'.

    Raises
    ------
    HecsrError
        If the analysis, the table or the folder is not as it must be; nothing that
        was there before is changed.
    """
    from hecsr.report.files import check, write

    source = Path(path)
    analysis = load_analysis(source)
    if seed is not None:
        analysis = analysis.model_copy(update={"seed": seed})
    folder = Path(output) if output is not None else Path("reports") / analysis.name
    check(folder)  # before the work, not after it
    kept = Path(parts) if parts is not None else parts_beside(folder)
    with cluster(dask) if dask is not None else nullcontext():
        result = run_study(
            analysis,
            base=source.parent,
            output=folder,
            n_jobs=n_jobs if dask is None else None,
            full=full,
            parts=kept if full or parts is not None else None,
            progress=progress,
            command=f"hecsr run {source.as_posix()}"
            + (" --full" if full else "")
            + (f" --seed {seed}" if seed is not None else ""),
        )
    progress("writing the report", 0, 1)
    written = write(result, folder, paper=paper)
    progress("writing the report", 1, 1)
    if full and parts is None:
        remove_parts(kept)
    return result, written


def parts_beside(folder: Path) -> Path:
    """Return where a full run keeps its finished parts: beside the report's folder."""
    return folder.with_name(f"{folder.name}.parts")


def run_study(
    analysis: Analysis,
    *,
    base: Path,
    output: Path,
    n_jobs: int | None = -1,
    full: bool = False,
    parts: Path | None = None,
    progress: Report = silent,
    command: str = "",
) -> StudyResult:
    """Carry out an analysis and return everything it found.

    Nothing is written but finished parts, into the folder `parts`.
    """
    from hecsr.importance.agreement import agreement
    from hecsr.validation.applicability import applicability
    from hecsr.validation.bootstrap import bootstrap_intervals
    from hecsr.validation.compare import compare
    from hecsr.validation.frames import sub_scores
    from hecsr.validation.significance import significance

    if full:
        analysis = lengthened(analysis)
    clock = Clock()
    metric = "mae" if analysis.task == "regression" else "balanced_accuracy"
    with clock("data"):
        samples = make_samples(analysis, read_rows(analysis, base, output))
        samples = with_companions(analysis, samples, n_jobs=n_jobs, progress=progress)
        problem = _problem(analysis, samples)
        schemes = make_schemes(analysis, samples)
        searches, skipped = engines(analysis, samples)
        field = entrants(analysis, searches, samples.table.descriptors)
        doubts = find_doubts(analysis, searches, base, output)
        tasks = find_tasks(analysis, samples, base, output)
        runner = _runner(analysis, samples, n_jobs, parts, progress)
        to_come = Announcer(
            runner, analysis, searches, field, problem, schemes, doubts, full=full
        )
        to_come.announce()
        if tasks is not None:
            expect_sharing(runner, analysis, samples)
    with clock("comparison"):
        comparison = compare(
            field,
            problem,
            schemes,
            seed=analysis.seed,
            decision=analysis.validation.decided,
            runner=runner,
        )
        to_come.announce_learning(comparison, metric)
    with clock("final formulas"):
        formulas, sizes, filter_ = final_formulas(
            analysis, searches, samples, problem, comparison, progress
        )
    with clock("explanation"):
        importance, in_sample, shap = explain(
            analysis, searches, problem, comparison, formulas, runner, slow=full
        )
        agreed = agreement(
            comparison, formulas, importance, shap, seed=analysis.seed, runner=runner
        )
    doubt = None
    if doubts is not None:
        with clock("doubtful labels"):
            doubt = doubt_labels(analysis, doubts, comparison, formulas, runner)
    with clock("with companions"):
        shared = share_terms(analysis, tasks, samples, problem, metric, runner)
    with clock("intervals"):
        differing = significance(comparison, metric, seed=analysis.seed)
        intervals = bootstrap_intervals(
            comparison.predictions,
            problem.task,
            groups=problem.groups,
            seed=analysis.seed,
        )
        domain = applicability(comparison, primary=metric, seed=analysis.seed)
    long = None
    if full:
        with clock("long validation"):
            long = long_validation(
                analysis,
                searches,
                field,
                problem,
                schemes[0],
                comparison,
                formulas,
                metric,
                runner,
            )
    verdict = make_verdict(
        comparison,
        formulas,
        metric,
        samples.target.unit.text,
        [s.scheme for s in schemes],
        differing,
    )
    paragraph = trust(
        comparison,
        differing,
        formulas,
        [s.scheme for s in schemes],
        domain,
        long,
        samples.target.unit.text,
    )
    beaten = against_kinds(differing, comparison.competitors)
    unit = samples.target.unit.text
    reached = goal(comparison, differing, formulas, unit, seed=analysis.seed)
    scored = sub_scores(
        comparison.predictions, samples.parts, analysis.task, hard=comparison.hard
    )
    described = _descriptor_summary(analysis, samples, comparison, filter_)
    return StudyResult(
        name=analysis.name,
        title=analysis.title,
        question=analysis.question,
        data=samples.summary,
        descriptors=described,
        competitors=comparison.competitors,
        schemes=tuple(s.scheme for s in schemes),
        primary_metric=metric,
        scores=comparison.scores,
        predictions=comparison.predictions,
        formulas=formulas,
        importance_metric="mean absolute error"
        if analysis.task == "regression"
        else "Brier score",
        importance=importance,
        in_sample_importance=in_sample,
        shap=shap,
        sub_scores=scored,
        search_sizes=sizes,
        settings=analysis.model_dump(mode="json", exclude_none=True),
        command=command,
        seed=analysis.seed,
        versions=versions(),
        durations=clock.seconds,
        work=runner.work,
        verdict=Verdict((*verdict.sentences, *beaten), paragraph, reached),
        intervals=intervals,
        choices=comparison.choices,
        full=full,
        rows=used_rows(samples),
        maps=make_maps(formulas, samples),
        correlations=correlations(samples, described),
        significance=differing,
        applicability=domain,
        agreement=agreed,
        chance=None if long is None else long.chance,
        stability=None if long is None else long.stability,
        rashomon=() if long is None else long.rashomon,
        learning=None if long is None else long.learning,
        class_maps=class_maps(formulas, problem, analysis.validation.decided),
        doubt=doubt,
        doubted="" if doubts is None else doubts.engine.name,
        multitask=shared,
        skipped=skipped,
        notes=(
            *_notes(schemes, comparison),
            *not_refitted(analysis, searches, slow=full),
        ),
    )


def _problem(analysis: Analysis, samples: Samples) -> Problem:
    from hecsr.validation.problem import make_problem

    return make_problem(
        samples.table,
        samples.y,
        task=analysis.task,
        groups=samples.groups,
        extra=samples.companions if len(samples.companions.columns) else None,
        threshold=analysis.descriptors.redundancy,
        required=_required(analysis, samples),
    )


def _runner(
    analysis: Analysis,
    samples: Samples,
    n_jobs: int | None,
    parts: Path | None,
    progress: Report,
) -> Runner:
    from hecsr.study.context import context
    from hecsr.validation.parts import Runner
    from hecsr.validation.store import Store

    store = None
    if parts is not None:
        told = context(analysis, samples.summary.sha256, analysis.seed)
        store = Store(parts, told).open()
    return Runner(n_jobs=n_jobs, store=store, show=progress)


def _required(analysis: Analysis, samples: Samples) -> tuple[str, ...]:
    names = samples.table.names
    for name in analysis.descriptors.required:
        if name not in names:
            msg = f"'descriptors.required' names '{name}', which is not computed"
            raise HecsrError(msg)
    return tuple(analysis.descriptors.required)


def _descriptor_summary(
    analysis: Analysis, samples: Samples, comparison: Comparison, full: Any
) -> DescriptorSummary:
    records = comparison.main_records()
    removed: tuple[RemovedDescriptor, ...] = tuple(full.removed_)
    return DescriptorSummary(
        computed=samples.table.descriptors,
        entering=tuple(full.kept_),
        removed=removed,
        entering_per_fold=tuple(len(r.columns) for r in records),
        kept_in_folds={
            name: float(np.mean([name in r.columns for r in records]))
            for name in samples.table.names
        },
        threshold=analysis.descriptors.redundancy,
    )


def _notes(schemes: list[Splits], comparison: Comparison) -> tuple[str, ...]:
    """Say what could not be held out, and where formulas were undefined."""
    found = [note for scheme in schemes for note in scheme.notes]
    labels = {c.name: c.label for c in comparison.competitors}
    kinds = {c.name: c.kind for c in comparison.competitors}
    said = {s.scheme.name: s.scheme.label for s in schemes}
    where: dict[str, list[str]] = {}
    for row in comparison.undefined.to_dict("records"):
        scheme = said.get(str(row["scheme"]), str(row["scheme"]))
        told = f"{row['rows']} of {row['of']} ({scheme})"
        where.setdefault(str(row["competitor"]), []).append(told)
    for name, parts in where.items():
        if kinds[name] == "rule":
            what = "the rule says nothing there and is scored on the others"
        else:
            what = "scored there with the mean of the training target"
        found.append(
            f"{labels[name]}: undefined on held-out rows, {', '.join(parts)}; {what}."
        )
    return tuple(found)
