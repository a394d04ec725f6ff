"""The comparison of two runs as a report of blocks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hecsr.changes.formulas import FormulaChange, compare_formulas
from hecsr.changes.lines import Changed, changed
from hecsr.changes.rows import compare_rows
from hecsr.changes.scores import ScoreChange, compare_scores
from hecsr.report.metrics import metric
from hecsr.report.model import (
    Block,
    Bold,
    Code,
    Column,
    Group,
    Heading,
    List,
    Paragraph,
    Report,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import NONE, significant, with_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hecsr.changes.folder import ReportFolder

_MOST_ROWS = 10
_SETTINGS = ("seed",)


def build(old: ReportFolder, new: ReportFolder) -> Report:
    """Compare two reports; the summary stands first, then what it rests on."""
    formulas: tuple[FormulaChange, ...] = ()
    if old.formulas is not None and new.formulas is not None:
        formulas = compare_formulas(old.formulas, new.formulas)
    scores = compare_scores(old, new)
    settings = changed(
        {k: old.run.get(k) for k in _SETTINGS} | dict(old.part("settings")),
        {k: new.run.get(k) for k in _SETTINGS} | dict(new.part("settings")),
    )
    versions = changed(old.part("versions"), new.part("versions"))
    blocks = [
        *_summary(old, new, formulas, scores, settings, versions),
        *_data(old, new),
        *_keys("Settings", settings, "the settings are the same"),
        *_keys("Versions", versions, "the versions are the same"),
        *_formulas(old, new, formulas),
        *_scores(old, new, scores),
        *_durations(old, new),
    ]
    return Report(
        title="What changed between two runs",
        subtitle=f"{old.path.as_posix()} and {new.path.as_posix()}",
        running="",
        blocks=tuple(blocks),
    )


def _text(header: str, **options: Any) -> Column:
    return Column(rich(header), **options)


def _summary(
    old: ReportFolder,
    new: ReportFolder,
    formulas: Sequence[FormulaChange],
    scores: Sequence[ScoreChange],
    settings: Sequence[Changed],
    versions: Sequence[Changed],
) -> list[Block]:
    names = old.run.get("name"), new.run.get("name")
    said: list[Rich] = []
    if names[0] != names[1]:
        said.append(rich(f"These are different analyses: {names[0]} and {names[1]}."))
    same_data = old.part("data").get("sha256") == new.part("data").get("sha256")
    said.append(rich(f"Data: {'the same file' if same_data else 'another file'}."))
    said.append(rich(f"Settings: {_number(len(settings), 'difference')}."))
    said.append(rich(f"Versions: {_number(len(versions), 'difference')}."))
    said += [rich(f"Formula of {one.engine}: {one.verdict}.") for one in formulas]
    if scores:
        said.append(rich(f"Scores: {_counted(scores)}."))
    said += [
        rich(
            f"{folder.path.as_posix()} holds no {', '.join(folder.missing)}: "
            "compared in what there is."
        )
        for folder in (old, new)
        if folder.missing
    ]
    return [List(tuple(said))]


def _counted(scores: Sequence[ScoreChange]) -> str:
    """Count scores by what became of them; one that neither run has is none."""
    both = [s for s in scores if s.both and s.comparable]
    differ = [s for s in both if not s.same]
    beyond = [s for s in differ if s.beyond]
    text = "none of the same rows in both runs"
    if both:
        text = f"{len(differ)} of {len(both)} in both runs differ, "
        text += f"{len(beyond)} beyond chance"
    if beyond:
        better = sum(s.better for s in beyond)
        text += f" ({better} better, {len(beyond) - better} worse)"
    counts = (
        (sum(s.beyond is None for s in differ), "not judged"),
        (sum(not s.comparable for s in scores), "of other rows, not comparable"),
        (sum(s.one_only for s in scores), "in one run only"),
    )
    return "; ".join([text, *(f"{n} {what}" for n, what in counts if n)])


def _number(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _data(old: ReportFolder, new: ReportFolder) -> list[Block]:
    before, after = dict(old.part("data")), dict(new.part("data"))
    for part in (before, after):
        read, used = part.get("rows_read"), part.get("rows_used")
        if isinstance(read, int) and isinstance(used, int):
            part["rows_set_aside"] = read - used
    found = changed(before, after)
    blocks = _keys("Data", found, "the same file, and as many rows used")
    rows = compare_rows(old, new)
    if rows is None:
        return blocks
    if not rows.added and not rows.gone:
        text = f"The {rows.kept} rows held out are the same."
        return [*blocks, Paragraph(rich(text))]
    text = (
        f"Held-out rows, by composition and observed value: {rows.kept} in both, "
        f"{len(rows.added)} only in the second run, {len(rows.gone)} only in the first."
    )
    items = [
        rich(f"only in the {which}: {_listed(part)}")
        for which, part in (("second", rows.added), ("first", rows.gone))
        if part
    ]
    return [*blocks, Paragraph(rich(text)), List(tuple(items))]


def _listed(items: Sequence[str]) -> str:
    rest = len(items) - _MOST_ROWS
    shown = ", ".join(items[:_MOST_ROWS])
    return f"{shown} and {rest} more" if rest > 0 else shown


def _keys(title: str, found: Sequence[Changed], same: str) -> list[Block]:
    heading = Heading(1, title)
    if not found:
        return [heading, Paragraph(rich(f"No difference: {same}."))]
    columns = (_text("key"), _text("first run"), _text("second run"))
    rows = tuple((rich(Code(c.key)), rich(c.old), rich(c.new)) for c in found)
    caption = f"What is different; {NONE} where a run does not say it."
    return [heading, Table(columns, rows, rich(caption))]


def _formulas(
    old: ReportFolder, new: ReportFolder, changes: Sequence[FormulaChange]
) -> list[Block]:
    heading = Heading(1, "Formulas")
    for folder in (old, new):
        if folder.formulas is None:
            text = f"{folder.path.as_posix()} holds no formulas.json."
            return [heading, Paragraph(rich(text))]
    if not changes:
        return [heading, Paragraph(rich("Neither run has a formula."))]
    blocks: list[Block] = [heading]
    for change in changes:
        blocks += _formula(change)
    return blocks


def _formula(change: FormulaChange) -> list[Block]:
    blocks: list[Block] = [
        Paragraph(rich(Bold(change.engine), f": {change.verdict}.")),
    ]
    texts = [
        rich(f"{which}: ", Code(formula.to_text()))
        for which, formula in (("first run", change.old), ("second run", change.new))
        if formula is not None
    ]
    if change.old is not None and change.new is not None and not change.changed:
        return [*blocks, List(tuple(texts[:1]))]
    for which, terms in (
        ("new terms", change.added),
        ("terms no longer there", change.gone),
        ("terms in both", change.kept if change.added or change.gone else ()),
    ):
        if terms:
            texts.append(rich(f"{which}: ", *_codes(terms)))
    blocks.append(List(tuple(texts)))
    if any(s.old != s.new for s in change.shifts):
        blocks.append(_shifts(change))
    return blocks


def _codes(terms: Iterable[str]) -> list[Any]:
    parts: list[Any] = []
    for term in terms:
        parts += [", ", Code(term)] if parts else [Code(term)]
    return parts


def _shifts(change: FormulaChange) -> Table:
    columns = (
        _text("coefficient of"),
        _text("first run", align="right"),
        _text("second run", align="right"),
        _text("change in standard errors", align="right"),
        _text("unit"),
    )
    rows = []
    for s in change.shifts:
        size = s.in_errors
        beyond = " (beyond)" if size > 1 else ""
        rows.append(
            (
                rich(Code(s.term)),
                rich(_with_error(s.old, s.old_error)),
                rich(_with_error(s.new, s.new_error)),
                rich(NONE if math.isnan(size) else f"{significant(size, 2)}{beyond}"),
                rich(s.unit),
            )
        )
    caption = (
        f"Coefficients of the terms that both formulas of {change.engine} have, with "
        "standard errors; changes in those of the first run."
    )
    return Table(columns, tuple(rows), rich(caption))


def _with_error(value: float, error: float | None) -> str:
    number, spread = with_error(value, error)
    return number if spread == NONE else f"{number} ± {spread}"


def _scores(
    old: ReportFolder, new: ReportFolder, scores: Sequence[ScoreChange]
) -> list[Block]:
    heading = Heading(1, "Scores")
    if not scores:
        path = (old if old.metrics is None else new).path.as_posix()
        return [heading, Paragraph(rich(f"{path} holds no metrics.csv."))]
    both = [s for s in scores if s.both]
    shown = [s for s in both if not s.same]
    blocks: list[Block] = [heading]
    if equal := len(both) - len(shown):
        text = f"{_number(equal, 'score')} in both, equal to the digits of the files."
        blocks.append(Paragraph(rich(text)))
    if only := _only(scores):
        blocks.append(List(only))
    if not shown:
        return blocks
    rows: list[tuple[Rich, ...] | Group] = []
    for scheme in dict.fromkeys(s.scheme for s in shown):
        rows.append(Group(scheme))
        rows += [_score(s) for s in shown if s.scheme == scheme]
    columns = (
        _text("competitor"),
        _text("score"),
        _text("first run", align="right"),
        _text("second run", align="right"),
        _text("difference", align="right"),
        _text("95 % interval", align="right"),
        _text("beyond chance"),
    )
    caption = (
        "Where both runs held out the same rows in the same folds, scores that are "
        "means over rows are taken over these, with an interval of their difference "
        "that draws whole compositions (of twenty differences by chance one is beyond "
        "it); others are means over the folds, held against the scatter of the folds "
        "of the first run, one standard deviation. Where rows or folds differ, both "
        "runs are scored on the rows in common, each trained on rows of its own: means "
        "over rows again with an interval, others over all rows of a repeat, without "
        "one. Of a run without predictions.csv, what intervals.csv holds is held "
        "against the interval of the first run."
    )
    return [*blocks, Table(columns, tuple(rows), rich(caption), small=True)]


def _only(scores: Sequence[ScoreChange]) -> tuple[Rich, ...]:
    """Name the competitors of each scheme that only one run has."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in scores:
        if one.one_only:
            which = "first" if math.isnan(one.new) else "second"
            found.setdefault((which, one.scheme), []).append(one.competitor)
    return tuple(
        rich(f"Only in the {which} run, {scheme}: {'; '.join(dict.fromkeys(names))}.")
        for (which, scheme), names in found.items()
    )


def _score(one: ScoreChange) -> tuple[Rich, ...]:
    interval = NONE
    if not math.isnan(one.low):
        interval = f"{_signed(one.low)} to {_signed(one.high)}"
    if not one.comparable:
        verdict = one.by
    else:
        said = {True: f"yes, {'better' if one.better else 'worse'}", False: "no"}
        verdict = "not judged" if one.beyond is None else said[one.beyond]
        verdict += f" ({one.by})" if one.by else ""
    return (
        rich(one.competitor),
        rich(metric(one.metric).head),
        rich(significant(one.old, 3)),
        rich(significant(one.new, 3)),
        rich(_signed(one.difference)),
        rich(interval),
        rich(verdict),
    )


def _signed(value: float) -> str:
    if math.isnan(value):
        return NONE
    return f"{'+' if value > 0 else ''}{significant(value, 2)}"


def _durations(old: ReportFolder, new: ReportFolder) -> list[Block]:
    before, after = old.part("durations_s"), new.part("durations_s")
    stages = list(dict.fromkeys([*before, *after]))
    if not stages:
        return []
    rows = [
        (
            rich(stage),
            *(rich(_seconds(part.get(stage))) for part in (before, after)),
        )
        for stage in stages
    ]
    totals = [_seconds(_total(part)) for part in (before, after)]
    rows.append((rich("together"), rich(totals[0]), rich(totals[1])))
    columns = (
        _text("stage"),
        *(
            _text(run, align="right", unit=rich("s"))
            for run in ("first run", "second run")
        ),
    )
    caption = "Durations, which depend on the machine and on how many cores were used."
    return [Heading(1, "Durations"), Table(columns, tuple(rows), rich(caption))]


def _total(part: Any) -> float:
    return float(sum(v for v in part.values() if isinstance(v, int | float)))


def _seconds(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, int | float) else NONE
