"""What foreign criteria become: checks of ours, an expected answer, or a warning. Never nothing.

Shared by the importers of other tools. A criterion that cannot be taken over is told with the file
and line it stands on, so that nobody believes a test is run which is not.
"""

import re
from dataclasses import dataclass, field

from suffice.records import Check, Json, Source

# Other tools compare texts as they are; our `exact` is lenient unless told otherwise.
STRICT = Check(
    "exact", {"ignore_case": False, "ignore_punctuation": False, "ignore_articles": False}
)

_LINES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Taken:
    """What one foreign criterion became. `note` says where ours differs from theirs."""

    checks: tuple[Check, ...] = ()
    expected: tuple[Json, ...] = ()
    schema: dict[str, Json] | None = None
    answerable: bool = True
    note: str = ""


class Left(Exception):  # noqa: N818 (a criterion that is left behind; no error of the program)
    """Why a criterion cannot be taken over."""


class Notices:
    """Warnings with their places; the same words at many lines become one warning."""

    def __init__(self) -> None:
        self._places: dict[str, list[Source]] = {}

    def say(self, source: Source, words: str) -> None:
        places = self._places.setdefault(words, [])
        if source not in places:
            places.append(source)

    def warnings(self) -> tuple[str, ...]:
        return tuple(
            f"{places[0]}: {words}{_also(places[1:])}" for words, places in self._places.items()
        )


@dataclass
class Grading:
    """What all criteria of one case come to."""

    notices: Notices
    checks: list[Check] = field(default_factory=list)
    expected: tuple[Json, ...] = ()
    schema: dict[str, Json] | None = None
    answerable: bool = True

    def add(self, taken: Taken, name: str, source: Source) -> None:
        """Adds one criterion; one that contradicts an earlier one is told and left out."""
        checks: tuple[Check, ...] | None = taken.checks
        if taken.expected and self.expected and taken.expected != self.expected:
            checks = _apart(taken)
            if checks is None:
                self.notices.say(
                    source,
                    f"`{name}` is not taken over: it expects another answer than an earlier "
                    "criterion of its case",
                )
                return
        else:
            self.expected = taken.expected or self.expected
        if taken.note:
            self.notices.say(source, f"`{name}`: {taken.note}")
        self.checks += [check for check in checks or () if check not in self.checks]
        self.schema = taken.schema or self.schema
        self.answerable = self.answerable and taken.answerable

    def leave(self, name: str, reason: str, source: Source) -> None:
        self.notices.say(source, f"`{name}` is not taken over: {reason}")


def whole(text: str, *, negate: bool = False, start_only: bool = False) -> Check:
    """A regex check for a text that is all, or the beginning, of the answer."""
    end = "" if start_only else r"\s*\Z"
    pattern = rf"\A\s*{re.escape(text.strip())}{end}"
    return Check("regex", {"pattern": pattern, "negate": True} if negate else {"pattern": pattern})


def _apart(taken: Taken) -> tuple[Check, ...] | None:
    """The same demand without the case's expected answer, where it can be said so."""
    if [check.metric for check in taken.checks] == ["exact"] and len(taken.expected) == 1:
        return (whole(str(taken.expected[0])),)
    return None


def _also(places: list[Source]) -> str:
    if not places:
        return ""
    shown = ", ".join(str(place.line or place) for place in places[:_LINES_SHOWN])
    more = f" and {len(places) - _LINES_SHOWN} more" if len(places) > _LINES_SHOWN else ""
    return f" (also at {shown}{more})"
