"""YAML from strangers: bounded, safe, and with its lines."""

from pathlib import Path

import pytest

from suffice.errors import DataError
from suffice.evaluate.formats.yaml_file import Lined, parse_yaml

FILE = Path("x.yaml")


def test_mappings_know_their_line() -> None:
    """Warnings can name where an assertion stands."""
    value = parse_yaml("a:\n  - b: 1\n\n  - {c: 2}\n", FILE)
    assert isinstance(value["a"][0], Lined)
    assert [item.line for item in value["a"]] == [2, 4]


def test_aliases_and_merges_are_written_out() -> None:
    """What honest files use works."""
    value = parse_yaml("d: &d {k: 1}\na: *d\nb:\n  <<: *d\n  l: 2\n", FILE)
    assert value == {"d": {"k": 1}, "a": {"k": 1}, "b": {"k": 1, "l": 2}}


def test_dates_are_texts() -> None:
    """A case holds JSON, and JSON has no dates."""
    assert parse_yaml("a: 2026-11-21", FILE) == {"a": "2026-11-21"}


def test_an_empty_file_is_nothing() -> None:
    """The caller says what is missing."""
    assert parse_yaml("", FILE) is None


BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "x.yaml:6: stands for more than 1,000,000 values once its aliases are written out"),
        ("a: &a [*a]", "x.yaml:1: the alias *a holds itself or nothing"),
        ("a: *b", "x.yaml:1: "),
        ("a: " + "[" * 100_000, "x.yaml:1: nested deeper than 64 levels"),
        ("a: 1\nb: }", "x.yaml:2: not YAML: "),
        ("a: 1\n---\nb: 1", "x.yaml:2: not YAML: "),
        ("a: !!python/name:os.system", "x.yaml:1: not YAML: could not determine a constructor"),
        ("\ta: 1", "x.yaml:1: not YAML: "),
    ],
    ids=["bomb", "cycle", "unknown alias", "deep", "brace", "two", "code", "tab"],
)
def test_bad_yaml_is_refused_with_its_line(text: str, words: str) -> None:
    """Neither memory nor the machine is at the mercy of a file."""
    with pytest.raises(DataError) as caught:
        parse_yaml(text, FILE)
    assert str(caught.value).startswith(words)
