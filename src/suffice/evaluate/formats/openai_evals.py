"""Exports of OpenAI Evals: items or run output beside their eval object, and the older samples.

The eval object ({"object": "eval", "testing_criteria": ...}) and the run that holds the prompt
({"object": "eval.run", "data_source": ...}) are looked for as .json files in the same folder.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from suffice.errors import DataError
from suffice.evaluate.formats.asked import asked
from suffice.evaluate.formats.chat import turns
from suffice.evaluate.formats.grading import Grading, Left, Notices
from suffice.evaluate.formats.openai_evals_criteria import Criterion, reaches, take
from suffice.evaluate.formats.template import fill, known
from suffice.evaluate.lines import first_row, read_jsonl, whole_json
from suffice.ports import Cases
from suffice.records import Case, Json, Message, Source

_HOW = (
    "Put the run's JSON (with `data_source.input_messages`) into the same folder, "
    "or name the field `question`."
)


class OpenaiEvals:
    """Reads a JSONL file of items, output items or samples; or the eval's JSON, or its folder."""

    def recognises(self, path: Path) -> bool:
        try:
            if path.is_dir():
                return bool(_objects(path, "eval")) and bool(_item_files(path))
            if path.suffix.lower() == ".json":
                return _is(whole_json(path), "eval") or _is_page(whole_json(path))
        except DataError:
            return False
        return path.suffix.lower() in (".jsonl", ".ndjson") and _is_row(first_row(path))

    def read(self, path: Path) -> Cases:
        folder = path if path.is_dir() else path.parent
        reading = _Reading(_only(folder, "eval"), _only(folder, "eval.run"))
        cases = tuple(reading.case(source, row) for source, row in _rows(path))
        if not cases:
            raise DataError("no items here", Source(str(path)))
        return Cases(cases, (), reading.notices.warnings())


def create() -> OpenaiEvals:
    return OpenaiEvals()


@dataclass
class _Reading:
    """The eval and the run that a file of items belongs to."""

    eval_object: tuple[Path, dict[str, Json]] | None
    run: tuple[Path, dict[str, Json]] | None
    notices: Notices = field(default_factory=Notices)

    def case(self, source: Source, row: dict[str, Json]) -> Case:
        if "input" in row and "item" not in row:
            return self._old(source, row)
        item = row.get("item", row.get("datasource_item"))
        if not isinstance(item, dict):
            raise DataError('a row must be {"item": {...}} or a run\'s output item', source)
        item = item["item"] if set(item) == {"item"} and isinstance(item["item"], dict) else item
        grading = self._grading(source, item)
        return Case(
            id=str(row.get("id") or row.get("datasource_item_id") or f"line-{source.line}"),
            messages=self._messages(source, row, item),
            expected=grading.expected,
            checks=tuple(grading.checks),
            source=source,
        )

    def _old(self, source: Source, row: dict[str, Json]) -> Case:
        """A sample of the older, open-source Evals: {"input": ..., "ideal": ...}."""
        ideal = row.get("ideal")
        expected = ideal if isinstance(ideal, list) else [] if ideal is None else [ideal]
        self.notices.say(
            source, "the samples do not say how they are graded; see the `checks` of each case"
        )
        return Case(
            id=str(row.get("id") or f"line-{source.line}"),
            messages=asked({"input": row["input"]}, source, missing=_HOW),
            expected=tuple(expected),
            source=source,
        )

    def _grading(self, source: Source, item: dict[str, Json]) -> Grading:
        grading = Grading(self.notices)
        if self.eval_object is None:
            self.notices.say(source, "no eval object beside these items, so no criteria")
            return grading
        path, content = self.eval_object
        for grader in content.get("testing_criteria") or []:
            criterion = Criterion(grader if isinstance(grader, dict) else {}, item)
            try:
                grading.add(take(criterion), criterion.name, Source(str(path)))
            except Left as reason:
                grading.leave(criterion.name, str(reason), Source(str(path)))
        return grading

    def _messages(
        self, source: Source, row: Mapping[str, Json], item: Mapping[str, Json]
    ) -> tuple[Message, ...]:
        sample = row.get("sample")
        if isinstance(sample, dict) and isinstance(sample.get("input"), list) and sample["input"]:
            return turns(sample["input"], source)
        if self.run is None:
            return asked(item, source, missing=_HOW)
        path, content = self.run
        inputs = (content.get("data_source") or {}).get("input_messages") or {}
        if isinstance(inputs.get("item_reference"), str):
            value = reaches(inputs["item_reference"], item)
            return turns(value if known(value) else None, source)
        template = turns(inputs.get("template"), Source(str(path)))
        return tuple(self._filled(message, item, source) for message in template)

    def _filled(self, message: Message, item: Mapping[str, Json], source: Source) -> Message:
        filled = fill(message.content, {"item": item})
        if filled.left:
            raise DataError(f"the item lacks {', '.join(filled.left)} of the run's prompt", source)
        return replace(message, content=filled.text)


def _rows(path: Path) -> Iterator[tuple[Source, dict[str, Json]]]:
    """Every item of a JSONL file, of a page of output items, or of the files in a folder."""
    if path.suffix.lower() == ".json":
        value = whole_json(path)
        if _is_page(value):
            yield from ((Source(str(path)), row) for row in value["data"])
            return
        path = path.parent
    for file in _item_files(path) if path.is_dir() else [path]:
        yield from ((Source(str(file), line), row) for line, row in read_jsonl(file))


def _item_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*.jsonl")) if _is_row(first_row(path))]


def _objects(folder: Path, kind: str) -> list[tuple[Path, dict[str, Json]]]:
    """The JSON files of a folder that hold an object of this kind; others are not ours to judge."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            value = whole_json(path)
        except DataError:
            continue
        if _is(value, kind):
            found.append((path, value))
    return found


def _only(folder: Path, kind: str) -> tuple[Path, dict[str, Json]] | None:
    found = _objects(folder, kind)
    if len(found) > 1:
        names = ", ".join(path.name for path, _ in found)
        raise DataError(f"several {kind} objects ({names}); keep one", Source(str(folder)))
    return found[0] if found else None


def _is(value: Json, kind: str) -> bool:
    if not isinstance(value, dict):
        return False
    shapes = {"eval": "testing_criteria", "eval.run": "data_source"}
    return value.get("object", kind) == kind and shapes[kind] in value


def _is_page(value: Json) -> bool:
    """A page of a list call: {"object": "list", "data": [...]}."""
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        return False
    return bool(value["data"]) and all(_is_row(row) for row in value["data"])


def _is_row(row: Json) -> bool:
    if not isinstance(row, dict):
        return False
    items = row.get("item", row.get("datasource_item"))
    return isinstance(items, dict) or {"input", "ideal"} <= set(row)
