"""The time left, from seconds that are known."""

import math

import pytest

from hecsr.validation.forecast import Forecast


def test_parts_take_as_long_as_the_finished_ones_of_their_kind():
    forecast = Forecast()
    forecast.begin("comparison", ["slow"] * 4 + ["quick"] * 10)
    forecast.took("comparison", "slow", 8)
    forecast.took("comparison", "slow", 12)
    forecast.took("comparison", "quick", 1)
    # 2 slow ones at 10 s and 9 quick ones at 1 s, on two workers
    assert forecast.left(2) == pytest.approx((2 * 10 + 9 * 1) / 2)


def test_nothing_is_said_before_the_first_part_is_finished():
    forecast = Forecast()
    forecast.begin("comparison", ["slow"] * 4)
    assert forecast.left(1) is None
    assert math.isnan(forecast.seconds("comparison", "slow"))


def test_later_stages_are_counted_by_what_they_are_like():
    forecast = Forecast()
    forecast.expect("chance", "sisso", 50, like=("comparison", "sisso"), times=0.5)
    forecast.expect("learning", "sisso", 10, like=("chance", "sisso"), times=3)
    forecast.begin("comparison", ["sisso"] * 2)
    forecast.took("comparison", "sisso", 4)
    assert forecast.seconds("chance", "sisso") == 2
    assert forecast.seconds("learning", "sisso") == 6
    assert forecast.left(1) == pytest.approx(4 + 50 * 2 + 10 * 6)
    # its own seconds are better than those of what it is like
    forecast.begin("chance", ["sisso"] * 50)
    forecast.took("chance", "sisso", 1)
    assert forecast.left(1) == pytest.approx(4 + 49 * 1 + 10 * 3)


def test_a_kind_that_nothing_is_known_of_is_as_long_as_the_others():
    forecast = Forecast()
    forecast.begin("s", ["a", "a", "b", "c"])
    forecast.took("s", "a", 1)
    forecast.took("s", "b", 5)
    assert forecast.seconds("s", "c") == 3


def test_kinds_that_are_like_each_other_do_not_go_round():
    forecast = Forecast()
    forecast.expect("s", "a", 1, like=("s", "b"))
    forecast.expect("s", "b", 1, like=("s", "a"))
    forecast.begin("t", ["x"])
    forecast.took("t", "x", 2)
    assert forecast.left(1) == 4


def test_a_stage_takes_no_less_than_its_longest_part():
    forecast = Forecast()
    forecast.begin("s", ["long"] * 2 + ["short"])
    forecast.took("s", "long", 60)
    forecast.took("s", "short", 1)
    assert forecast.left(8) == 60


def test_an_announcement_is_replaced_by_what_there_really_is_to_do():
    forecast = Forecast()
    forecast.expect("s", "a", 100)
    forecast.expect("s", "b", 100)
    forecast.expect("t", "a", 7)
    # 98 of them are finished already: read, not waited for
    forecast.took("s", "a", 2, waited=False)
    forecast.begin("s", ["a", "a"])
    assert forecast.left(1) == pytest.approx(2 * 2 + 7 * 2)
    forecast.expect("t", "a", 0)
    assert forecast.left(1) == pytest.approx(2 * 2)
