"""Foreign templates: plain places are filled, and nothing is run."""

import pytest

from suffice.evaluate.formats.template import fill
from suffice.records import Json

VALUES: dict[str, Json] = {
    "name": "Ann",
    "n": 3,
    "item": {"a": "x", "turns": [{"content": "hi"}], "none": None},
    "evil": "{{ name }} {% raw %}",
    "7*7": "49",
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Hello {{name}}, {{ n }}!", "Hello Ann, 3!"),
        ("{{item.a}} {{ item['a'] }} {{item.turns.0.content}}", "x x hi"),
        ("{{item.turns}}", '[{"content":"hi"}]'),
        ("{{item.none}}|", "|"),
        ("{{- name -}}", "Ann"),
        ("no place { here }", "no place { here }"),
        ("{{evil}}", "{{ name }} {% raw %}"),
    ],
)
def test_plain_places_are_filled_once(template: str, text: str) -> None:
    """What a value holds is text and never a template again."""
    filled = fill(template, VALUES)
    assert (filled.text, filled.left) == (text, ())


@pytest.mark.parametrize(
    "place",
    [
        "{{ missing }}",
        "{{ name | upper }}",
        "{{ name.__class__ }}",
        "{{ item.__class__.__mro__ }}",
        "{{ range(10) }}",
        "{{ self._TemplateReference__context }}",
        "{% if n %}",
        "{# note #}",
        "{{ 7*7 }}",
        "{{}}",
    ],
)
def test_everything_else_is_left_as_it_is_and_told(place: str) -> None:
    """Filters, calls and attributes of objects are not for a file to use."""
    filled = fill(f"a {place} b", VALUES)
    assert filled.text == f"a {place} b"
    assert filled.left == (place,)
