"""Single numbers as text."""

import pytest

from suffice.records import Interval
from suffice.report import words


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "<0.001"),
        (0.00099, "<0.001"),
        (0.001, "0.001"),
        (0.0123, "0.012"),
        (0.5, "0.500"),
        (0.9996, ">0.999"),
        (1.0, "1"),
        (None, "-"),
    ],
)
def test_a_p_value_is_never_rounded_to_certainty(p: float | None, text: str) -> None:
    """No p-value reads 0.000, and one that is not 1 does not read 1."""
    assert words.p_value(p) == text


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0, "$0.00"),
        (1e-9, "<$0.000001"),
        (0.00042, "$0.00042"),
        (0.0042, "$0.0042"),
        (0.05, "$0.05"),
        (1.2, "$1.20"),
        (99.994, "$99.99"),
        (1234.5, "$1,234"),
    ],
)
def test_money_keeps_two_significant_digits_below_a_cent(usd: float, text: str) -> None:
    """Small prices stay readable and large ones drop their cents."""
    assert words.money(usd) == text


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (0.0, "under 1 ms"),
        (0.042, "42 ms"),
        (0.94, "940 ms"),
        (0.96, "1.0 s"),
        (1.42, "1.4 s"),
        (9.96, "10 s"),
        (119.4, "119 s"),
        (128.4, "2 min 8 s"),
        (4320, "1 h 12 min"),
    ],
)
def test_durations_are_read_at_a_glance(duration: float, text: str) -> None:
    """A duration names the unit that suits its size."""
    assert words.seconds(duration) == text


@pytest.mark.parametrize(
    ("value", "low", "high", "required", "text"),
    [
        (0.8312, 0.764, 0.893, None, "83% [76, 89]"),
        (0.8312, 0.764, 0.893, 0.85, "83% [76, 89]"),
        (0.8461, 0.764, 0.893, 0.85, "84.6% [76.4, 89.3]"),  # 85% would seem to clear the bar
        (0.91, 0.8496, 0.95, 0.85, "91.00% [84.96, 95.00]"),  # and so would a low end of 85.0
        (0.9, 0.85, 0.95, 0.85, "90% [85, 95]"),  # exactly on the bar is no rounding
        (0.997, 0.98, 1.0, None, "99.7% [98.0, 100.0]"),
        (0.0025, 0.0, 0.014, None, "0.2% [0.0, 1.4]"),
        (1.0, 0.976, 1.0, 0.95, "100% [98, 100]"),
        (0.0, 0.0, 0.02, None, "0% [0, 2]"),
    ],
)
def test_shares_take_the_digits_that_tell_them_from_their_bar(
    value: float, low: float, high: float, required: float | None, text: str
) -> None:
    """A share never looks equal to its bar, to 0 or to 100% by rounding alone."""
    interval = Interval(low, high)
    scale = words.scale_of("correct", value, interval, required)
    assert f"{scale.write(value)} {scale.write_interval(interval)}" == text


@pytest.mark.parametrize(
    ("measure", "value", "low", "high", "text"),
    [
        ("latency_p95_s", 1.42, 1.21, 1.66, "1.4 s [1.2, 1.7]"),
        ("latency_p95_s", 0.42, 0.4, 1.6, "0.42 s [0.40, 1.60]"),
        ("latency_p95_s", 0.042, 0.031, 0.12, "42 ms [31, 120]"),
        ("latency_p95_s", 14.2, 12, 18.1, "14 s [12, 18]"),
        ("usd_per_1k", 0.413, 0.38, 0.44, "$0.41 [0.38, 0.44]"),
        ("usd_per_1k", 0.0412, 0.0404, 0.0421, "$0.041 [0.040, 0.042]"),
        ("correct", 0.8312, 0.8306, 0.8349, "83.1% [83.1, 83.5]"),
        ("usd_per_1k", 0.0042, 0.0038, 0.012, "$0.0042 [0.0038, 0.0120]"),
    ],
)
def test_an_interval_is_written_in_the_unit_of_its_value(
    measure: str, value: float, low: float, high: float, text: str
) -> None:
    """Value and interval share a unit and their digits, so that they can be compared by eye."""
    interval = Interval(low, high)
    scale = words.scale_of(measure, value, interval, None)
    assert f"{scale.write(value)} {scale.write_interval(interval)}" == text


@pytest.mark.parametrize(
    ("measure", "difference", "text"),
    [
        ("correct", 0.0625, "+6.2 points"),
        ("correct", -0.0102, "-1.0 points"),
        ("correct", 0.0, "0.0 points"),
        ("correct", -0.00004, "0.0 points"),
        ("latency_p95_s", -0.31, "-0.31 s"),
        ("usd_per_1k", -0.02, "-$0.02"),
        ("usd_per_1k", 0.02, "+$0.02"),
    ],
)
def test_differences_carry_their_sign(measure: str, difference: float, text: str) -> None:
    """A difference shows which way it goes, and nothing has no sign."""
    assert words.difference_scale(measure, difference).write(difference) == text


@pytest.mark.parametrize(
    ("measure", "bar", "text"),
    [
        ("correct", 0.85, "at least 85%"),
        ("format", 0.995, "at least 99.5%"),
        ("latency_p95_s", 2.0, "at most 2 s"),
        ("usd_per_1k", 5, "at most $5"),
        ("usd_per_1k", 0.5, "at most $0.50"),
    ],
)
def test_a_bar_says_from_which_side_it_binds(measure: str, bar: float, text: str) -> None:
    """Shares must reach their bar; seconds and dollars must stay below it."""
    assert words.required(measure, bar) == text


@pytest.mark.parametrize(
    ("measure", "text"),
    [
        ("correct", "correct"),
        ("latency_p95_s", "latency p95"),
        ("usd_per_1k", "$ per 1k"),
        ("macro_f1", "macro F1"),
        ("right_of_answered", "right if answered"),
        ("judge", "judged right"),
        ("abstains", "abstains"),
    ],
)
def test_measures_are_named_in_words(measure: str, text: str) -> None:
    """The unit moves from the name to the number."""
    assert words.label(measure) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0.03, "3 points"), (0.01, "1 point"), (0.025, "2.5 points")]
)
def test_a_margin_of_shares_is_in_points(size: float, text: str) -> None:
    """Three hundredths of a share are three points, not three per cent."""
    assert words.margin("correct", size) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext\nand more", "plain\ttext\nand more"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("nul\x00", "nul\\x00"),
        ("a\r\nb", "a\nb"),
        ("over\rwritten", "over\\rwritten"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("half \ud800", "half \\ud800"),
        ("Grüße, 你好, \U0001f600", "Grüße, 你好, \U0001f600"),
    ],
)
def test_control_characters_are_spelled_out(text: str, shown: str) -> None:
    """What could move the cursor, reorder text or break an encoder is shown, not sent."""
    assert words.visible(text) == shown
