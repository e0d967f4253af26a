"""JSON: words instead of brackets; a corpus is many documents."""

import json

import pytest

from suffice.errors import DataError
from suffice.retrieve.corpus import Row, RowFault
from suffice.retrieve.parsers.json import create
from tests.retrieve.parsers.files import read, shown


def corpus(*lines: str, name: str = "corpus.jsonl") -> list[Row | RowFault] | None:
    found = create().corpus("\n".join(lines).encode(), name)
    return None if found is None else list(found)


class TestRecords:
    def test_a_list_is_read_record_by_record(self) -> None:
        """Keys with their values a line; nested keys by points; nothing for null."""
        text = '[{"name": "Anna", "at": {"city": "Bonn", "zip": null}, "ok": true}, {"name": "Bo"}]'
        assert shown(read(create(), text, "a.json")) == [
            ("paragraph", "name: Anna\nat.city: Bonn\nok: yes"),
            ("paragraph", "name: Bo"),
        ]

    def test_an_object_is_read_entry_by_entry(self) -> None:
        """A list of objects in it gives a block each."""
        text = (
            '{"title": "Shop", "date": "2024-01-02", "tags": ["a", "b"], '
            '"rows": [{"x": 1}, {"x": 2}]}'
        )
        parsed = read(create(), text, "a.json")
        assert [text for _, text in shown(parsed)] == [
            "title: Shop",
            "date: 2024-01-02",
            "tags: a, b",
            "rows.x: 1",
            "rows.x: 2",
        ]
        assert (parsed.title, parsed.dated) == ("Shop", "2024-01-02")

    def test_lines_without_ids_are_one_document(self) -> None:
        """A record a line."""
        assert corpus('{"q": "a"}', '{"q": "b"}') is None
        parsed = read(create(), '{"q": "a"}\n\n{"q": "b"}\n', "log.jsonl")
        assert [text for _, text in shown(parsed)] == ["q: a", "q: b"]

    @pytest.mark.parametrize(
        ("text", "name", "reason"),
        [
            ('{"a": 1', "a.json", "not JSON"),
            ('{"a": 1}\n{"a"', "a.jsonl", "line 2: not JSON"),
            ('"\\ud800"', "a.json", "not JSON"),
            ("[" * 100_000, "a.json", "nested deeper|not JSON"),
            ('{"a":' * 100 + "1" + "}" * 100, "a.json", "nested deeper than 64"),
        ],
    )
    def test_what_is_no_json_is_refused(self, text: str, name: str, reason: str) -> None:
        """With the line where there are lines."""
        with pytest.raises(DataError, match=reason):
            read(create(), text, name)


class TestCorpus:
    def test_each_row_is_a_document(self) -> None:
        """With its id, title, day and what else it says."""
        found = corpus(
            json.dumps({"_id": "d1", "title": "T", "text": "one\n\ntwo", "metadata": {"url": "u"}}),
            json.dumps({"id": 2, "text": "three", "date": "2024-01-02", "year": 2024}),
        )
        assert found is not None
        first, second = found
        assert isinstance(first, Row)
        assert isinstance(second, Row)
        assert (first.id, first.parsed.title, first.parsed.meta) == ("d1", "T", {"url": "u"})
        assert shown(first.parsed) == [("paragraph", "one"), ("paragraph", "two")]
        assert (second.id, second.line, second.parsed.dated) == ("2", 2, "2024-01-02")
        assert second.parsed.meta == {"date": "2024-01-02", "year": "2024"}

    def test_a_row_changes_its_own_digest_alone(self) -> None:
        """So that one changed row is one changed document."""
        before = corpus('{"_id":"a","text":"x"}', '{"_id":"b","text":"y"}') or []
        after = corpus('{"_id":"a","text":"x"}', '{"_id":"b","text":"z"}') or []
        digests = [
            (row.digest, other.digest)
            for row, other in zip(before, after, strict=True)
            if isinstance(row, Row) and isinstance(other, Row)
        ]
        assert [one == two for one, two in digests] == [True, False]

    def test_a_bad_row_costs_itself(self) -> None:
        """With its line and its reason."""
        found = corpus('{"_id":"a","text":"x"}', "{", '{"text":"y"}', '{"_id":"b"}', "[]")
        assert found is not None
        faults = [(each.line, each.reason[:20]) for each in found if isinstance(each, RowFault)]
        assert faults == [
            (2, "not JSON: Input data"),
            (3, "a row of a corpus ne"),
            (4, "a row of a corpus ne"),
            (5, "a row of a corpus ne"),
        ]

    def test_a_row_with_a_title_alone_is_its_title(self) -> None:
        """BEIR's corpora have such."""
        (row,) = corpus('{"_id":"a","title":"T","text":""}') or []
        assert isinstance(row, Row)
        assert row.parsed.text == "T"

    def test_line_separators_inside_a_text_end_no_line(self) -> None:
        """U+2028 and U+0085 are letters of a JSON text."""
        found = corpus('{"_id":"a","text":"x\u2028y\x85z"}')
        assert found is not None
        assert len(found) == 1
        assert isinstance(found[0], Row)
