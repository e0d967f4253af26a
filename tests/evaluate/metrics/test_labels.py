"""label, label-format and macro-F1."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score  # type: ignore[import-untyped]

from suffice.evaluate.metrics.label import Label, macro_f1, read_label
from suffice.evaluate.metrics.label_format import LabelFormat
from tests.evaluate.metrics.contexts import context

CARDS = ("card_arrival", "card_not_working", "refund", "refund_not_showing_up")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("refund", "refund"),
        ("Refund.", "refund"),
        ('{"label": "refund"}', "refund"),
        ('```json\n{"intent": "card_arrival"}\n```', "card_arrival"),
        ("This is about **card not working**.", "card_not_working"),
        ("refund_not_showing_up", "refund_not_showing_up"),
        ("It is a refund not showing up.", "refund_not_showing_up"),
        ("It is not refund but card_arrival.", "card_arrival"),
        ("Could be refund or card_arrival.", None),
        ("Could be refund or card_arrival.\n\nLabel: refund", "refund"),
        ("refund\n\nI considered card_arrival too.", None),
        ("refunds", None),
        ("something else", None),
        ("", None),
    ],
)
def test_the_label_that_an_answer_names(text: str, named: str | None) -> None:
    """Exactly one, the longest that matches, not one that is denied."""
    assert read_label(text, CARDS) == named


def test_the_label_is_right_or_wrong() -> None:
    """The reading is what it was taken for; nothing where it names none."""
    metric = Label(labels=CARDS)
    right = metric.score(context("It is a refund.", "refund"))
    assert (right.value, right.reading) == (1, "refund")
    lost = metric.score(context("Who knows what that is?", "refund"))
    assert (lost.value, lost.reading) == (0, "")


def test_labels_come_from_the_schema_where_none_are_given() -> None:
    """So a wrong label is known as one."""
    schema = {"properties": {"kind": {"enum": ["spam", "ham"]}}}
    score = Label().score(context("It is ham.", "spam", schema=schema))
    assert (score.value, score.reading) == (0, "ham")


@pytest.mark.parametrize(
    ("text", "value"), [("refund", 1), (" refund\n", 1), ("Refund", 0), ("refund.", 0), ("{}", 0)]
)
def test_label_format_wants_the_bare_label(text: str, value: float) -> None:
    """Right content in another shape is a miss here and only here."""
    assert LabelFormat(labels=CARDS).score(context(text, "refund")).value == value


def test_label_format_without_labels_is_unscored() -> None:
    """There is nothing to hold the answer against."""
    assert LabelFormat().score(context("refund")).value is None


_LABELS = st.sampled_from(["a", "b", "c"])


@given(st.lists(st.tuples(_LABELS, _LABELS), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_macro_f1_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    """Over all labels that were expected or named."""
    expected, named = [one for one, _ in pairs], [other for _, other in pairs]
    reference = f1_score(expected, named, average="macro")
    assert macro_f1(pairs) == pytest.approx(reference)


def test_an_unread_label_is_a_miss_and_no_label() -> None:
    """One of two `a` found: F1 2/3; `b` found: 1. No third label pulls the mean down."""
    assert macro_f1([("a", "a"), ("a", None), ("b", "b")]) == pytest.approx((2 / 3 + 1) / 2)
    assert macro_f1([]) is None
