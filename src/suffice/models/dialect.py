"""What one server takes of the parameters that servers disagree on, learnt from its refusals.

The first refusal costs one request; the model object remembers it. Leaving out `temperature` or
`seed` changes answers, but always in the same way for the same server, so the journal's key holds.
"""

import re
from dataclasses import dataclass, replace

import msgspec

from suffice.models.failures import HttpError
from suffice.records import FailureKind, Json

LIMITS = ("max_tokens", "max_completion_tokens")
_OPTIONAL = ("temperature", "seed", "stream_options", "response_format")
_NAMED = re.compile(rf"\b({'|'.join((*LIMITS, *_OPTIONAL))})\b")
_UNSUPPORTED = re.compile(
    r"support|unknown|unrecogni[sz]ed|permitted|not allowed|unexpected|deprecated|invalid schema",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """`limit` is the token limit's name; `without` holds what the server does not take."""

    limit: str = "max_tokens"
    swapped: bool = False
    without: frozenset[str] = frozenset()

    def after(self, error: HttpError) -> "Dialect | None":
        """What to try after a refusal, or None where it is about something else."""
        if error.kind is not FailureKind.REFUSED_REQUEST or error.status not in (400, 422):
            return None
        name = _blamed(error.body)
        if name == self.limit and not self.swapped:
            other = LIMITS[1 - LIMITS.index(name)]
            return replace(self, limit=other, swapped=True)
        if name in _OPTIONAL and name not in self.without:
            return replace(self, without=self.without | {name})
        return None


def _blamed(said: str) -> str | None:
    """The parameter that a refusal calls unsupported: by `error.param`, or the first it names."""
    if not _UNSUPPORTED.search(said):
        return None
    try:
        body: Json = msgspec.json.decode(said)
        param = str(body["error"]["param"])
    except (msgspec.DecodeError, UnicodeError, RecursionError, TypeError, KeyError):
        param = ""
    found = _NAMED.match(param) or _NAMED.search(said)
    return found[1] if found else None
