"""The count before a search against the features that plain enumeration makes."""

import numpy as np
import pytest
from enumeration import enumerate_space

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import SearchError
from hecsr.search.sisso.size import describe_size, space_size
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.units import parse_unit

PLAIN = tuple(Descriptor(name) for name in "abc")
UNITS = tuple(
    Descriptor(name, unit=parse_unit(u))
    for name, u in zip("abc", ("m", "m", "K"), strict=True)
)


@pytest.mark.parametrize("descriptors", [PLAIN, UNITS])
@pytest.mark.parametrize("nodes", [2, 3, 5])
def test_count_covers_what_is_made(descriptors, nodes):
    rng = np.random.default_rng(0)
    values = rng.uniform(1, 1.3, (30, 3))
    space = SearchSpace(
        max_complexity=nodes, operators=("+", "-", "*", "/", "|-|", "sqrt")
    )
    size = space_size(space, descriptors, 30, values=values)
    columns = dict(zip("abc", values.T, strict=True))
    made = len(enumerate_space(columns, descriptors, space))
    # sums and differences are counted once per pair, made both ways round
    assert 0.5 * made <= size.candidates <= 1.3 * made + 10


def test_models_are_counted_exactly():
    size = space_size(
        SearchSpace(rungs=1), PLAIN, 30, budget=Budget(sis=4), max_terms=3
    )
    assert size.models == 4 + 28 + 220


def test_size_reads_as_a_sentence():
    text = describe_size(SearchSpace(), PLAIN, 50)
    assert "candidate features" in text
    assert "models" in text


def test_stored_rungs_that_do_not_fit_are_refused_before_they_are_made():
    many = tuple(Descriptor(f"x{i}") for i in range(60))
    with pytest.raises(SearchError, match="GB; lower"):
        space_size(SearchSpace(rungs=3, max_complexity=7), many, 500)
