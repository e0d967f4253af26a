"""promptfoo: a configuration or a file of tests; prompts filled with variables, asserts as checks.

The first prompt makes the questions; other prompts, scripts and whatever else has no counterpart
here become warnings that name file and line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice, product
from pathlib import Path

import msgspec

from suffice.errors import DataError
from suffice.evaluate.formats.asked import asked
from suffice.evaluate.formats.chat import turns
from suffice.evaluate.formats.grading import Grading, Left, Notices
from suffice.evaluate.formats.promptfoo_asserts import Assertion, take
from suffice.evaluate.formats.promptfoo_files import (
    CONFIG_NAMES,
    YAML,
    Test,
    content,
    find,
    looks_like_test,
    looks_like_tests,
    tests_in,
    tests_of_file,
)
from suffice.evaluate.formats.row import schema_of
from suffice.evaluate.formats.template import fill
from suffice.evaluate.lines import first_row, text_lines
from suffice.ports import Cases
from suffice.records import Case, Json, Message, Source

MOST_EXPANSIONS = 1000  # cases that the lists among one test's variables may make


class Promptfoo:
    """Reads the folder, its promptfooconfig, or a YAML, JSON, JSONL or CSV file of tests."""

    def recognises(self, path: Path) -> bool:
        if path.is_dir():
            return any((path / name).is_file() for name in CONFIG_NAMES)
        try:
            return path.name in CONFIG_NAMES or _has_tests(path)
        except DataError:
            return False

    def read(self, path: Path) -> Cases:
        reading = _Reading.of(_config_in(path))
        cases = tuple(reading.cases())
        if not cases:
            raise DataError(
                "no test could be taken over" + "".join(f"\n{w}" for w in reading.warnings()),
                Source(str(path)),
            )
        return Cases(cases, (), reading.warnings())


def create() -> Promptfoo:
    return Promptfoo()


def _config_in(path: Path) -> Path:
    if not path.is_dir():
        return path
    found = [path / name for name in CONFIG_NAMES if (path / name).is_file()]
    if not found:
        raise DataError(f"no {' or '.join(CONFIG_NAMES)} here", Source(str(path)))
    return found[0]


def _has_tests(path: Path) -> bool:
    ending = path.suffix.lower()
    if ending in (".jsonl", ".ndjson"):
        return looks_like_test(first_row(path))
    if ending == ".csv":
        return "__expected" in next((line for _, line in text_lines(path)), "")
    return ending in (*YAML, ".json") and looks_like_tests(content(path, Source(str(path))))


@dataclass
class _Reading:
    """One configuration while it is read."""

    path: Path
    prompt: Json = None
    prompt_at: Source | None = None
    default: dict[str, Json] = field(default_factory=dict)
    templates: Mapping[str, Json] = field(default_factory=dict)
    tests: Json = None
    notices: Notices = field(default_factory=Notices)
    _seen: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path) -> "_Reading":
        source = Source(str(path))
        config = None
        if path.suffix.lower() in (*YAML, ".json"):
            config = content(path, source)
            if not isinstance(config, (dict, list)):
                raise DataError("not a promptfoo configuration: it is no mapping", source)
        if not isinstance(config, dict) or ("tests" not in config and looks_like_test(config)):
            return cls(path)
        reading = cls(path, tests=config.get("tests"))
        if reading.tests is None:
            raise DataError("a promptfoo configuration without `tests`", source)
        reading._configure(config, source)
        return reading

    def warnings(self) -> tuple[str, ...]:
        return self.notices.warnings()

    def cases(self) -> Iterator[Case]:
        for source, test in self._all_tests():
            for values in self._expanded(source, test):
                yield self._case(source, test, values)

    def _configure(self, config: dict[str, Json], source: Source) -> None:
        prompts = config.get("prompts")
        prompts = prompts if isinstance(prompts, list) else [prompts] if prompts else []
        if len(prompts) > 1:
            self.notices.say(
                source, f"{len(prompts)} prompts; the cases are made with the first of them"
            )
        if prompts:
            self.prompt, self.prompt_at = self._prompt(prompts[0], source)
        default = config.get("defaultTest")
        if isinstance(default, str):
            default = content(find(self.path.parent, default, source)[0], source)
        self.default = default if isinstance(default, dict) else {}
        templates = config.get("assertionTemplates")
        self.templates = templates if isinstance(templates, dict) else {}
        for key in ("scenarios", "nunjucksFilters", "extensions"):
            if config.get(key):
                self.notices.say(source, f"`{key}` are not taken over")

    def _prompt(self, value: Json, source: Source) -> tuple[Json, Source]:
        """The template: a text, or a list of messages."""
        if isinstance(value, dict):
            source = Source(source.path, getattr(value, "line", None))
            value = value.get("raw") or value.get("id")
        if not isinstance(value, str):
            raise DataError(f"a prompt must be a text or file://..., not {value!r}", source)
        if value.startswith("file://"):
            path = find(self.path.parent, value, source)[0]
            value, source = content(path, source), Source(str(path))
        if isinstance(value, str):
            # promptfoo parts a file of several prompts at lines of three dashes
            value = value.split("\n---\n")[0].strip()
            if value.startswith("["):
                try:
                    value = msgspec.json.decode(value)
                except (msgspec.DecodeError, RecursionError):
                    return value, source
        return value, source

    def _all_tests(self) -> Iterator[Test]:
        source = Source(str(self.path))
        if self.tests is None:
            return tests_of_file(self.path, self.notices)
        return tests_in(self.tests, self.path.parent, source, self.notices)

    def _expanded(self, source: Source, test: dict[str, Json]) -> Iterator[dict[str, Json]]:
        """The test's variables; every list among them makes one case an item, as promptfoo does."""
        values = dict(_mapping(self.default, "vars", source) | _mapping(test, "vars", source))
        for name, value in values.items():
            if isinstance(value, str) and value.startswith("file://"):
                values[name] = content(find(self.path.parent, value, source)[0], source)
        options = _mapping(self.default, "options", source) | _mapping(test, "options", source)
        lists = [name for name, value in values.items() if isinstance(value, list) and value]
        if options.get("disableVarExpansion") or not lists:
            yield values
            return
        combinations = product(*(values[name] for name in lists))
        for count, chosen in enumerate(islice(combinations, MOST_EXPANSIONS + 1)):
            if count == MOST_EXPANSIONS:
                raise DataError(
                    f"the lists among `vars` make more than {MOST_EXPANSIONS} cases; "
                    "set options.disableVarExpansion, or write the cases out",
                    source,
                )
            yield values | dict(zip(lists, chosen, strict=True))

    def _case(self, source: Source, test: dict[str, Json], values: dict[str, Json]) -> Case:
        grading = self._grading(source, test, values)
        options = _mapping(self.default, "options", source) | _mapping(test, "options", source)
        if options.get("transform"):
            self.notices.say(source, "`transform` is not taken over: Suffice runs no code")
        return Case(
            id=self._name(test.get("description")),
            messages=self._messages(source, values, options),
            expected=grading.expected if grading.answerable else (),
            checks=tuple(grading.checks),
            answerable=grading.answerable,
            tags=_tags(
                _mapping(self.default, "metadata", source) | _mapping(test, "metadata", source)
            ),
            schema=schema_of(grading.schema, source),
            source=source,
        )

    def _name(self, description: Json) -> str:
        """The description where it is told, numbered where it comes again."""
        name = description.strip() if isinstance(description, str) else ""
        name = name or "test"
        self._seen[name] = count = self._seen.get(name, 0) + 1
        return f"{name}-{count}" if name == "test" or count > 1 else name

    def _messages(
        self, source: Source, values: dict[str, Json], options: Mapping[str, Json]
    ) -> tuple[Message, ...]:
        if self.prompt is None:
            return asked(values, source, missing="Name the configuration that holds the prompt.")
        if isinstance(self.prompt, list):
            messages = turns(self.prompt, self.prompt_at)
        else:
            around = (str(options.get("prefix", "")), str(options.get("suffix", "")))
            messages = (Message("user", f"{around[0]}{self.prompt}{around[1]}"),)
        return tuple(
            replace(
                message, content=self._filled(message.content, values, self.prompt_at or source)
            )
            for message in messages
        )

    def _filled(self, template: str, values: dict[str, Json], source: Source) -> str:
        filled = fill(template, values)
        for place in filled.left:
            self.notices.say(
                source,
                f"{place} is left as it is: only plain variables that the test has are filled",
            )
        return filled.text

    def _grading(self, source: Source, test: dict[str, Json], values: dict[str, Json]) -> Grading:
        grading = Grading(self.notices)
        options = _mapping(test, "options", source)
        own = _list(test, "assert", source)
        default = (
            [] if options.get("disableDefaultAsserts") else _list(self.default, "assert", source)
        )
        for items, at in ((default, Source(str(self.path))), (own, source)):
            for item in items:
                self._add(grading, item, at, values)
        if test.get("threshold") is not None:
            self.notices.say(source, "`threshold` is not taken over: every check must pass here")
        return grading

    def _add(self, grading: Grading, item: Json, at: Source, values: dict[str, Json]) -> None:
        at = Source(at.path, getattr(item, "line", None) or at.line)
        if isinstance(item, dict) and isinstance(item.get("$ref"), str):
            item = self.templates.get(item["$ref"].rpartition("/")[2])
        if not isinstance(item, dict) or not isinstance(item.get("type"), str):
            raise DataError(f"an assertion must have a `type`, not {item!r}", at)
        kind = item["type"]
        if kind == "assert-set":
            if item.get("threshold") is not None:
                grading.leave(kind, "some of several is not known here, all of several is", at)
                return
            for inner in _list(item, "assert", at):
                self._add(grading, inner, at, values)
            return
        if item.get("transform"):
            grading.leave(kind, "it transforms the answer first, and Suffice runs no code", at)
            return
        if item.get("weight") not in (None, 1):
            self.notices.say(at, "`weight` is not taken over: every check must pass here")
        try:
            grading.add(take(self._assertion(item, at, values)), kind, at)
        except Left as reason:
            grading.leave(kind, str(reason), at)

    def _assertion(self, item: dict[str, Json], at: Source, values: dict[str, Json]) -> Assertion:
        kind = str(item["type"])
        value = item.get("value")
        if isinstance(value, str) and value.startswith("file://"):
            if Path(value).suffix.lower() in (".js", ".ts", ".cjs", ".mjs", ".py", ".rb"):
                raise Left("Suffice runs no code from a case file; write a metric plug-in")
            value = content(find(self.path.parent, value, at)[0], at)
        return Assertion(
            kind=kind.removeprefix("not-"),
            value=self._filled_value(value, values, at),
            threshold=_number(item.get("threshold"), at),
            negated=kind.startswith("not-"),
        )

    def _filled_value(self, value: Json, values: dict[str, Json], at: Source) -> Json:
        if isinstance(value, str):
            return self._filled(value, values, at)
        if isinstance(value, list):
            return [self._filled_value(item, values, at) for item in value]
        return value


def _mapping(test: Mapping[str, Json], key: str, source: Source) -> dict[str, Json]:
    value = test.get(key) or {}
    if not isinstance(value, dict):
        raise DataError(f"`{key}` must be a mapping, not {value!r}", source)
    return value


def _list(test: Mapping[str, Json], key: str, source: Source) -> list[Json]:
    value = test.get(key) or []
    if not isinstance(value, list):
        raise DataError(f"`{key}` must be a list, not {value!r}", source)
    return value


def _number(value: Json, source: Source) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        raise DataError(f"`threshold` must be a number, not {value!r}", source) from None


def _tags(metadata: Mapping[str, Json]) -> tuple[str, ...]:
    """`feature:login` for every scalar, and for every item of a list."""
    return tuple(
        f"{key}:{item}"
        for key, value in metadata.items()
        for item in (value if isinstance(value, list) else [value])
        if isinstance(item, (str, int, float))
    )
