"""The tidy tables as CSV and the settings as JSON, in a form stable on repetition."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from hecsr.report.view import View
    from hecsr.result import StudyResult

# Ten digits are more than any score is worth and fewer than platforms disagree on.
_DIGITS: Final = "%.10g"
FORMAT: Final = "hecsr-run"


def csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV with line feeds and ten significant digits."""
    text: str = frame.to_csv(index=False, float_format=_DIGITS, lineterminator="\n")
    return text


def metrics_frame(view: View) -> pd.DataFrame:
    """Return aggregates (level 'mean' and 'pooled') above the single folds."""
    import pandas as pd

    order = {c.name: c for c in view.result.competitors}
    rows: list[dict[str, Any]] = []
    for (scheme, name, key), score in view.scores.items():
        shared = {
            "scheme": scheme,
            "competitor": name,
            "kind": order[name].kind if name in order else "",
            "metric": key,
            "n": score.n,
        }
        rows.append(
            {
                **shared,
                "level": "mean",
                "value": score.mean,
                "sd": score.sd,
                "folds": score.folds,
            }
        )
        if math.isfinite(score.pooled):
            rows.append({**shared, "level": "pooled", "value": score.pooled})
    single = view.result.scores
    single = single[single["fold"] >= 0]
    kinds = [
        order[n].kind if n in order else "" for n in map(str, single["competitor"])
    ]
    single = single.assign(level="fold", kind=kinds)
    columns = ["level", "scheme", "competitor", "kind", "metric", "value", "sd"]
    columns += ["folds", "repeat", "fold", "fold_label", "n"]
    both = [
        pd.DataFrame(rows).reindex(columns=columns),
        single.reindex(columns=columns),
    ]
    counts = ["folds", "repeat", "fold", "n"]
    joined = pd.concat([b.astype(dict.fromkeys(counts, "Int64")) for b in both])
    return joined.reset_index(drop=True)


def predictions_frame(result: StudyResult) -> pd.DataFrame:
    """Held-out predictions of every competitor but the points of the fronts.

    The points would treble the file, and their scores stand in ``metrics.csv``.
    """
    front = {c.name for c in result.competitors if c.kind == "front"}
    kept = result.predictions[~result.predictions["competitor"].isin(front)]
    return kept.reset_index(drop=True)


def importance_frame(view: View) -> pd.DataFrame:
    """Return held-out and in-sample importances, told apart by `rows`."""
    import pandas as pd

    result = view.result
    parts = [
        result.importance.assign(rows="held out"),
        result.in_sample_importance.assign(rows="in-sample"),
    ]
    kept = [p for p in parts if len(p)]
    return pd.concat(kept or parts[:1], ignore_index=True)


def run_json(result: StudyResult, files: list[str]) -> str:
    """Return what was run, with what, and how long it took."""
    content = {
        "format": FORMAT,
        "version": 1,
        "name": result.name,
        "title": result.title,
        "command": result.command,
        "seed": result.seed,
        "versions": dict(result.versions),
        "data": {
            "table": result.data.table,
            "sha256": result.data.sha256,
            "rows_read": result.data.rows_read,
            "rows_used": result.data.rows_used,
            "set_aside": [
                {"reason": one.reason, "rows": one.rows}
                for one in result.data.set_aside
            ],
        },
        "settings": plain(result.settings),
        "search_sizes": plain(result.search_sizes),
        "durations_s": {k: round(v, 3) for k, v in result.durations.items()},
        "compute_seconds": {
            stage: {
                "seconds": round(work.seconds, 3),
                "parts": work.parts,
                "taken_up": work.taken_up,
            }
            for stage, work in result.work.items()
        },
        "skipped": dict(result.skipped),
        "files": files,
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """Return a value in terms of JSON; what JSON has no form for becomes text."""
    from collections.abc import Mapping as AnyMapping

    if isinstance(value, AnyMapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [plain(v) for v in items]
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def read_manifest(content: Mapping[str, Any]) -> list[str] | None:
    """Return the files that a run's folder holds, or None if it is not one of ours."""
    if content.get("format") != FORMAT:
        return None
    files = content.get("files")
    return [str(f) for f in files] if isinstance(files, list) else None
