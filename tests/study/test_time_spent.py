"""Where the time went, in plain words."""

from types import SimpleNamespace

from hecsr.study.time_spent import Clock, time_spent
from hecsr.validation.parts import Work


def test_the_table_adds_up_what_was_taken_up_and_says_so():
    result = SimpleNamespace(
        work={
            "comparison": Work(370, 120, 4000.0),
            "partial dependence": Work(1, 0, 0.4),
            "SHAP": Work(20, 20, 44.6),
        },
        durations={"data": 1.0, "comparison": 600.0},
    )
    assert time_spent(result) == (
        "Where the time went, all workers together:\n"
        "  comparison              67 min  370 parts, 120 of them from an earlier run\n"
        "  partial dependence   under 1 s  1 part\n"
        "  SHAP                      45 s  20 parts, 20 of them from an earlier run\n"
        "  together                67 min\n"
        "By the clock the stages of this run took 10 min."
    )


def test_the_clock_tells_the_seconds_of_each_stage():
    clock = Clock()
    with clock("one"), clock("two"):
        pass
    assert clock.seconds == {"two": 0.0, "one": 0.0}
