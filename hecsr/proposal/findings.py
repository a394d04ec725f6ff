"""Everything that a table tells of how to analyse it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hecsr.composition import Composition
from hecsr.config import Analysis, parse_analysis
from hecsr.errors import BadRow, BadRowsError, ConfigError
from hecsr.proposal.columns import read_columns
from hecsr.proposal.compositions import Compositions, find_compositions
from hecsr.proposal.computable import Computable, find_computable
from hecsr.proposal.holding_out import Groups, Schemes, find_groups, find_schemes
from hecsr.proposal.inputs import Inputs, plain_name, sort_columns, unit_of
from hecsr.proposal.rivals import find_rules
from hecsr.proposal.size import Size, fitting_size
from hecsr.proposal.target import Target, find_target
from hecsr.tables.user import read_user_csv

if TYPE_CHECKING:
    from hecsr.study.rows import Rows
    from hecsr.study.samples import Samples

FEWEST_ROWS: Final = 12
_MOST_BAD: Final = 0.5


@dataclass(frozen=True, eq=False)
class Findings:
    """Everything that was found out about a table, before it is written down."""

    path: Path
    target: Target
    compositions: Compositions
    inputs: Inputs
    bad: tuple[BadRow, ...]
    rows: Rows
    samples: Samples
    groups: Groups
    computable: Computable
    schemes: Schemes
    size: Size
    rules: tuple[str, ...]
    data: dict[str, Any]


def look_at(path: Path, target: str, composition: str | None = None) -> Findings:
    """Find out all that a proposal rests on.

    Raises what :func:`hecsr.proposal.propose.propose` does.
    """
    wanted = [target, *([composition] if composition else [])]
    columns = read_columns(path, wanted)
    asked = find_target(columns, target, path)
    others = [c for c in columns if c.name != target]
    compositions = find_compositions(others, composition)
    taken = {target, compositions.column.name, *compositions.others}
    inputs = sort_columns([c for c in columns if c.name not in taken], asked)
    data = _data(path, asked, compositions, inputs)
    bad = _bad_rows(path, data, asked)
    if bad:
        data["on_bad_rows"] = "set_aside"
    rows = _rows(_draft(path, asked, data))
    _enough(rows)
    groups = find_groups(rows, inputs.sources)
    data["groups"] = list(groups.names)
    computable = find_computable(rows.compositions)
    if computable.rows_lost:
        data["on_missing"] = "set_aside"
    year = inputs.year.name if inputs.year is not None else None
    source = inputs.sources[0].name if inputs.sources else None
    if source is not None:
        data["source"] = source
    draft = _draft(
        path, asked, data,
        descriptors={"use": computable.use, "without": computable.without},
        validation={
            "leave_one_out": ["element", "family", *(["source"] if source else [])],
            # any year: it asks for the column to be read
            **({"years_up_to": [1], "year_column": year} if year else {}),
        },
    )  # fmt: skip
    samples = samples_of(draft)
    return Findings(
        path=path,
        target=asked,
        compositions=compositions,
        inputs=inputs,
        bad=bad,
        rows=rows,
        samples=samples,
        groups=groups,
        computable=computable,
        schemes=find_schemes(draft, samples, year=year, source=source),
        size=fitting_size(samples, asked),
        rules=find_rules(samples, asked),
        data=data,
    )


def _data(
    path: Path, target: Target, found: Compositions, inputs: Inputs
) -> dict[str, Any]:
    """Return what stands in [data], as far as the columns alone say it."""
    data: dict[str, Any] = {"file": path.name}
    if found.column.name != "composition":
        data["composition"] = found.column.name
    data["target"] = target.column.name
    if target.odd:
        # empty classes are bad rows, other words are no class
        data["select"] = {target.column.name: [0, 1]}
    entries = []
    for given in inputs.used:
        entry = {"name": given.column.name}
        if (unit := unit_of(given)) is not None:
            entry["unit"] = unit
        if given.quantity.label != given.column.name.replace("_", " "):
            entry["label"] = given.quantity.label
        entries.append(entry)
    if entries:
        data["columns"] = entries
    return data


def _bad_rows(path: Path, data: dict[str, Any], target: Target) -> tuple[BadRow, ...]:
    """Return what is wrong with the rows, as a run would say it."""
    numeric = [c["name"] for c in data.get("columns", [])]
    if target.task == "regression":
        numeric.append(data["target"])
    composition = data.get("composition", "composition")
    try:
        read_user_csv(
            path,
            required=[data["target"], *numeric],
            numeric=numeric,
            composition=composition,
            parse=Composition.parse,
        )
    except BadRowsError as error:
        lines = {row.line for row in error.rows}
        if len(lines) > _MOST_BAD * len(target.column.cells):
            raise
        return error.rows
    return ()


def _draft(
    path: Path, target: Target, data: dict[str, Any], **sections: Any
) -> Analysis:
    content = {
        "name": plain_name(path.stem),
        "title": path.stem,
        "question": "",
        "task": target.task,
        "data": {**data, "file": str(path.absolute())},
        "engines": {"lasso": {}},
        **sections,
    }
    return parse_analysis(content, "the proposed analysis")


def _rows(analysis: Analysis) -> Rows:
    from hecsr.study.rows import read_rows

    # bad rows are written beside the output of a run, of which there is none
    with tempfile.TemporaryDirectory() as folder:
        return read_rows(analysis, Path(), Path(folder) / "report")


def samples_of(analysis: Analysis) -> Samples:
    """Return what an analysis would be run on."""
    from hecsr.study.samples import make_samples

    return make_samples(analysis, _rows(analysis))


def _enough(rows: Rows) -> None:
    n = len(rows.compositions)
    if n < FEWEST_ROWS:
        msg = (
            f"{n} of {rows.rows_read} rows can be used; a formula that is to be "
            f"tested on rows it has not seen needs {FEWEST_ROWS} at the least"
        )
        raise ConfigError(msg)
