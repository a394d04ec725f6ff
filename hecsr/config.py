"""An analysis as a TOML file: what may stand in it, and its reading."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import BaseModel, Field, ValidationError, model_validator

from hecsr.config_engines import STRICT, Costs, Engines, Positive
from hecsr.config_multitask import MultiTask, Scalar
from hecsr.errors import ConfigError, suggestion

if TYPE_CHECKING:
    from hecsr.validation.decision import Decision

BlackBoxName = Literal[
    "random_forest",
    "mlp",
    "svm",
    "knn",
    "linear",
    "naive_bayes",
    "gradient_boosting",
    "decision_tree",
    "gaussian_process",
]


class Section(BaseModel):
    """A table of the TOML file; a key it does not know is an error."""

    model_config = STRICT


class Column(Section):
    """A column that enters as a descriptor of type 3."""

    name: str
    unit: str | None = None
    convert_to: str | None = None
    label: str | None = None
    symbol: str | None = None


class Companion(Section):
    """A column of a shipped table by composition, for rules only.

    With `predicted_by` it is not looked up but given by a formula that this engine
    fits to the rest of the table. `name` is what rules call it.
    """

    table: str
    column: str
    name: str | None = None
    select: dict[str, Scalar | list[Scalar]] = {}
    predicted_by: Literal["sisso", "lasso"] | None = None

    @property
    def called(self) -> str:
        """The column that rules read."""
        return self.name or self.column

    @model_validator(mode="after")
    def _named(self) -> Companion:
        if self.predicted_by is not None and self.name in (None, self.column):
            raise ValueError(
                f"'predicted_by' needs a 'name' of its own for what is predicted, as "
                f"name = '{self.column}_predicted'"
            )
        return self


class Data(Section):
    """Which rows of which table, and what is to be explained.

    `groups` says which rows no split tears apart, for they agree in one of these:
    'composition' (amounts and anions), 'metals' (the set of metals, whatever their
    amounts and the anions), 'family', or a column of the table. Rows may be linked
    through others. A column counts, with `groups_where`, only in rows where another
    column is true. Of a target of two words `positive` is the one that is class 1.
    """

    table: str | None = None
    file: str | None = None
    composition: str = "composition"
    target: str
    target_unit: str | None = None
    target_label: str | None = None
    target_latex: str | None = None
    target_typst: str | None = None
    select: dict[str, Scalar | list[Scalar]] = {}
    exclude: dict[str, Scalar | list[Scalar]] = {}
    positive: Scalar | None = None
    present: list[str] = []
    families: list[str] = []
    ratio_within: Annotated[float, Field(gt=0)] | None = None
    columns: list[Column] = []
    companions: list[Companion] = []
    groups: list[str] = ["composition"]
    groups_where: dict[str, str] = {}
    source: str = "source"
    on_missing: Literal["refuse", "set_aside"] = "refuse"
    on_bad_rows: Literal["refuse", "set_aside"] = "refuse"
    notes: list[str] = []

    @model_validator(mode="after")
    def _one_place(self) -> Data:
        if (self.table is None) == (self.file is None):
            raise ValueError("give either 'table' (shipped) or 'file' (your own)")
        for name in self.groups_where:
            if name not in self.groups:
                raise ValueError(f"'groups_where' names '{name}', which no group is")
        return self


class Descriptors(Section):
    """Which descriptors are computed, and how redundant ones are recognised."""

    use: list[str] = ["fractions", "elements", "alloy"]
    without: list[str] = []
    required: list[str] = []
    redundancy: Annotated[float, Field(gt=0, le=1)] = 0.9


class Part(Section):
    """Rows on which the error is stated apart."""

    label: str
    min_metals: Positive | None = None
    max_metals: Positive | None = None
    select: dict[str, Scalar | list[Scalar]] = {}


class Subset(Section):
    """Rows that are trained on and tested among themselves, as a scheme."""

    label: Annotated[str, Field(pattern=r"[A-Za-z0-9]")]
    select: Annotated[dict[str, Scalar | list[Scalar]], Field(min_length=1)]


class Full(Section):
    """What `hecsr run --full` adds, and at which length.

    `learning_sizes` are shares of the training rows.
    """

    repeats: Positive = 5
    black_boxes: Annotated[list[BlackBoxName], Field(min_length=1)] = [
        "random_forest",
        "gradient_boosting",
        "mlp",
        "svm",
        "gaussian_process",
        "knn",
    ]
    scrambles: Annotated[int, Field(ge=0)] = 50
    bootstraps: Annotated[int, Field(ge=0)] = 100
    learning_sizes: list[Annotated[float, Field(gt=0, le=1)]] = [0.2, 0.4, 0.6, 0.8, 1]
    learning_repeats: Positive = 2


class Validation(Section):
    """How held-out rows are chosen.

    `leave_one_out` names what is held out one at a time: 'row' (with the others of
    its group), 'element', 'source', 'composition', 'metals' (the set of them),
    'family', or a column of the table. `metals_up_to` and `years_up_to` train on
    rows of up to so many metals, or up to that year, and test on those beyond, with
    several numbers up to the next of them; years stand in the column `year_column`.
    `min_rows` is the least on either side of such a split; it holds for 'row' of the
    training rows alone.

    Class 1 is called from a probability of one half on, or from the share of class 1
    among the training rows (`decision`), or from where it costs less: `costs` are
    those of calling a 0 a 1, and a 1 a 0. Class weights of an engine move its
    probabilities: beside 'share' or `costs` they say the same thing twice.
    """

    folds: Annotated[int, Field(ge=2)] = 5
    repeats: Positive = 1
    leave_one_out: list[str] = []
    metals_up_to: list[Positive] = []
    years_up_to: list[int] = []
    year_column: str = "year"
    min_rows: Positive = 5
    decision: Literal["half", "share"] = "half"
    costs: Costs = None
    parts: list[Part] = []
    subsets: list[Subset] = []
    full: Full = Full()

    @model_validator(mode="after")
    def _once(self) -> Validation:
        for key in ("leave_one_out", "metals_up_to", "years_up_to"):
            given = getattr(self, key)
            twice = [str(v) for v in dict.fromkeys(given) if given.count(v) > 1]
            if twice:
                raise ValueError(f"'{key}' names {', '.join(twice)} more than once")
        if self.costs is not None and self.decision != "half":
            raise ValueError(
                f"class 1 is called by 'costs' or by decision = '{self.decision}'; "
                "leave one of them out"
            )
        return self

    @property
    def decided(self) -> Decision:
        """From which probability on class 1 is called."""
        if self.costs is None:
            return self.decision
        from hecsr.search.class_weights import threshold_of

        return threshold_of(self.costs)


class Doubt(Section):
    """How results change where a label that reports contradict is turned over.

    `reports` is a shipped table of single reports, `engine` the one whose search is
    repeated; reports whose quality is among `unreliable` are shown apart.
    """

    reports: str = "formability_reports"
    engine: str = "sisso"
    unreliable: list[str] = ["C"]


class GivenFormula(Section):
    """A formula in the grammar that takes part, with its numbers or refitted.

    `columns` says which column stands for a variable, `set` gives values, `start`
    names constants to fit and where to begin.
    """

    name: str
    text: str
    refit: bool = False
    columns: dict[str, str] = {}
    set: dict[str, float] = {}
    start: dict[str, float] = {}


class Explain(Section):
    """Which importances are computed, and of which black boxes beside the formulas.

    A long validation explains all black boxes.
    """

    black_boxes: list[BlackBoxName] = ["random_forest"]
    permutation_repeats: Positive = 10
    drop: bool = True
    shap: bool = True
    shap_background: Positive = 30


class Analysis(Section):
    """One question, from the table to the report."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$")]
    title: str
    question: str
    task: Literal["regression", "classification"]
    data: Data
    descriptors: Descriptors = Descriptors()
    validation: Validation = Validation()
    engines: Engines
    black_boxes: list[BlackBoxName] = ["random_forest", "mlp"]
    rules: list[str] = []
    formulas: list[GivenFormula] = []
    explain: Explain = Explain()
    doubt: Doubt | None = None
    multitask: MultiTask | None = None
    pca: Annotated[float, Field(gt=0, lt=1)] | None = None
    seed: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _of_the_task(self) -> Analysis:
        """Refuse what only two classes have where the target is a number."""
        given: dict[str, Any] = {"data.positive": self.data.positive}
        given["validation.costs"] = self.validation.costs
        for name in Engines.model_fields:
            engine = getattr(self.engines, name)
            for key in ("criterion", "class_weight"):
                given[f"engines.{name}.{key}"] = getattr(engine, key, None)
        said = [f"'{place}'" for place, value in given.items() if value is not None]
        if said and self.task != "classification":
            raise ValueError(
                f"{', '.join(said)}: for a classification alone, and this is a "
                f"{self.task}; leave {'it' if len(said) == 1 else 'them'} out"
            )
        return self


def load_analysis(path: str | Path) -> Analysis:
    """Read an analysis from a TOML file.

    Raises
    ------
    ConfigError
        If the file cannot be read, is not TOML, or holds a key or value that is
        not allowed; every such place is named, with the closest allowed key.
    """
    source = Path(path)
    try:
        content = tomllib.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{source}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{source} is not TOML: {error}") from error
    return parse_analysis(content, str(source))


def parse_analysis(content: dict[str, Any], source: str) -> Analysis:
    """Check the content of an analysis; see :func:`load_analysis`."""
    try:
        return Analysis.model_validate(content)
    except ValidationError as error:
        lines = [_explain(problem) for problem in error.errors()]
        text = "\n".join(f"  {line}" for line in lines)
        raise ConfigError(f"{source}: {len(lines)} problem(s)\n{text}") from error


def _explain(problem: Any) -> str:
    place = [p for p in problem["loc"] if not (isinstance(p, str) and "[" in p)]
    where = ".".join(str(part) for part in place)
    if problem["type"] == "extra_forbidden":
        allowed = list(_section(place[:-1]).model_fields)
        return f"unknown key '{where}'; {suggestion(str(place[-1]), allowed)}"
    if problem["type"] == "missing":
        return f"'{where}' is missing"
    given = problem.get("input")
    message = problem["msg"].removeprefix("Value error, ")
    told = isinstance(given, dict | list) or repr(given) in message
    shown = "" if told else f", given {given!r}"
    return f"'{where}': {message}{shown}" if where else f"{message}{shown}"


def _section(place: list[Any]) -> type[BaseModel]:
    """Find the section that a place in the file belongs to."""
    section: Any = Analysis
    for part in place:
        if isinstance(part, int):
            continue
        found = _models(section.model_fields[part].annotation)
        section = found[0] if found else section
    return cast("type[BaseModel]", section)


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for a in getattr(annotation, "__args__", ()) for m in _models(a)]
