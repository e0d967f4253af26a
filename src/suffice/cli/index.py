"""The index of your documents: add, remove, search, status. Works with a study and without one.

`suffice index add docs/` reads every file that is new or changed; what cannot be read is named with
its reason, the rest is indexed, and the exit code is then 1.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from suffice.cli.console import err, note, show, show_json
from suffice.cli.options import HERE, AsJson, StudyPath
from suffice.contexts import Contexts
from suffice.errors import UsageError
from suffice.evaluate.ask import Forecast
from suffice.evaluate.journal import Journal
from suffice.report.words import count
from suffice.retrieve.chunk import ChunkPlan
from suffice.retrieve.index import EMBEDDER, Added, Index
from suffice.retrieve.pack import label
from suffice.retrieve.ports import Reranker
from suffice.retrieve.records import Hit, StoreStatus
from suffice.retrieve.rerankers import reranker_of
from suffice.retrieve.search import Mode, SearchPlan, explain
from suffice.retrieve.stores.words import stems
from suffice.settings import FILE, Settings, read
from suffice.study import Study, is_here
from suffice.winner import asker_of

SKIPPED = 1


class Action(StrEnum):
    ADD = "add"
    REMOVE = "remove"
    SEARCH = "search"
    STATUS = "status"


def command(
    action: Annotated[Action, typer.Argument(help="What to do.")],
    what: Annotated[
        list[str] | None,
        typer.Argument(help="Folders or files to add; documents to remove; a question to search."),
    ] = None,
    *,
    study: StudyPath = HERE,
    prune: Annotated[
        bool, typer.Option("--prune", help="add: remove documents that are no longer there.")
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="add: empty the index first and build it anew.")
    ] = False,
    chunk_tokens: Annotated[
        int, typer.Option("--chunk-tokens", help="Most tokens of a chunk.")
    ] = ChunkPlan().tokens,
    context: Annotated[
        str | None,
        typer.Option(
            "--context",
            help="add: a chat model, PROVIDER:NAME, that writes what each chunk is about.",
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="add: pay for the contexts without asking back.")
    ] = False,
    k: Annotated[int, typer.Option("--k", min=1, help="search: how many passages.")] = 5,
    mode: Annotated[
        str, typer.Option("--mode", help="search: hybrid, vector or bm25.")
    ] = SearchPlan().mode,
    also: Annotated[
        list[str] | None,
        typer.Option("--also", help="search: the question in other words; again for more."),
    ] = None,
    rerank: Annotated[
        str | None,
        typer.Option(
            "--rerank",
            help="search: what orders the best anew, cross-encoder:NAME or chat:PROVIDER:NAME.",
        ),
    ] = None,
    why: Annotated[bool, typer.Option("--explain", help="search: why each ranks there.")] = False,
    tenant: Annotated[str, typer.Option("--tenant", help="Whose documents.")] = "",
    json: AsJson = False,
) -> None:
    """The index of your documents: add, remove, search, status."""
    named = what or []
    index = _index(study, chunk_tokens, tenant)
    match action:
        case Action.ADD if context:
            asking = _asking(study, context)
            with Journal(asking.store / "journal.db") as journal:
                contexts = Contexts(asking.model, asker_of(asking, journal))
                index = _index(study, chunk_tokens, tenant, contexts)
                _agree(contexts, index, _paths(named), anew=rebuild, yes=yes)
                _add(index, _paths(named), prune, rebuild, json)
        case Action.ADD:
            _add(index, _paths(named), prune, rebuild, json)
        case Action.REMOVE:
            index.remove(_some(named, "documents to remove"))
            err().print(f"removed {count(len(named), 'document')}")
        case Action.SEARCH:
            question = " ".join(_some(named, "a question"))
            reranker = _Timed(reranker_of(rerank, study), _allowed(study)) if rerank else None
            plan = _plan(k, mode)
            _search(index, question, plan, also=also or [], reranker=reranker, why=why, json=json)
        case Action.STATUS:
            status = index.status()
            show_json(status) if json else show(_status(status))


def _paths(named: list[str]) -> list[Path]:
    return [Path(each) for each in named] or [HERE]


def _index(study: Path, chunk_tokens: int, tenant: str, contexts: Contexts | None = None) -> Index:
    folder = study if study.is_dir() else study.parent
    embedder = EMBEDDER
    if (file := folder / FILE).exists():
        embedder = read(file).embedder
    plan = ChunkPlan(tokens=chunk_tokens)
    return Index.open(folder, embedder=embedder, plan=plan, tenant=tenant, contexts=contexts)


def _allowed(study: Path) -> float | None:
    """The seconds that a study, where there is one, has for an answer."""
    file = (study if study.is_dir() else study.parent) / FILE
    return read(file).bar.latency_p95_s if file.exists() else None


def _some(named: list[str], wanted: str) -> list[str]:
    if not "".join(named).strip():
        raise UsageError(f"name {wanted}")
    return named


def _plan(k: int, mode: str) -> SearchPlan:
    modes: dict[str, Mode] = {"hybrid": "hybrid", "vector": "vector", "bm25": "bm25"}
    if mode not in modes:
        raise UsageError(f"mode {mode!r} is unknown: {', '.join(modes)}")
    return SearchPlan(mode=modes[mode], k=k, pool=max(50, k))


# ------------------------------------------------------------------------- add


def _add(index: Index, paths: list[Path], prune: bool, rebuild: bool, json: bool) -> None:
    if prune and len(paths) > 1:
        raise UsageError("--prune keeps what one folder holds: add one folder at a time")
    if rebuild:
        index.rebuild()
    done = [index.add(path, prune=prune) for path in paths]
    if json:
        show_json(done)
    else:
        for each in done:
            show(_added(each))
    if any(each.skipped for each in done):
        raise typer.Exit(SKIPPED)


def _asking(study: Path, model: str) -> Study:
    """The study with the model that writes contexts; a makeshift one where there is none."""
    folder = study if study.is_dir() else study.parent
    if not (folder / FILE).exists():
        return Study(Settings(model=model, cases=""), folder)
    keys = read(folder / FILE)
    return Study(
        replace(keys, model=model, price=keys.price if model == keys.model else None), folder
    )


def _agree(contexts: Contexts, index: Index, paths: list[Path], *, anew: bool, yes: bool) -> None:
    """Says what the contexts cost at most, and goes on only where that is agreed to."""
    pending = (contexts.forecast(index.pending(each, anew=anew)) for each in paths)
    foreseen = sum(pending, start=Forecast())
    free = contexts.model.price is None and is_here(contexts.model.endpoint)
    usd = "price unknown" if foreseen.usd is None else f"${foreseen.usd:,.4f} at most"
    known = f" ({foreseen.known:,} more are known)" if foreseen.known else ""
    note(
        f"{contexts.name} writes {count(foreseen.calls, 'context')}{known}: "
        f"{foreseen.input_tokens:,} tokens in, "
        + ("on this machine" if free else f"{usd}, less where prompts are cached")
    )
    if free or yes or foreseen.usd == 0:
        return
    if not sys.stdin.isatty():
        raise UsageError("this costs money: say that you agree with --yes")
    typer.confirm("go on?", abort=True, err=True)


def _added(added: Added) -> RenderableType:
    said = [
        f"{count(len(added.new), 'new document')}, {len(added.changed)} changed, "
        f"{added.unchanged} as before"
        + (f", {len(added.removed)} removed" if added.removed else "")
        + f"; {count(added.chunks, 'chunk')}"
    ]
    if added.cut:
        said.append(
            f"{count(added.cut, 'chunk')} longer than the embedder sees: their ends are found by "
            "words alone; a smaller --chunk-tokens mends it"
        )
    said += [f"skipped {each.path}: {each.reason}" for each in added.skipped]
    return Text("\n".join(said))


# ---------------------------------------------------------------------- search


@dataclass
class _Timed:
    """A reranker with the time that it takes: it belongs into the latency that a study allows."""

    made: Reranker
    allowed: float | None = None
    seconds: float = 0.0

    def __str__(self) -> str:
        said = f"{1000 * self.seconds:,.0f} ms of them {self.name}"
        if self.allowed is None:
            return said
        return f"{said}; the study allows {1000 * self.allowed:,.0f} ms for 95% of whole answers"

    @property
    def name(self) -> str:
        return self.made.name

    def rank(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        started = time.perf_counter()
        ordered = self.made.rank(question, hits)
        self.seconds = time.perf_counter() - started
        return ordered


def _search(
    index: Index,
    question: str,
    plan: SearchPlan,
    *,
    also: list[str],
    reranker: _Timed | None,
    why: bool,
    json: bool,
) -> None:
    started = time.perf_counter()
    hits = index.search(question, plan, also=also, reranker=reranker)
    took = f"{1000 * (time.perf_counter() - started):,.0f} ms, a cold start included"
    if reranker is not None:
        took += f"; {reranker}"
    note(f"searched in {took}")
    if json:
        show_json(hits)
    elif not hits:
        show(Text("nothing found"))
    else:
        show(Group(*(_hit(number, hit, plan, question, why) for number, hit in _numbered(hits))))


def _numbered(hits: list[Hit]) -> list[tuple[int, Hit]]:
    return list(enumerate(hits, start=1))


def _hit(number: int, hit: Hit, plan: SearchPlan, question: str, why: bool) -> RenderableType:
    passage = hit.passage
    page = f", page {passage.page}" if passage.page else ""
    place = f"{passage.document}:{passage.start}-{passage.end}{page}"
    lines = [
        Text(f"[{number}] {label(passage)}", style="bold"),
        Text(place, style="dim"),
        Text(passage.text),
    ]
    if why:
        lines.append(Text(explain(hit, plan, stems, question)))
    return Group(*lines, Text())


def _status(status: StoreStatus) -> RenderableType:
    table = Table(show_header=False, box=None)
    stamp = status.stamp
    rows = {
        "documents": f"{status.documents:,}",
        "chunks": f"{status.chunks:,}",
        "on disk": f"{status.bytes / 1e6:.1f} MB",
        "built with": f"{stamp.embedder}, {stamp.plan}" if stamp else "nothing yet",
    }
    for name, said in rows.items():
        table.add_row(name, said)
    return table
