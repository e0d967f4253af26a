"""What an adapter learned from, in digests: enough to find it by a text, too little to read one.

Kept in the adapter's card. When a document is forgotten, adapters that saw one of its sentences are
put aside: nothing can be taken out of weights.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from suffice.records import Example, fingerprint
from suffice.retrieve.chunk import sentences

CARD = "suffice.json"
LEARNED = "documents.json"
PLACE = "tuned"  # under .suffice
ASIDE = "quarantine"
SHORTEST = 24  # characters: shorter sentences stand in other texts by chance


def example_digest(example: Example) -> str:
    """Of what it says, wherever it stands."""
    return fingerprint(example.messages, example.reply)


def sentence_digests(examples: Iterable[Example]) -> tuple[str, ...]:
    """Of every sentence that examples say, each once, in no order that tells anything."""
    found = {
        sentence_digest(text[low:high])
        for each in examples
        for text in (*(message.content for message in each.messages), each.reply)
        for low, high in sentences(text, 0, len(text))
        if len(text[low:high].strip()) >= SHORTEST
    }
    return tuple(sorted(found))


def sentence_digest(text: str) -> str:
    return sha256(text.strip().encode(errors="surrogatepass")).hexdigest()[:16]


def quarantine(store: Path, said: Sequence[str]) -> list[str]:
    """Puts aside every tuned model that learned from one of these sentences; their names."""
    searched = {sentence_digest(each) for each in said}
    aside = []
    for folder in _tuned(store):
        if searched & _seen(folder):
            target = store / ASIDE / folder.name
            target.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(target)
            aside.append(folder.name)
    return aside


def changed_since(place: Path, documents: Mapping[str, str]) -> list[str]:
    """Documents that no longer say what the tuned model in `place` learned of them.

    Which documents it learned from is found out the first time that it is asked for, right after
    the training, and kept beside the model.
    """
    now = {name: _digests(text) for name, text in documents.items()}
    kept = place / LEARNED
    if not kept.exists():
        seen = _seen(place)
        learned = {name: sorted(said & seen) for name, said in now.items() if said & seen}
        kept.write_text(json.dumps(learned), "utf-8")
    before: dict[str, list[str]] = json.loads(kept.read_text("utf-8"))
    return sorted(name for name, said in before.items() if not now.get(name, set()) >= {*said})


def _digests(text: str) -> set[str]:
    found = (text[low:high].strip() for low, high in sentences(text, 0, len(text)))
    return {sentence_digest(each) for each in found if len(each) >= SHORTEST}


def _tuned(store: Path) -> Iterator[Path]:
    place = store / PLACE
    if place.is_dir():
        yield from sorted(each for each in place.iterdir() if each.is_dir())


def _seen(folder: Path) -> set[str]:
    """What its cards say."""
    seen: set[str] = set()
    for card in sorted(folder.glob(f"*/{CARD}")):
        seen |= set(json.loads(card.read_text("utf-8")).get("sentences", ()))
    return seen
