"""Expected answers that no model may write in full."""

from suffice.evaluate.room import too_little
from suffice.records import Case, Json, Message


def case(name: str, *expected: Json, answerable: bool = True) -> Case:
    asked = (Message("user", "Which label?"),)
    return Case(name, asked, expected=expected, answerable=answerable)


def words(text: str) -> int:
    return len(text.split())


def test_the_longest_that_does_not_fit_is_named() -> None:
    """With how many there are, and the limit."""
    cases = [case("a", "one two three"), case("b", "one two three four"), case("c", "one")]
    found = too_little(cases, 2, words)
    assert str(found) == (
        "2 of 3 expected answers are longer than `max_tokens: 2` lets a model write "
        "(case b: 4 tokens)"
    )


def test_one_answer_that_fits_is_enough() -> None:
    """Of several that would do; what is to be declined expects none."""
    cases = [case("a", "one two three", "one"), case("b", "a b c d", answerable=False), case("c")]
    assert too_little(cases, 2, words) is None


def test_an_object_is_as_long_as_it_is_written() -> None:
    """Without the blanks that it needs not have."""
    written = len('{"key":"value","other":1}')
    assert too_little([case("a", {"key": "value", "other": 1})], written, len) is None
    assert too_little([case("a", {"key": "value", "other": 1})], written - 1, len) is not None
