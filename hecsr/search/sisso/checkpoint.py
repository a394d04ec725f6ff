"""Checkpoints: what a search has finished, in a file that a later run resumes from.

A file belongs to one search: its name is a fingerprint of the samples, the space and
the options, so that the searches of inner folds, or of many fits, share one folder.
It is read as JSON, checked, and never executed.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from hecsr import __version__
from hecsr.errors import OutputError, SearchError
from hecsr.search.sisso.building import operators as op
from hecsr.search.sisso.building.features import Recipes
from hecsr.search.sisso.journal import Finished, State
from hecsr.search.sisso.sparsifying.sparsify import Model

if TYPE_CHECKING:
    from hecsr.search.samples import Samples
    from hecsr.search.sisso.building.features import Features
    from hecsr.search.sisso.space import Budget, SearchSpace

FORMAT: Final = "hecsr-search"
VERSION: Final = 1
INTERVAL = 5.0
"""Seconds between two files written during one screening."""

_SEEN: Final = (
    *("name", "unit", "lower", "upper", "reaches_zero", "scale", "logarithmic"),
)


class Checkpoint:
    """The file of one search."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.path = folder / f"search-{fingerprint[:32]}.json"
        self._fingerprint = fingerprint
        self._last = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether enough time has gone by since the last writing."""
        return time.monotonic() - self._last >= INTERVAL

    def load(self, features: Features, n_samples: int) -> State:
        """Read what an earlier run of the same search has done.

        Raises
        ------
        SearchError
            If the file is damaged or belongs to something else: nothing in it can
            then be relied on, and it is not overwritten.
        """
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return State()
        except (OSError, UnicodeDecodeError) as error:
            raise self._refused(str(error)) from error
        try:
            content = _File.model_validate(json.loads(text))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise self._refused(f"{place}: {first['msg']}") from error
        except (ValueError, RecursionError) as error:
            raise self._refused(f"it is not JSON: {error}") from error
        if content.search != self._fingerprint:
            raise self._refused("it belongs to another search")
        if content.features != _digest(features):
            raise self._refused("other features were built; was it made elsewhere?")
        try:
            return _restored(content, len(features), n_samples)
        except ValueError as error:
            raise self._refused(str(error)) from error

    def save(self, features: Features, state: State) -> None:
        """Write the file, complete or not at all.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        content = {
            "format": FORMAT,
            "version": VERSION,
            "search": self._fingerprint,
            "features": _digest(features),
            "dimensions": [
                {"pool": _lists(d.pool), "models": _records(d.models)}
                for d in state.dimensions
            ],
            "tiles": state.tiles,
            "total": state.total,
            "kept": [_lists(recipes) for recipes in state.kept],
        }
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(
                dir=self.path.parent, prefix=f".{self.path.name}."
            )
            temporary = Path(name)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as stream:
                    json.dump(content, stream)
                temporary.chmod(0o644)
                temporary.replace(self.path)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            msg = f"no checkpoint can be written to {self.path.parent}: {error}"
            raise OutputError(msg) from error
        self._last = time.monotonic()

    def _refused(self, why: str) -> SearchError:
        return SearchError(
            f"{self.path} is not a checkpoint of this search ({why}); delete it to "
            "start anew, or name another folder"
        )


def fingerprint(
    samples: Samples, space: SearchSpace, budget: Budget, options: Mapping[str, Any]
) -> str:
    """Return a digest of everything that a search's result depends on."""
    told = {
        "version": VERSION,
        "hecsr": __version__,
        "task": samples.task,
        "intercept": samples.intercept,
        "edges": samples.edges,
        "descriptors": [
            {name: getattr(d, name) for name in _SEEN} for d in samples.descriptors
        ],
        "space": space,
        "budget": budget,
        "options": options,
    }
    digest = hashlib.sha256(json.dumps(_plain(told), sort_keys=True).encode())
    for array in (samples.values, samples.y, samples.weights):
        if array is not None:
            digest.update(str(array.shape).encode())
            digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Recipes(_Record):
    operator: list[int]
    left: list[int]
    right: list[int]


class _Model(_Record):
    members: list[int]
    loss: float
    condition: float
    residual: list[float]


class _Dimension(_Record):
    pool: _Recipes
    models: list[_Model] | None


class _File(_Record):
    format: Literal["hecsr-search"]
    version: Literal[1]
    search: str
    features: str
    dimensions: list[_Dimension]
    tiles: int
    total: int
    kept: list[_Recipes]


def _lists(recipes: Recipes) -> dict[str, list[int]]:
    return {f.name: getattr(recipes, f.name).tolist() for f in fields(recipes)}


def _records(models: Sequence[Model] | None) -> list[dict[str, Any]] | None:
    if models is None:
        return None
    return [
        {
            "members": list(m.members),
            "loss": m.loss,
            "condition": m.condition,
            "residual": m.residual.tolist(),
        }
        for m in models
    ]


def _restored(content: _File, n_features: int, n_samples: int) -> State:
    """Check every number: the compiled loops do not look where they read."""
    pool = 0
    dimensions = []
    for number, d in enumerate(content.dimensions, start=1):
        recipes = _recipes(d.pool, n_features)
        pool += len(recipes)
        models = None
        if d.models is not None:
            models = tuple(_model(m, number, pool, n_samples) for m in d.models)
        elif number < len(content.dimensions):
            raise ValueError(f"dimension {number} has no models")
        dimensions.append(Finished(recipes, models))
    kept = tuple(_recipes(r, n_features) for r in content.kept)
    if not 0 <= content.tiles <= content.total:
        raise ValueError(f"tile {content.tiles} of {content.total}")
    return State(tuple(dimensions), content.tiles, content.total, kept)


def _recipes(record: _Recipes, n_features: int) -> Recipes:
    if not len(record.operator) == len(record.left) == len(record.right):
        raise ValueError("recipes of unequal length")
    known = {op.LEAF, *op.BY_CODE}
    if not set(record.operator) <= known:
        raise ValueError("an unknown operator")
    if any(not 0 <= row < n_features for row in (*record.left, *record.right)):
        raise ValueError("a feature that does not exist")
    return Recipes(
        np.array(record.operator, np.int8),
        np.array(record.left, np.int32),
        np.array(record.right, np.int32),
    )


def _model(record: _Model, size: int, pool: int, n_samples: int) -> Model:
    members = tuple(record.members)
    if len(set(members)) != size or any(not 0 <= m < pool for m in members):
        raise ValueError(f"a model of {size} terms with members {list(members)}")
    if len(record.residual) != n_samples:
        raise ValueError(f"a residual of {len(record.residual)} samples")
    return Model(members, record.loss, np.array(record.residual), record.condition)


def _digest(features: Features) -> str:
    digest = hashlib.sha256()
    for f in fields(features.recipes):
        digest.update(getattr(features.recipes, f.name).astype("<i4").tobytes())
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    """Turn settings into what JSON writes in one way only."""
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(v) for key, v in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(_plain(v) for v in value)
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, Fraction):
        return str(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"{value!r} cannot be part of a fingerprint")
