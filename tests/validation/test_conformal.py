"""Half widths of intervals from held-out errors."""

import numpy as np
import pandas as pd
import pytest

from hecsr.errors import HecsrError
from hecsr.validation.conformal import conformal_interval, half_width


def test_the_rank_counts_the_new_sample():
    # n = 9, level 0.9: the 9th of 9; n = 19: the 18th of 19
    assert half_width(np.arange(1.0, 10.0), 0.9) == 9
    assert half_width(-np.arange(1.0, 20.0), 0.9) == 18
    assert half_width([3.0, -1.0, 2.0], 0.5) == 2


def test_too_few_errors_are_refused():
    with pytest.raises(HecsrError, match=r"8 held-out errors .* 9 are needed"):
        half_width(np.ones(8), 0.9)
    with pytest.raises(HecsrError, match="the level"):
        half_width(np.ones(8), 1.0)
    with pytest.raises(HecsrError, match="missing"):
        half_width([np.nan] * 20)


def test_new_errors_are_covered():
    rng = np.random.default_rng(0)
    inside = [
        abs(rng.normal()) <= half_width(rng.normal(size=30), 0.8) for _ in range(3000)
    ]
    # expected ceil(31 * 0.8) / 31 = 0.806, standard error 0.007
    assert np.mean(inside) == pytest.approx(25 / 31, abs=0.03)


def test_repeats_are_averaged():
    frame = pd.DataFrame(
        {
            "scheme": "s",
            "competitor": "m",
            "repeat": np.repeat([0, 1], 9),
            "observed": 0.0,
            "predicted": np.r_[np.arange(1.0, 10), np.arange(2.0, 11)],
        }
    )
    found = conformal_interval(frame, "m", level=0.9)
    assert found.half_width == 9.5
    assert found.source == "9 out-of-fold errors of the procedure, s"
    with pytest.raises(HecsrError, match="no predictions of 'x'"):
        conformal_interval(frame, "x")
