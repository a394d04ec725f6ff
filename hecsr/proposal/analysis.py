"""The findings written down as an analysis, with the reason at each place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, get_args

from hecsr.config import BlackBoxName
from hecsr.descriptors.descriptor import plain
from hecsr.proposal.columns import count_of, listed
from hecsr.proposal.doubts import data_doubts, spread_of_repeats
from hecsr.proposal.inputs import MOST_KINDS, plain_name
from hecsr.proposal.size import EVENTS_PER_TERM, ROWS_PER_TERM
from hecsr.proposal.writing import Writer
from hecsr.sentences import all_of
from hecsr.units import parse_unit

if TYPE_CHECKING:
    from pathlib import Path

    from hecsr.proposal.findings import Findings

_BLACK_BOXES = ("random_forest", "mlp")


def written(found: Findings, folder: Path) -> str:
    """Write the analysis; the table is named relative to `folder`."""
    w = Writer()
    _head(w, found)
    _data(w, found, _relative(found.path, folder))
    _descriptors(w, found)
    _validation(w, found)
    _engines(w, found)
    return w.text


def _relative(path: Path, folder: Path) -> str:
    try:
        return os.path.relpath(path.absolute(), folder.absolute()).replace(os.sep, "/")
    except ValueError:  # another drive
        return path.absolute().as_posix()


def _head(w: Writer, found: Findings) -> None:
    target = found.target
    name = plain_name(found.path.stem)
    label = target.quantity.label
    kinds = [f"{f}s" for f, _ in found.compositions.families.most_common()]
    w.comment(
        f"Proposed by `hecsr init` from {found.path.name}. Read it through: what "
        "stands after a # is a reason, a choice that could not be made, or a setting "
        "that takes part once its # is taken away."
    )
    w.set("name", name)
    w.set("title", f"{label[:1].upper()}{label[1:]} of {listed(kinds, 4)}")
    names = ["composition", *(i.quantity.label for i in found.inputs.used)]
    of = all_of(names)
    if target.task == "regression":
        w.set("question", f"Which formula of {of} gives the {label}?")
        w.comment(f"{count_of(target.column.distinct, 'different value')}: a quantity.")
    else:
        w.set("question", f"Which formula of {of} tells where {label} is 1?")
        zero, one = target.classes
        w.comment(f"The target is 0 in {zero} rows and 1 in {one}.")
    w.comments(target.doubts)
    w.set("task", target.task)
    w.comment(
        f"What formulas are compared with; of {', '.join(get_args(BlackBoxName))}."
    )
    w.set("black_boxes", list(_BLACK_BOXES))
    if found.rules:
        w.comment("Known rules that these columns allow; `hecsr formulas` has others.")
        w.set("rules", list(found.rules))
    else:
        w.comment(
            "No rule of thumb fits these columns; `hecsr formulas` lists formulas of "
            "the literature that may be named here."
        )
        w.proposed("rules", [])
    w.set("seed", 0)


def _data(w: Writer, found: Findings, file: str) -> None:
    target, data = found.target, found.data
    w.section("data")
    w.set("file", file)
    compositions = found.compositions
    if compositions.others:
        others = listed([f"'{n}'" for n in compositions.others])
        w.comment(f"{others} could be read as compositions too.")
    w.set("composition", compositions.column.name)
    w.set("target", target.column.name)
    if target.task == "regression":
        _target_unit(w, found)
    if target.quantity.label != target.column.name:
        w.set("target_label", target.quantity.label)
        symbol = plain(target.quantity.label)
        w.set("target_latex", symbol.latex)
        w.set("target_typst", symbol.typst)
    if "select" in data:
        w.comment("Rows whose class is neither 0 nor 1 are set aside.")
        w.set("select", data["select"])
    _words(w, found)
    _families(w, found)
    _columns(w, found)
    _groups(w, found)
    if "source" in data:
        w.comment("Says where a row comes from.")
        w.set("source", data["source"])
    if found.computable.rows_lost:
        w.comment(
            f"The tables lack something for {found.computable.rows_lost} rows (see "
            "[descriptors]): they are set aside and counted."
        )
    w.set("on_missing", data.get("on_missing", "refuse"))
    if found.bad:
        lines = len({row.line for row in found.bad})
        w.comment(
            f"{count_of(lines, 'row')} cannot be used, and would be written to a file "
            'of their own; correct them, or keep "set_aside":'
        )
        w.comments([str(row) for row in found.bad[:10]])
        if len(found.bad) > 10:
            w.comment(f"and {len(found.bad) - 10} more")
    w.set("on_bad_rows", data.get("on_bad_rows", "refuse"))
    notes = [*data_doubts(found), *spread_of_repeats(found)]
    if notes:
        w.comment("Said in the report; add what a reader must know of these data.")
        w.set("notes", notes)


def _target_unit(w: Writer, found: Findings) -> None:
    given = found.target.quantity
    if given.doubt:
        w.comment(f"Of '{found.target.column.name}': {given.doubt}.")
    if given.unit is not None and not parse_unit(given.unit).offset:
        w.set("target_unit", given.unit)
        return
    if given.unit is not None:
        w.comment("°C has a zero of its own: give the target in K.")
    else:
        w.comment("The name does not say its unit: without one it is a pure number.")
    w.proposed("target_unit", "...")


def _words(w: Writer, found: Findings) -> None:
    chosen = {}
    for column in found.inputs.words:
        kinds = column.kinds.most_common()
        if not 2 <= len(kinds) <= MOST_KINDS:
            continue
        shown = listed([f"{kind} ({n})" for kind, n in kinds])
        empty = f", empty ({column.empty})" if column.empty else ""
        w.comment(
            f"'{column.name}' holds words, and all rows are taken: {shown}{empty}."
        )
        chosen[column.name] = [kinds[0][0]]
    if chosen:
        w.proposed("select", {**found.data.get("select", {}), **chosen})


def _families(w: Writer, found: Findings) -> None:
    families = found.compositions.families.most_common()
    if len(families) > 1:
        shown = listed([f"{f} ({n})" for f, n in families])
        w.comment(f"Families of one formula, all taken: {shown}.")
        w.proposed("families", [families[0][0]])
    off = sum(1 for c in found.compositions.known if c.warnings)
    if off:
        w.comment(
            f"{count_of(off, 'row')} are off the anion-to-metal ratio of the family."
        )
        w.proposed("ratio_within", 0.1)


def _columns(w: Writer, found: Findings) -> None:
    inputs, entries = found.inputs, found.data.get("columns", [])
    if entries:
        w.comment("Columns that enter as descriptors, with the units their names say.")
        for given in inputs.used:
            if given.quantity.doubt:
                w.comment(f"'{given.column.name}': {given.quantity.doubt}.")
            elif given.quantity.unit is None:
                w.comment(
                    f"'{given.column.name}': no unit in its name, taken as a pure "
                    'number; else write unit = "..." beside it.'
                )
        w.set("columns", entries)
    if inputs.left_out:
        w.comment("Left out of the descriptors:")
        w.comments([f"'{c.name}': {c.reason}." for c in inputs.left_out])
    if not entries:
        w.comment("No column enters as a descriptor; one would as here:")
        w.proposed("columns", [{"name": "load", "unit": "N"}])


def _groups(w: Writer, found: Findings) -> None:
    n, kinds = len(found.rows.compositions), found.groups.number
    w.comment(
        f"Rows that no fold tears apart: {n} rows in {count_of(kinds, 'group')}. "
        "'metals' would keep every composition of the same metals together."
    )
    w.comments([f"{text}." for text in found.groups.refused])
    w.set("groups", list(found.groups.names))


def _descriptors(w: Writer, found: Findings) -> None:
    computable = found.computable
    w.section("descriptors")
    w.comment(f"Descriptors of the precursors: {computable.precursors}.")
    w.set("use", list(computable.use))
    w.comments([f"The tables: {note}." for note in computable.notes])
    w.comment("Minima and maxima repeat mean and range.")
    w.set("without", list(computable.without))
    w.comment("Of two descriptors that correlate more than this one enters.")
    w.set("redundancy", 0.9)


def _validation(w: Writer, found: Findings) -> None:
    schemes, target = found.schemes, found.target
    w.section("validation")
    if schemes.folds < 5:
        w.comment("More folds cannot be made of these groups and classes.")
    w.set("folds", schemes.folds)
    w.set("repeats", schemes.repeats)
    if schemes.splits:
        made = [f"{name}: {n} splits" for name, n in schemes.splits.items()]
        w.comment(
            f"Harder questions that these rows allow; each split is a whole search "
            f"({', '.join(made)})."
        )
    w.comments([f"{text}." for text in schemes.refused])
    w.set("leave_one_out", list(schemes.leave_one_out))
    if schemes.metals_up_to:
        w.comment("Trained on compositions of so many metals, tested on those of more.")
        w.set("metals_up_to", list(schemes.metals_up_to))
    if schemes.years_up_to and found.inputs.year is not None:
        w.comment("Trained on rows up to this year, tested on later ones.")
        w.set("years_up_to", list(schemes.years_up_to))
        w.set("year_column", found.inputs.year.name)
    w.comment("The fewest rows on either side of such a split.")
    w.set("min_rows", schemes.min_rows)
    if target.unbalanced:
        zero, one = target.classes
        w.comment(
            f"{zero} rows of class 0, {one} of class 1: called from the share of the "
            "training rows on, both mistakes weigh alike."
        )
        w.set("decision", "share")


def _engines(w: Writer, found: Findings) -> None:
    size = found.size
    w.section("engines.sisso")
    terms = "one term" if size.terms == 1 else f"{size.terms} terms"
    w.comment(
        f"Rule of thumb: to find D terms among M candidates takes n = k D ln M rows, k "
        "from 1 to 10 (Ghiringhelli et al., New J. Phys. 19, 023017 (2017), "
        f"10.1088/1367-2630/aa57bf). Here n = {size.rows} different rows, about "
        f"{size.candidates:,} candidates of {size.entering} descriptors, {terms}: "
        f"k = {size.rows_per_term:.1f}; {ROWS_PER_TERM:g} is aimed at. `hecsr run "
        "--full` measures on scrambled targets what these rows support."
    )
    if not size.fits:
        w.comment("Even the smallest search is large for so few rows: expect chance.")
    by_class = (
        f"Terms are held to one for every {EVENTS_PER_TERM} of the "
        f"{found.target.rarer} rows of the rarer class (Peduzzi et al., J. Clin. "
        "Epidemiol. 49, 1373 (1996), 10.1016/S0895-4356(96)00236-3)."
    )
    if size.limited_by_class:
        w.comment(by_class)
    w.settings(
        {
            "operators": list(size.operators),
            "rungs": size.rungs,
            "complexity": size.complexity,
            "screened": size.screened,
            "terms": size.terms,
            "inner_folds": size.inner_folds,
        }
    )
    w.section("engines.lasso")
    if size.lasso_limited_by_class:
        w.comment(by_class)
    w.settings({"terms": size.lasso_terms, "inner_folds": size.inner_folds})
    folds: dict[str, Any] = {"inner_folds": size.inner_folds}
    w.lines.append("")
    w.comment("Genetic programming takes minutes to hours more; PySR needs a Julia.")
    w.silent_section("engines.operon", folds)
    w.silent_section("engines.pysr", folds)


def summary(found: Findings) -> tuple[str, ...]:
    """Say in a few lines what was decided."""
    target, size = found.target, found.size
    unit = f" in {target.quantity.unit}" if target.quantity.unit else ""
    n = len(found.samples.y)
    families = found.compositions.families.most_common()
    columns = [
        i.column.name + (f" [{i.quantity.unit}]" if i.quantity.unit else "")
        for i in found.inputs.used
    ]
    often = found.schemes.repeats
    folds = f"{found.schemes.folds} folds, {'once' if often == 1 else f'{often} times'}"
    left_out = [f"each {name}" for name in found.schemes.leave_one_out]
    return (
        (
            f"{target.task} of '{target.column.name}'{unit} on {n} of "
            f"{len(target.column.cells)} rows"
        ),
        (
            f"compositions in '{found.compositions.column.name}': "
            f"{listed([f'{f} ({k})' for f, k in families])}"
        ),
        (
            f"kept together: rows of the same {' or '.join(found.groups.names)}, "
            f"{count_of(found.groups.number, 'group')}"
        ),
        f"descriptors: {', '.join([*found.computable.use, *columns])}",
        (
            f"search: {size.rungs} rungs, {size.complexity} operators, "
            f"{count_of(size.terms, 'term')} of about {size.candidates:,} candidates "
            f"(k = {size.rows_per_term:.1f})"
        ),
        f"held out: {'; '.join([folds, *left_out])}",
    )
