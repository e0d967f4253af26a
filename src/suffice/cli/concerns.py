"""What a colleague would say of a study before any money is spent: what stands out, why it matters
and what to do about it. Asks no model."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from suffice.decide.measures import BY_NAME
from suffice.decide.resolution import Resolution, share_for_bar
from suffice.errors import suggest
from suffice.evaluate.cases import about_drafts
from suffice.evaluate.drafts import DRAFTED, FILE, read_drafts
from suffice.evaluate.leaks import Leak
from suffice.evaluate.room import too_little
from suffice.models.tokens import estimate_tokens
from suffice.records import Case
from suffice.report.words import count
from suffice.retrieve.folder import IGNORE, Entry, entries
from suffice.stats.outcome import MINIMUM_CLUSTERS
from suffice.study import Study
from suffice.tune.findings import Finding, Severity, places

# Leaks are told of already; examples that are too few to tune on may be enough to be shown.
_NOT_HERE = ("leak", "few examples")
_NOT_SHARES = ("latency_p95_s", "usd_per_1k")
_SHOWN = 3
_NEARLY_ALL = 0.98


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing to look at. A `hint` makes no verdict weaker, but a better one is to be had."""

    said: str
    why: str
    mend: str
    hint: bool = False

    def __str__(self) -> str:
        return f"{self.said}. {self.why} {self.mend}"


def concerns_of(study: Study, found: Resolution, examples: list[Finding]) -> list[Concern]:
    """Everything, what weakens a verdict first."""
    named = _documents(study)
    said = [
        *_about_cases(study),
        *_about_room(study),
        *_about_split(study, found),
        *_about_bars(study, found),
        *_about_measures(study, found),
        *_about_leaks(study.leaks),
        *_about_gold(study, named),
        *_about_answers_in_documents(study, named),
        *_about_examples(examples),
        *_hints(study),
    ]
    return sorted(said, key=lambda each: each.hint)


def bars_of(study: Study) -> dict[str, float]:
    bar = study.settings.bar
    named = {name: getattr(bar, name) for name in bar.__struct_fields__}
    return {name: value for name, value in named.items() if value is not None}


# ------------------------------------------------------------------------- cases


def _about_cases(study: Study) -> Iterator[Concern]:
    cases = study.cases.cases
    drafts = list(about_drafts(cases))
    for said in study.cases.warnings:
        if said in drafts:
            yield Concern(
                said.partition(": ")[0],
                "A model asks what is easy to answer, and some of its answers are wrong; a verdict "
                "on such cases speaks of the model that wrote them.",
                "Read them with `suffice review`: accept, mend or drop takes seconds each.",
            )
        else:
            yield Concern(
                said,
                "The verdict then speaks of other questions than you meant.",
                "Mend the lines that are named, or take them out.",
            )


def _about_room(study: Study) -> Iterator[Concern]:
    """By a rough count, since no model is loaded for it; a run counts as its model does."""
    found = too_little(study.cases.cases, study.settings.max_tokens, estimate_tokens)
    if found is not None:
        yield Concern(
            str(found),
            "What has to be said in full and is cut off is wrong, whatever the fix, and looks like "
            "a form that is not kept.",
            f"Set `max_tokens: {2 * found.longest}`.",
        )


def _about_split(study: Study, found: Resolution) -> Iterator[Concern]:
    if found.too_few_clusters:
        yield Concern(
            f"Only {count(found.clusters, 'held-out cluster')}, and below {MINIMUM_CLUSTERS} there "
            "is no verdict at all",
            "Cases that share a document, a customer or a conversation stand or fall together, so "
            "they count as one.",
            "Add cases about other documents, or set a smaller `split: {dev: ...}`.",
        )
    for said in study.split.warnings:
        yield Concern(
            said,
            "Groups go to one side whole, or what was tried on one side would be known on the "
            "other.",
            "More cases from other sources even it out.",
        )


def _about_bars(study: Study, found: Resolution) -> Iterator[Concern]:
    bars = bars_of(study)
    if not bars:
        yield Concern(
            "There is no bar set, so nothing can be said to suffice",
            "What is good enough is yours to say; no measurement can.",
            "Set `bar: {correct: 0.85}` in suffice.yaml, or what you would put before a customer.",
        )
    for name, value in bars.items():
        if name in _NOT_SHARES:
            continue
        if value == 1.0:
            yield Concern(
                f"A bar of {name}: 1.0 can never be surely met",
                "However many cases are right, the next one may not be.",
                "Set 0.98 or less.",
            )
        elif name == "correct" and not found.too_few_clusters:
            yield from _about_reach(value, found)


def _about_measures(study: Study, found: Resolution) -> Iterator[Concern]:
    """Bars that some of the held-out cases speak of, and those too few."""
    for name in bars_of(study):
        if name not in BY_NAME or found.too_few_clusters:
            continue
        cases = [case for case in study.split.held_out if BY_NAME[name].of(case)]
        clusters = len({case.cluster or case.id for case in cases})
        if clusters < MINIMUM_CLUSTERS:
            yield Concern(
                f"The bar of {name} can be decided by no rung: there "
                f"{'is' if len(cases) == 1 else 'are'} {count(len(cases), 'held-out case')} "
                f"for it, in {count(clusters, 'cluster')}",
                f"Below {MINIMUM_CLUSTERS} clusters the next one may change the answer.",
                "Add such cases about other documents, or leave the bar out.",
            )


def _about_reach(bar: float, found: Resolution) -> Iterator[Concern]:
    needed = share_for_bar(bar, found.cases, found.clusters)
    if needed is None:
        yield Concern(
            f"With {found.cases} held-out cases the bar of correct: {bar:g} cannot be surely met, "
            "even if every answer is right",
            "So few cases leave that much to chance.",
            "Add cases, or lower the bar until there are more.",
        )
    elif needed >= _NEARLY_ALL:
        yield Concern(
            f"Of {found.cases} held-out cases about {needed:.0%} must be right for the bar of "
            f"correct: {bar:g} to be surely met",
            "So few cases leave that much to chance.",
            "Add cases, or lower the bar until there are more.",
        )


def _about_leaks(leaks: tuple[Leak, ...]) -> Iterator[Concern]:
    if leaks:
        shown = "; ".join(str(each) for each in leaks[:_SHOWN])
        more = f"; and {len(leaks) - _SHOWN} more" if len(leaks) > _SHOWN else ""
        yield Concern(
            f"{count(len(leaks), 'held-out question')} stand nearly the same among the examples: "
            f"{shown}{more}",
            "Who has seen the answer is not being tested.",
            "They are kept from every fix, so the verdict stands; take them out of the examples "
            "before you tune on them yourself.",
        )


# --------------------------------------------------------------------- documents


def _documents(study: Study) -> dict[str, Path]:
    """The files of the documents by the ids that cases call them by; none for a corpus."""
    root = study.documents
    if root is None or not root.is_dir():
        return {}
    return {each.id: each.path for each in entries(root) if isinstance(each, Entry)}


def _about_gold(study: Study, documents: dict[str, Path]) -> Iterator[Concern]:
    """Rows of a corpus have ids of their own, which only reading tells."""
    named = {name for case in study.cases.cases for name in case.gold}
    strange = sorted(named - documents.keys())
    if not documents or not strange or any(each.endswith((".jsonl", ".ndjson")) for each in
                                           documents):  # fmt: skip
        return
    yield Concern(
        f"{count(len(strange), 'gold id')} of cases without a file in {study.documents}: "
        f"{', '.join(strange[:_SHOWN])}{suggest(strange[0], documents)}",
        "Retrieval is measured by whether the gold document is found, and one that is not there "
        "never is.",
        "Write each as its path below the documents' folder, with its ending.",
    )


def _about_answers_in_documents(study: Study, documents: dict[str, Path]) -> Iterator[Concern]:
    keys = study.settings
    mine = [keys.cases.rpartition(":")[2], keys.examples, FILE]
    own = {(study.folder / name).resolve() for name in mine if name}
    inside = sorted(name for name, path in documents.items() if path.resolve() in own)
    if inside:
        yield Concern(
            f"{', '.join(inside)} lies among the documents",
            "A search would find the questions with their answers, and every number would be too "
            "good.",
            f"Name it in a file {IGNORE} in that folder, one name a line, or move it.",
        )


# ---------------------------------------------------------------------- the rest


def _about_examples(found: list[Finding]) -> Iterator[Concern]:
    for each in found:
        if each.severity is not Severity.NOTE and each.kind not in _NOT_HERE:
            said = f"Examples, {each.kind}: {each.said}{places(each.where)}"
            yield Concern(said, each.why, each.mend)


def _hints(study: Study) -> Iterator[Concern]:
    cases = study.cases.cases
    if study.settings.model == "nano":
        yield Concern(
            "The model is nano, a toy of 7 million parameters",
            "It shows how everything works; what it cannot do says nothing of your feature.",
            "Name the model that your feature uses: `model: PROVIDER:NAME`.",
            hint=True,
        )
    if study.library is not None:
        yield from _about_knowledge(cases)
    waiting = sum(each.decision is None for each in read_drafts(study.folder / FILE))
    if waiting:
        yield Concern(
            f"{FILE} holds {count(waiting, 'draft')} that nobody has read",
            "What is not read is no case.",
            "`suffice review` shows them one by one.",
            hint=True,
        )
    drafted = sum(DRAFTED in case.tags for case in cases)
    if drafted > len(cases) / 2:
        yield Concern(
            f"{drafted} of {len(cases)} cases were drafted by a model from one passage each",
            "Real users ask in other words, and across documents; such cases are easier to find.",
            "Add questions that people have really asked.",
            hint=True,
        )


def _about_knowledge(cases: tuple[Case, ...]) -> Iterator[Concern]:
    if all(case.answerable for case in cases):
        yield Concern(
            "Every case has an answer",
            "Whether answers are made up where the documents say nothing is then not seen.",
            "Add some questions that must be declined, with `answerable: false`, and set "
            "`abstains:`.",
            hint=True,
        )
    bare = sum(case.answerable and not case.gold for case in cases)
    if bare:
        yield Concern(
            f"No document stands in `gold` of {count(bare, 'answerable case')}",
            "Where an answer goes wrong, it is then a guess whether the document was not found or "
            "was not understood.",
            "Add the document that the answer stands in, where you know it.",
            hint=True,
        )
