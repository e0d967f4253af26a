"""List prices of well-known models, as data with a date. A study's own `price` goes first.

Few on purpose: a price that is not known is None, never a guess. The figures are in prices.json,
in US dollars per million tokens, standard service, short prompts.
"""

import re
from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec

from suffice.ports import Price

_FILE = Path(__file__).with_name("prices.json")
_SNAPSHOT = re.compile(r"-(\d{8}|\d{4}-\d{2}-\d{2})$")


class _Listed(msgspec.Struct, forbid_unknown_fields=True):
    input: float
    output: float
    cached_input: float
    cache_write: float | None = None
    shutdown: str = ""


class _List(msgspec.Struct, forbid_unknown_fields=True):
    as_of: str
    source: str
    models: dict[str, _Listed]


def price_of(provider: str, name: str) -> Price | None:
    """The list price of a model, or of the model that a dated snapshot is one of."""
    listed = _prices().get(provider)
    if listed is None:
        return None
    found = listed.models.get(name) or listed.models.get(_SNAPSHOT.sub("", name))
    if found is None:
        return None
    return Price(
        input=found.input,
        output=found.output,
        cached_input=found.cached_input,
        cache_write=found.cache_write,
        as_of=listed.as_of,
        source=listed.source,
        shutdown=found.shutdown,
    )


def digest() -> str:
    """Which list of prices this is: any change of it is another list."""
    return sha256(_FILE.read_bytes()).hexdigest()[:12]


@cache
def _prices() -> dict[str, _List]:
    return msgspec.json.decode(_FILE.read_bytes(), type=dict[str, _List])
