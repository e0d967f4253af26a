"""Several adapters on one base in memory: changing between them costs no loading."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from peft import PeftModel

from suffice.errors import UsageError, suggest
from suffice.models.weights import Weights
from suffice.tune import adapter


class Adapters:
    """One of them speaks at a time; without any it is the base that speaks."""

    def __init__(self, base: Weights) -> None:
        self._base = base
        self._adapted: PeftModel | None = None

    def add(self, name: str, folder: Path) -> None:
        """Loads an adapter, which must be of this base."""
        adapter.check(self._base, folder)
        if self._adapted is None:
            self._adapted = PeftModel.from_pretrained(
                self._base.model, str(folder), adapter_name=name
            ).eval()
        else:
            self._adapted.load_adapter(str(folder), adapter_name=name)

    @property
    def names(self) -> list[str]:
        return list(self._adapted.peft_config) if self._adapted else []

    @contextmanager
    def speaking(self, name: str | None) -> Iterator[Any]:
        """The model with that adapter on it, or as it is without any."""
        if name is None or self._adapted is None:
            if name is not None:
                raise self._unknown(name)
            with self._adapted.disable_adapter() if self._adapted else _nothing():
                yield self._base.model
            return
        if name not in self.names:
            raise self._unknown(name)
        self._adapted.set_adapter(name)
        yield self._adapted

    def _unknown(self, name: str) -> UsageError:
        return UsageError(f"no adapter {name!r} was added{suggest(name, self.names)}")


@contextmanager
def _nothing() -> Iterator[None]:
    yield
