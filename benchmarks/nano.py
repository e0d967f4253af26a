"""What nano can do, asked about things that it never met, and what that costs.

    python -m benchmarks.nano [--quick] [--weights FOLDER] [--only PART ...]

Reading, declining, not knowing and house formats, on worlds drawn afresh from kinds, names and
phrasings that its training has not; SQuAD where its file is; speed and size beside transformers on
the same weights. Shares carry Wilson's interval. docs/benchmarks.md explains each figure.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nano.evaluate import (
    ADMITTING,
    CLOSED,
    Item,
    answerable,
    answers_to,
    cites,
    closed,
    disagreeing,
    exact,
    refuses,
    speaks,
    unanswerable,
)
from nano.grammar import Kind
from nano.kinds import trained_kinds, unseen_kinds
from nano.words import Names

from benchmarks.nano_claims import Found
from benchmarks.nano_formats import Sizes, hybrid, told_and_shown, tuned_in
from benchmarks.nano_lora import Recipe, available
from benchmarks.nano_speed import size, speed
from benchmarks.nano_squad import squad
from benchmarks.results_file import Claim, print_claims, print_table, write
from suffice.models.folder import digest, digests
from suffice.models.local import LocalModel
from suffice.models.nano import SHIPPED, create
from suffice.ports import ModelOptions
from suffice.records import Answer

RECIPE = Recipe()
KEPT = Path(__file__).parents[1] / ".cache" / "benchmarks" / "nano.json"


@dataclass(frozen=True)
class Counts:
    """How much of everything is asked."""

    read: int
    silent: int
    newer: int
    closed: int
    repeated: int
    squad: int
    repetitions: int
    formats: Sizes


FULL = Counts(300, 200, 150, 200, 64, 250, 3, Sizes(150, 60, (600,), 300, 100))
QUICK = Counts(24, 24, 16, 24, 16, 12, 1, Sizes(30, 12, (100,), 100, 20))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, no file")
    parser.add_argument("--weights", type=Path, default=SHIPPED, help="of nano's make")
    parser.add_argument("--only", nargs="*", default=[], metavar="PART", help=", ".join(PARTS))
    given = parser.parse_args()
    counts = QUICK if given.quick else FULL
    weights = given.weights.resolve()
    kept = Kept.of(weights, fresh=given.quick)
    with tempfile.TemporaryDirectory(prefix="nano-") as folder:
        for name, part in PARTS.items():
            if not given.only or name in given.only:
                started, found = time.monotonic(), Found()
                part(found, weights, counts, Path(folder))
                print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
                print_table(found.rows, title=f"nano, {name}: shares with Wilson's 95% interval")
                kept.put(name, found)
    print_claims(kept.claims)
    if not given.quick:
        packages = ("torch", "transformers", "peft", "safetensors", "llguidance")
        missing = ", ".join(name for name in PARTS if name not in kept.parts) or "nothing"
        about = {"recipe": str(RECIPE), "parts that were not measured": missing}
        print(write("nano", [about, *kept.rows], kept.claims, packages))


@dataclass
class Kept:
    """What each part found with these weights, in a file: a part can be measured by itself, and
    what was measured before stays."""

    digest: str
    fresh: bool
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, weights: Path, *, fresh: bool) -> "Kept":
        kept = cls(digest(digests(weights)), fresh)
        if not fresh and KEPT.exists():
            known = json.loads(KEPT.read_text("utf-8"))
            kept.parts = known["parts"] if known["digest"] == kept.digest else {}
        return kept

    def put(self, name: str, found: Found) -> None:
        claims = [asdict(each) for each in found.claims]
        self.parts[name] = {"rows": found.rows, "claims": claims}
        if not self.fresh:
            KEPT.parent.mkdir(parents=True, exist_ok=True)
            written = {"digest": self.digest, "parts": self.parts}
            KEPT.write_text(json.dumps(written), "utf-8")

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [row for name in PARTS for row in self.parts.get(name, {}).get("rows", [])]

    @property
    def claims(self) -> list[Claim]:
        kept = (self.parts.get(name, {}).get("claims", []) for name in PARTS)
        return [Claim(**each) for claims in kept for each in claims]


def reading(found: Found, weights: Path, counts: Counts, _: Path) -> None:
    """Four passages of 600 tokens or more, of a company that training never met: of the kinds of
    things that it knows, and of other kinds in other sentences, which is far harder."""
    for name, kinds in (("read", trained_kinds()), ("other kinds", unseen_kinds())):
        _read(found, _opened(weights), counts, name, kinds)


def _read(
    found: Found, model: LocalModel, counts: Counts, name: str, kinds: Sequence[Kind]
) -> None:
    names = Names(random.Random(11), seen=False)
    items = answerable(names, counts.read, model.count_tokens, kinds)
    answers = answers_to(model, items)
    found.share(f"{name}: exact", _exact(answers, items), ">= 0.85")
    right = [cites(answer, item.passage) for answer, item in zip(answers, items, strict=True)]
    found.share(f"{name}: citation right", right, ">= 0.85")
    found.share(f"{name}: false refusals", [refuses(answer) for answer in answers], "<= 0.1")
    silent = unanswerable(names, counts.silent, model.count_tokens, kinds)
    declining = answers_to(model, silent)
    found.share(f"{name}: refusals", [refuses(answer) for answer in declining], ">= 0.8")
    newer = disagreeing(names, counts.newer, model.count_tokens, kinds)
    chosen = answers_to(model, newer)
    found.share(f"{name}: the newer passage counts", _exact(chosen, newer), ">= 0.85")
    older = [exact(answer, item.older or "") for answer, item in zip(chosen, newer, strict=True)]
    found.share(f"{name}: the older one was told", older)
    _stops(found, name, [*answers, *declining, *chosen])


def closed_book(found: Found, weights: Path, counts: Counts, _: Path) -> None:
    """Facts of invented things, without passages: nothing to be known, and something to be said."""
    model = _opened(weights)
    names = Names(random.Random(12), seen=False)
    items = closed(names, counts.closed, CLOSED)
    answers = answers_to(model, items)
    found.share("not know: exact", _exact(answers, items), "<= 0.02")
    found.share("not know: says something", [bool(answer.text.strip()) for answer in answers])
    told = answers_to(model, closed(names, counts.closed, ADMITTING))
    found.share("not know: admits it where told it may", [refuses(answer) for answer in told])
    spoken = [speaks(answer) for answer in (*answers, *told)]
    found.share("not know: an answer or an admission, ended by itself", spoken, ">= 0.95")
    _stops(found, "closed book", [*answers, *told])


def steadiness(found: Found, weights: Path, counts: Counts, _: Path) -> None:
    """The same at temperature 0, whoever shares a batch and however often it is asked."""
    model = _opened(weights)
    items = answerable(Names(random.Random(13), seen=False), counts.repeated, model.count_tokens)
    first = answers_to(model, items)
    again = answers_to(_opened(weights), items)
    other = answers_to(_opened(weights, batch=3), items[::-1])[::-1]
    same = [
        len({each.text for each in three}) == 1 for three in zip(first, again, other, strict=True)
    ]
    found.share("steady: two runs and two batchings say the same", same, ">= 1")


def formats(found: Found, weights: Path, counts: Counts, _: Path) -> None:
    told_and_shown(found, weights, counts.formats)


def adapters(found: Found, weights: Path, counts: Counts, folder: Path) -> None:
    if not available():
        print("peft is absent: adapters are not measured; pip install peft")
        return
    tuned_in(found, weights, counts.formats, RECIPE, folder)


def tuned_to_read(found: Found, weights: Path, counts: Counts, folder: Path) -> None:
    if not available():
        print("peft is absent: a hybrid is not measured; pip install peft")
        return
    hybrid(found, weights, counts.formats, RECIPE, folder)


def people(found: Found, weights: Path, counts: Counts, _: Path) -> None:
    squad(found, _opened(weights), counts.squad)


def costs(found: Found, weights: Path, counts: Counts, folder: Path) -> None:
    model = _opened(weights)
    items = answerable(Names(random.Random(14), seen=False), counts.repeated, model.count_tokens)
    size(found, weights)
    speed(found, model, weights, items, repetitions=counts.repetitions, folder=folder)


Part = Callable[[Found, Path, Counts, Path], None]
PARTS: dict[str, Part] = {
    "reading": reading,
    "closed": closed_book,
    "steady": steadiness,
    "formats": formats,
    "adapters": adapters,
    "hybrid": tuned_to_read,
    "squad": people,
    "costs": costs,
}


def _opened(weights: Path, batch: int | None = None) -> LocalModel:
    return create("" if weights == SHIPPED else str(weights), ModelOptions(batch=batch))


def _exact(answers: Sequence[Answer], items: Sequence[Item]) -> list[bool]:
    pairs = zip(answers, items, strict=True)
    return [item.expected is not None and exact(answer, item.expected) for answer, item in pairs]


def _stops(found: Found, where: str, answers: Sequence[Answer]) -> None:
    found.share(f"stops by itself: {where}", [a.finish == "stop" for a in answers], ">= 1")


if __name__ == "__main__":
    main()
