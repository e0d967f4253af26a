"""The progress bar of a run: rate, cost so far, time left."""

from types import TracebackType
from typing import Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from suffice.cli.console import err
from suffice.records import Answer


class ProgressBar:
    """A line a rung on stderr. On something that is no terminal: a line when a rung is done."""

    def __init__(self) -> None:
        self._console = err()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=10),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]:>8}"),
            TextColumn("{task.fields[cost]:>9}"),
            TimeRemainingColumn(compact=True),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task: TaskID | None = None
        self._title = self._said = ""
        self._asked = self._known = self._failed = 0
        self._usd = 0.0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def start(self, title: str, total: int) -> None:
        self._title, self._asked, self._known, self._failed = title, 0, 0, 0
        self._said = ""
        self._task = self._progress.add_task(title, total=total, rate="", cost=self._cost())

    def advance(self, answer: Answer, fresh: bool) -> None:
        self._asked += fresh
        self._known += not fresh
        self._failed += answer.failure is not None
        if fresh and answer.usd:
            self._usd += answer.usd
        if self._task is not None:
            speed = self._progress.tasks[self._task].speed if not self._progress.disable else None
            rate = f"{speed:.0f}/s" if speed else ""
            self._progress.update(self._task, advance=1, rate=rate, cost=self._cost())

    def tick(self, said: str) -> None:
        self._said = said
        if self._task is not None:
            title = f"{self._title}, {said}"
            self._progress.update(self._task, advance=1, description=title, rate="", cost="")

    def finish(self) -> None:
        if self._said:
            self._console.print(f"  {self._title}: {self._said}", style="dim")
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
        if self._asked:
            known = f", {self._known} known" if self._known else ""
            failed = f", {self._failed} failed" if self._failed else ""
            self._console.print(
                f"  {self._title}: {self._asked} asked{known}{failed}, {self._cost()}",
                style="dim",
            )

    def _cost(self) -> str:
        return f"${self._usd:.4f}" if self._usd < 1 else f"${self._usd:.2f}"
