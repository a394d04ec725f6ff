"""The count before a search against plain enumeration, and searches cut to fit."""

from dataclasses import replace

import numpy as np
import pytest
from enumeration import Units, candidates, enumerate_stored

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import SearchError
from hecsr.search.sisso.building.generate import stored_features
from hecsr.search.sisso.building.units import UnitTable
from hecsr.search.sisso.building.weighting import Weighting
from hecsr.search.sisso.size import (
    check_budget,
    describe_size,
    fit_to_budget,
    space_size,
)
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.units import parse_unit

LAWFUL = {"lower": 0.0, "reaches_zero": False}
PLAIN = tuple(Descriptor(name) for name in "abc")
UNITS = tuple(
    Descriptor(name, unit=parse_unit(u), scale=2.0, **LAWFUL)
    for name, u in zip("abc", ("m", "m", "K"), strict=True)
)
FOUR = ("+", "-", "*", "/")

SPACES = {
    "two nodes": SearchSpace(max_complexity=2),
    "default": SearchSpace(),
    "five nodes": SearchSpace(operators=(*FOUR, "|-|", "sqrt", "^2"), max_complexity=5),
    "differences": SearchSpace(operators=("-", "|-|", "log", "exp-"), max_complexity=5),
    "by rung": SearchSpace(by_rung=(("/", "^2"), ("-", "/", "*")), max_complexity=4),
    "three rungs": SearchSpace(operators=("-", "/"), rungs=3, max_complexity=4),
    "one rung": SearchSpace(operators=(*FOUR, "|-|", "log", "^-1"), rungs=1),
    "descriptors": SearchSpace(rungs=0),
    "poles": SearchSpace(operators=(*FOUR, "log"), poles=True),
    "preset": SearchSpace.sisso35((*FOUR, "exp", "log", "sqrt", "^-1"), 2),
    "preset of rung 3": SearchSpace.sisso35(("-", "*", "/"), 3, 4),
}


def make_values(n=30, p=3):
    return np.random.default_rng(0).uniform(1, 1.3, (n, p)) + np.arange(p) / 4


def generate(values, descriptors, space):
    weighting = Weighting(np.full(len(values), 1 / len(values)))
    return stored_features(values, descriptors, weighting, space, UnitTable())


@pytest.mark.parametrize("descriptors", [PLAIN, UNITS], ids=["plain", "units"])
@pytest.mark.parametrize("name", SPACES)
def test_candidates_are_counted_as_sisso_counts_them(name, descriptors):
    values, space = make_values(), SPACES[name]
    features = generate(values, descriptors, space)
    size = space_size(space, descriptors, 30, features=features)
    columns = dict(zip("abc", values.T, strict=True))
    stored = enumerate_stored(columns, descriptors, space)
    last = candidates(stored, space, Units(descriptors)) if space.rungs else 0
    assert size.stored == len(stored)
    assert size.candidates == len(stored) + last
    assert size.exact
    bound = space_size(space, descriptors, 30, values=values)
    assert not bound.exact
    assert bound.stored >= size.stored
    assert bound.candidates >= size.candidates
    if "rung" not in name and "nodes" not in name:
        # only equal features and squares of sums are counted too often
        assert bound.candidates <= 1.7 * size.candidates


def test_count_of_six_descriptors_and_three_rungs_is_that_of_sisso():
    values = np.random.default_rng(0).uniform(0.5, 3, (40, 6))
    described = tuple(Descriptor(f"f{k}") for k in range(6))
    space = SearchSpace.sisso35(rungs=3)
    features = generate(values, described, space)
    size = space_size(space, described, 40, features=features)
    # SISSO 3.5 reports 6.762e8
    assert size.stored == 16_447
    assert size.candidates == 676_212_052


def test_models_are_counted_exactly():
    options = {"budget": Budget(sis=4), "max_terms": 3}
    space = SearchSpace(rungs=1)
    size = space_size(space, PLAIN, 30, **options)
    assert size.models == 4 + 28 + 220
    size = space_size(space, PLAIN, 30, n_residuals=2, **options)
    assert size.models == 4 + 66 + 1140
    size = space_size(space, PLAIN, 30, method="stepwise", **options)
    assert size.models == 4 + 2 * 8 + 3 * 12


def test_models_are_no_more_than_the_features_allow():
    size = space_size(SearchSpace(rungs=0), PLAIN, 30, max_terms=3)
    assert size.models == 3 + 3 + 1


def test_size_reads_as_a_sentence():
    text = describe_size(SearchSpace(), PLAIN, 50)
    assert text.startswith("at most ")
    assert "candidate features" in text
    assert "models" in text


def test_seconds_and_bytes_grow_with_the_search():
    values = make_values(p=6)
    described = tuple(Descriptor(name) for name in "abcdef")
    space = SearchSpace.sisso35(rungs=3)
    features = generate(values, described, space)
    options = {"features": features, "max_terms": 2}
    size = space_size(space, described, 100, **options)
    assert 2 < size.seconds < 8
    assert 5e7 < size.n_bytes < 4e8
    assert space_size(space, described, 200, **options).seconds > 1.8 * size.seconds
    single = Budget(precision="float32", cache_bytes=0)
    small = space_size(space, described, 100, budget=single, **options)
    assert small.seconds < 0.7 * size.seconds
    assert small.n_bytes < size.n_bytes - 64e6


def test_stored_rungs_that_do_not_fit_are_refused_before_they_are_made():
    many = tuple(Descriptor(f"x{i}") for i in range(60))
    space = SearchSpace(rungs=3, max_complexity=7)
    with pytest.raises(SearchError, match="GB; lower"):
        space_size(space, many, 500)
    with pytest.raises(SearchError, match="GB; lower"):
        fit_to_budget(space, many, make_values(500, 60), Budget())


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        (Budget(max_candidates=100), "candidates .*at most 100.*lower max_complexity"),
        (Budget(max_models=10), "models .*at most 10"),
        (Budget(max_bytes=1000), "lower max_complexity"),
        (Budget(max_seconds=1e-9), "seconds .*at most 1e-09"),
    ],
)
def test_search_above_its_budget_is_refused(budget, words):
    with pytest.raises(SearchError, match=words):
        fit_to_budget(SearchSpace(), PLAIN, make_values(), budget)


def test_search_within_its_budget_is_left_as_it_is():
    space, budget = SearchSpace(), Budget(cut=True)
    found = fit_to_budget(space, PLAIN, make_values(), budget)
    assert found[:2] == (space, budget)
    assert found[3] == ""


def test_equal_features_do_not_count_against_the_budget():
    values, space = make_values(p=3), SearchSpace(operators=FOUR, rungs=3)
    bound = space_size(space, PLAIN, 30, values=values)
    features = generate(values, PLAIN, space)
    exact = space_size(space, PLAIN, 30, features=features)
    assert exact.candidates < bound.candidates
    budget = Budget(max_candidates=exact.candidates)
    assert fit_to_budget(space, PLAIN, values, budget)[2] == space_size(
        space, PLAIN, 30, features=features, budget=budget
    )


@pytest.mark.parametrize("space", [SPACES["five nodes"], SPACES["preset of rung 3"]])
def test_space_is_cut_by_its_most_complex_features_first(space):
    values = make_values()
    sizes = {}
    for nodes in range(space.max_complexity, -1, -1):
        rungs = min(space.rungs, nodes)
        smaller = replace(space, max_complexity=nodes, rungs=rungs)
        features = generate(values, PLAIN, smaller)
        sizes[nodes] = space_size(smaller, PLAIN, 30, features=features).candidates
    for nodes, count in sizes.items():
        budget = Budget(max_candidates=count, cut=True)
        cut, same, size, said = fit_to_budget(space, PLAIN, values, budget)
        assert same == budget
        assert size.candidates <= count
        assert cut.max_complexity == max(k for k in sizes if sizes[k] <= count)
        if nodes < space.max_complexity:
            assert f"at most {cut.max_complexity} operators instead of" in said
            assert ("rungs instead of" in said) == (cut.rungs < space.rungs)
        check_budget(size, same)


def test_rungs_of_their_own_operators_are_cut_with_the_rungs():
    space = SearchSpace(by_rung=(("+",), ("*",), ("/",)), rungs=3, max_complexity=7)
    budget = Budget(max_candidates=8, cut=True)
    cut = fit_to_budget(space, PLAIN, make_values(), budget)[0]
    assert cut.by_rung == (("+",),)
    assert cut.rungs == cut.max_complexity == 1


def test_lists_are_cut_when_only_the_models_are_too_many():
    space, values = SearchSpace(), make_values()
    budget = Budget(sis=100, max_models=10_000, cut=True)
    cut, fewer, size, said = fit_to_budget(space, PLAIN, values, budget)
    assert cut == space
    assert size.models <= 10_000
    more = replace(fewer, sis=fewer.sis + 1)
    assert space_size(space, PLAIN, 30, budget=more, values=values).models > 10_000
    assert (
        said
        == f"cut to the budget: {fewer.sis} features kept per screening instead of 100"
    )


def test_lists_are_cut_when_the_models_take_too_long():
    space, values = SearchSpace(), make_values()
    budget = Budget(sis=5000, max_models=10**14, max_seconds=0.05, cut=True)
    _, fewer, size, _ = fit_to_budget(space, PLAIN, values, budget)
    assert 1 <= fewer.sis < 5000
    assert size.seconds <= 0.05


def test_huge_spaces_are_cut_without_being_built():
    many = tuple(Descriptor(f"x{i}") for i in range(60))
    space = SearchSpace(rungs=3, max_complexity=7)
    budget = Budget(cut=True, max_bytes=200_000_000)
    cut, same, size, said = fit_to_budget(space, many, make_values(50, 60), budget)
    assert cut.rungs >= 1
    check_budget(size, same)
    assert "operators instead of 7" in said


def test_budget_that_nothing_fits_is_refused():
    budget = Budget(max_bytes=1000, cut=True)
    with pytest.raises(SearchError, match="bytes"):
        fit_to_budget(SearchSpace(), PLAIN, make_values(), budget)


def test_words_of_a_space_are_checked_when_it_is_counted():
    with pytest.raises(SearchError, match="did you mean"):
        space_size(SearchSpace(excluded=("alpha",)), (Descriptor("alpa"),), 10)
    with pytest.raises(SearchError, match="every descriptor is excluded"):
        space_size(SearchSpace(excluded=tuple("abc")), PLAIN, 10)
