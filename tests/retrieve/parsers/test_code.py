"""Source code: cut where definitions begin."""

import pytest

from suffice.retrieve.parsers.code import SUFFIXES, create
from tests.retrieve.parsers.files import read, shown

PYTHON = '''"""A module."""

import os


# about f
@cached
def f():

    return 1
def g(): pass


class A:
    x = 1

    def h(self):
        return 2

if True:
    pass
else:
    pass
'''
RUST = """use std::io;

/// Doc
#[derive(Debug)]
pub struct P {
    x: i32,

    y: i32,
}
impl P {
    fn new() {}
}
"""


class TestCode:
    def test_definitions_begin_blocks(self) -> None:
        """With their comments and decorators; what is inside them stays with them."""
        assert [text for _, text in shown(read(create(), PYTHON))] == [
            '"""A module."""\n\nimport os',
            "# about f\n@cached\ndef f():\n\n    return 1",
            "def g(): pass",
            "class A:\n    x = 1\n\n    def h(self):\n        return 2",
            "if True:\n    pass\nelse:\n    pass",
        ]

    def test_braces_are_followed_by_their_margin(self) -> None:
        """A closing one ends nothing by itself."""
        assert [text for _, text in shown(read(create(), RUST))] == [
            "use std::io;",
            "/// Doc\n#[derive(Debug)]\npub struct P {\n    x: i32,\n\n    y: i32,\n}",
            "impl P {\n    fn new() {}\n}",
        ]

    @pytest.mark.parametrize(
        "text", [PYTHON, RUST, "\n\n  x = 1\n", "x", "}\n}\n", "a\r\n\r\nb\r\n"]
    )
    def test_no_line_is_lost(self, text: str) -> None:
        """All that is not white space is in a block."""
        parsed = read(create(), text)
        inside = "".join(each for _, each in shown(parsed))
        assert inside.split() == text.split() or "".join(inside.split()) == "".join(text.split())

    def test_its_endings_are_code_s_alone(self) -> None:
        """Each once."""
        assert len(set(SUFFIXES)) == len(SUFFIXES)
