"""YAML from strangers: safe tags only, bounded depth and aliases, and the line of every mapping.

The events are counted before anything is built, so that a few aliases that stand for a billion
nodes are refused at the cost of reading them.
"""

from pathlib import Path

import yaml

from suffice.errors import DataError
from suffice.evaluate.lines import MAX_DEPTH, whole_text
from suffice.records import Json, Source

MAX_NODES = 1_000_000


class Lined(dict[str, Json]):
    """A mapping that knows the line it begins on, counted from 1."""

    line: int | None = None


def load_yaml(path: Path) -> Json:
    """The one document of a YAML (or JSON) file, its mappings `Lined`."""
    return parse_yaml(whole_text(path), path)


def parse_yaml(text: str, path: Path) -> Json:
    source = Source(str(path))
    # libyaml's parser is ten times as fast; not every platform has it.
    make = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    try:
        _refuse_bombs(make(text), source)
        loader = make(text)
        return _value(loader.get_single_node(), loader, {}, source)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Source(str(path), mark.line + 1) if mark else source
        said = str(error.problem or error.context)
        if "nesting" in said:  # newer versions of libyaml count for themselves
            said = f"nested deeper than {MAX_DEPTH} levels; flatten it"
            raise DataError(said, where) from None
        raise DataError(f"not YAML: {said}", where) from None
    except yaml.YAMLError as error:
        raise DataError(f"not YAML: {str(error).splitlines()[0]}", source) from None


def _refuse_bombs(loader: "yaml.SafeLoader | yaml.CSafeLoader", source: Source) -> None:
    """Counts the nodes that the document would have with every alias written out."""
    sizes: dict[str, int] = {}  # of what each finished anchor stands for
    open_anchors: list[str | None] = []
    counts = [0]
    while loader.check_event():
        event = loader.get_event()
        at = Source(source.path, _line(event))
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise DataError(f"the alias *{event.anchor} holds itself or nothing", at)
            counts[-1] += sizes[event.anchor]
        elif isinstance(event, yaml.ScalarEvent):
            counts[-1] += 1
            if event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            open_anchors.append(event.anchor)
            counts.append(1)
            if len(open_anchors) > MAX_DEPTH:
                raise DataError(f"nested deeper than {MAX_DEPTH} levels; flatten it", at)
        elif isinstance(event, yaml.CollectionEndEvent):
            size, anchor = counts.pop(), open_anchors.pop()
            counts[-1] += size
            if anchor:
                sizes[anchor] = size
        if counts[-1] > MAX_NODES:
            raise DataError(
                f"stands for more than {MAX_NODES:,} values once its aliases are written out", at
            )


def _line(at: yaml.Event | yaml.Node | None) -> int | None:
    return at.start_mark.line + 1 if at and at.start_mark else None


def _value(
    node: yaml.Node | None,
    loader: "yaml.SafeLoader | yaml.CSafeLoader",
    built: dict[int, Json],
    source: Source,
) -> Json:
    """A node as a value; what an alias shares stays shared."""
    if node is None:
        return None
    if id(node) in built:
        return built[id(node)]
    if isinstance(node, yaml.MappingNode):
        loader.flatten_mapping(node)  # writes `<<: *default` out
        value: Json = Lined(
            (str(loader.construct_object(key)), _value(item, loader, built, source))
            for key, item in node.value
        )
        value.line = _line(node)
    elif isinstance(node, yaml.SequenceNode):
        value = [_value(item, loader, built, source) for item in node.value]
    else:
        value = _plain(loader.construct_object(node))
    built[id(node)] = value
    return value


def _plain(value: Json) -> Json:
    """YAML has dates and bytes; JSON, and so a case, has neither."""
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
