"""Where an endpoint says nothing at all, the asking ends with the reason, not an empty table."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from suffice.errors import BudgetExceeded, ProviderError
from suffice.ports import ChatModel
from suffice.records import Answer, FailureKind

_SIGNS_OF_LIFE = 20  # after so many failures and not one answer, the endpoint counts as down


@dataclass
class Watch:
    """Ends the asking when an endpoint fails every call from the start.

    It starts `alive` where earlier answers show that the endpoint works: what is asked again then
    may be just those calls that it always refuses.
    """

    alive: bool = False
    failed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def see(self, answers: Sequence[Answer]) -> None:
        if self.alive:
            return
        with self.lock:
            for answer in answers:
                if answer.failure is None:
                    self.alive = True
                    return
                self.failed += 1
                if self.failed >= _SIGNS_OF_LIFE:
                    raise ProviderError(
                        f"the first {self.failed} calls all failed, the last with: "
                        f"{answer.failure.message}",
                        kind=answer.failure.kind,
                        endpoint="asking stopped",
                    )


def refuse_silence(model: ChatModel, answers: Sequence[Answer]) -> None:
    """Where not one call was answered there is nothing to go on with, however few there were."""
    failures = [answer.failure for answer in answers if answer.failure is not None]
    if not failures or len(failures) < len(answers):
        return
    last = failures[-1]
    if last.kind is FailureKind.BUDGET:
        raise BudgetExceeded(last.message)
    message = f"none of {len(failures)} calls was answered, the last failed with: {last.message}"
    raise ProviderError(message, kind=last.kind, endpoint=model.name)
