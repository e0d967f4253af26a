"""Every error a user can meet.

    SufficeError                 something the user can mend; printed without a traceback
    ├── UsageError               the command line or the configuration asks for something impossible
    ├── DataError                a file is missing, malformed or unfit; names the file and the line
    ├── ProviderError            a model's endpoint did not give a usable answer; names the endpoint
    ├── MissingExtra             a part that was not installed; names the command that installs it
    ├── OutOfReach               a rung surely misses a bar, by what was tried of it on dev
    └── BudgetExceeded           the next call would cost more than the run may spend

An error says what happened, shows the offending value with its file and line, and what to do next.
Anything that is not a SufficeError is a defect of ours.
"""

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from suffice.records import FailureKind, Source


class SufficeError(Exception):
    """Something the user can mend. `exit_code` is what the command line returns for it."""

    exit_code = 2


class UsageError(SufficeError):
    """The command line or the configuration asks for something that cannot be done."""

    exit_code = 64


class DataError(SufficeError):
    """A file is missing, malformed or unfit for its purpose."""

    exit_code = 64

    def __init__(self, message: str, source: "Source | None" = None) -> None:
        super().__init__(f"{source}: {message}" if source else message)
        self.source = source


class ProviderError(SufficeError):
    """One call to a model failed. Never a wrong answer: it leaves the denominator.

    `retryable` says whether the same call may go through later; `retry_after` is the wait in
    seconds that the endpoint itself asked for.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: "FailureKind",
        endpoint: str,
        retryable: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{endpoint}: {message}")
        self.kind = kind
        self.endpoint = endpoint
        self.retryable = retryable
        self.retry_after = retry_after


class MissingExtra(SufficeError):  # noqa: N818 (it reads as what is wrong: an extra is missing)
    """A part of Suffice that was not installed."""

    exit_code = 64


class OutOfReach(SufficeError):  # noqa: N818 (a finding that ends a rung, and nothing else)
    """Tried on dev, a rung surely misses a bar: it is asked no held-out case."""


class BudgetExceeded(SufficeError):  # noqa: N818 (the state, not the exception, is what users know)
    """The next call would take the run over what it may spend. What was answered is kept."""


def suggest(word: str, known: "Iterable[str]") -> str:
    """`; did you mean 'cases'?` when one of the known words is near, else an empty string."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
