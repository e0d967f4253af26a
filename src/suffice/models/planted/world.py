"""A world: what is true, what the simulated model knows of it, and by which laws it answers.

A world is a YAML or JSON file that a person can read and change; docs/planted.md explains every
key. Knows nothing of requests and answers. Whatever is wrong with a file is a DataError that
names it.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import yaml
from msgspec import Meta, Struct

from suffice.errors import DataError, UsageError, suggest
from suffice.models.planted.laws import Laws, Probability, uniform
from suffice.models.planted.lookup import normal
from suffice.models.planted.wording import WRONG_SHAPES
from suffice.ports import Price
from suffice.records import Json, Source

WORLDS = Path(__file__).parent / "worlds"
ENDINGS = (".yaml", ".yml", ".json")


class Fact(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that can be asked: the ways to ask it, the right answer, where it is written.

    A fact of kind "skill" takes no knowledge: all that is needed stands in the question. `like`
    names facts whose answers pass for one another: a wrong value is drawn among them.
    """

    id: Annotated[str, Meta(min_length=1)]
    question: str | tuple[str, ...]
    answer: Json = None
    evidence: str | tuple[str, ...] = ()
    document: str = ""
    known: bool | None = None
    answerable: bool = True
    kind: Literal["knowledge", "skill"] = "knowledge"
    like: str = ""

    @property
    def questions(self) -> tuple[str, ...]:
        return (self.question,) if isinstance(self.question, str) else self.question

    @property
    def sentences(self) -> tuple[str, ...]:
        """The evidence, all of which is needed, each on one line."""
        found = (self.evidence,) if isinstance(self.evidence, str) else self.evidence
        return tuple(" ".join(sentence.split()) for sentence in found)


class World(Struct, frozen=True, forbid_unknown_fields=True):
    """Facts, laws, and what is known.

    `known` is the share of facts that are known, drawn by the dice, or a list of fact ids and
    document names; a fact's own `known` goes before it. `skill_fields` are the fields of answers
    that follow the skill law in every fact. `wrong_shapes` is what a badly shaped reply is drawn
    from; a shape named twice comes twice as often.
    """

    name: Annotated[str, Meta(min_length=1)]
    facts: Annotated[tuple[Fact, ...], Meta(min_length=1)]
    seed: int = 0
    about: str = ""
    laws: Laws = Laws()
    known: Probability | tuple[str, ...] = 1.0
    skill_fields: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    decline: str = "I don't know."
    wrong_shapes: tuple[str, ...] = ()
    price: Price | None = None

    def knows(self, fact: Fact) -> bool:
        if fact.known is not None:
            return fact.known
        if isinstance(self.known, tuple):
            return fact.id in self.known or fact.document in self.known
        return uniform(self.seed, "known", fact.id) < self.known

    def digest(self) -> str:
        """What the world holds, in one word: any change of it is another model."""
        return sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()[:16]


def find_world(name: str, folder: Path) -> World:
    """A world that comes with Suffice, by name, or one of the user's, by its file."""
    built_in = WORLDS / f"{name}.yaml"
    if built_in.is_file():
        return load_world(built_in)
    if not name.lower().endswith(ENDINGS):
        known = [path.stem for path in sorted(WORLDS.glob("*.yaml"))]
        raise UsageError(
            f"there is no simulated world {name!r}{suggest(name, known)}. Known: "
            f"{', '.join(known)}, generate?cases=..., or the path of a world file "
            f"({', '.join(ENDINGS)})"
        )
    return load_world(folder / name)


def load_world(path: Path) -> World:
    """Reads a world file and holds it against its rules."""
    source = Source(str(path))
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        reason = error.strerror or error
        raise DataError(f"the world file cannot be read ({reason})", source) from error
    except UnicodeDecodeError as error:
        raise DataError(f"the world file is not UTF-8 ({error.reason})", source) from error
    try:
        world = msgspec.convert(_parsed(path, text), World)
    except msgspec.ValidationError as error:
        raise DataError(_explained(str(error)), source) from error
    _check(world, source)
    return world


def _parsed(path: Path, text: str) -> Any:
    try:
        if path.suffix.lower() == ".json":
            return msgspec.json.decode(text.encode("utf-8", "surrogatepass"))
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (safe)
    except msgspec.DecodeError as error:
        raise DataError(f"the world file is not JSON: {error}", Source(str(path))) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        problem = getattr(error, "problem", None) or error
        raise DataError(
            f"the world file is not YAML: {problem}", Source(str(path), line)
        ) from error


def _explained(message: str) -> str:
    """msgspec's words, with the near name where a key is unknown."""
    unknown = re.search(r"unknown field `([^`]*)`", message)
    if not unknown:
        return f"the world does not hold together: {message}"
    keys = [*World.__struct_fields__, *Fact.__struct_fields__, *Laws.__struct_fields__]
    return f"the world does not hold together: {message}{suggest(unknown[1], keys)}"


def _check(world: World, source: Source) -> None:
    _check_shapes(world, source)
    _check_distinct([(fact.id, fact.id) for fact in world.facts], "id", source)
    asked = [(normal(text), fact.id) for fact in world.facts for text in fact.questions]
    _check_distinct(asked, "question", source)
    for fact in world.facts:
        _check_fact(world, fact, source)
    if isinstance(world.known, tuple):
        _check_known(world, world.known, source)


def _check_shapes(world: World, source: Source) -> None:
    for shape in world.wrong_shapes:
        if shape not in WRONG_SHAPES:
            raise DataError(
                f"`wrong_shapes` names {shape!r}{suggest(shape, WRONG_SHAPES)}. "
                f"Known: {', '.join(WRONG_SHAPES)}",
                source,
            )


def _check_distinct(pairs: Sequence[tuple[str, str]], what: str, source: Source) -> None:
    seen: dict[str, str] = {}
    for key, fact in pairs:
        if key in seen:
            owners = "two facts" if fact == seen[key] else f"facts {seen[key]!r} and {fact!r}"
            raise DataError(f"{owners} share the {what} {key!r}; a {what} must be unique", source)
        seen[key] = fact


def _check_fact(world: World, fact: Fact, source: Source) -> None:
    if not fact.questions or not all(normal(text) for text in fact.questions):
        raise DataError(f"fact {fact.id!r} has an empty question", source)
    if fact.answerable and fact.answer is None:
        raise DataError(
            f"fact {fact.id!r} has no answer; give one, or say `answerable: false`", source
        )
    if world.labels and isinstance(fact.answer, str) and fact.answer not in world.labels:
        near = suggest(fact.answer, world.labels)
        raise DataError(f"fact {fact.id!r}: {fact.answer!r} is none of the `labels`{near}", source)


def _check_known(world: World, known: tuple[str, ...], source: Source) -> None:
    names = {fact.id for fact in world.facts} | {fact.document for fact in world.facts}
    for name in known:
        if name not in names:
            near = suggest(name, names)
            raise DataError(f"`known` names {name!r}, neither a fact nor a document{near}", source)
