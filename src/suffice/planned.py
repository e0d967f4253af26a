"""What is decided before any held-out case is asked: the plan, the order of the cases and the
looks at them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from math import ceil

import msgspec
import numpy as np

from suffice.decide.measures import BY_NAME
from suffice.decide.plan import ALPHA, Plan, digest_of
from suffice.ports import Tuning
from suffice.records import Case, Json, Trial, fingerprint
from suffice.stats.outcome import MINIMUM_CLUSTERS
from suffice.study import Study, known_rungs
from suffice.tune.findings import Material
from suffice.tune.lint import lint, refusal

LOOKS = 5  # at the held-out cases, where a study does not say
EXPLAINED = 100  # held-out cases that are asked why they fail: a share within ten points


@dataclass
class Planned:
    """One study with the rungs that were named, if any, and at most so many held-out cases."""

    study: Study
    rungs: Sequence[str] | None = None
    limit: int | None = None

    @cached_property
    def plan(self) -> Plan:
        """What is decided before any held-out case is asked."""
        keys, study = self.study.settings, self.study
        return Plan(
            study=study.name,
            model=study.model.name,
            rungs=tuple(known_rungs(self.rungs or keys.rungs)),
            measures=self._measures(),
            margin=keys.margin,
            alpha=ALPHA,
            replicates=keys.replicates,
            fractions=tuple((look + 1) / self._looks for look in range(self._looks)),
            seed=keys.seed,
            dev=digest_of(study.split.dev),
            held_out=digest_of(study.split.held_out),
            held_out_cases=len(self.held_out),
            systems=fingerprint(
                study.model.identity(),
                study.prompt,
                [replace(example, source=None) for example in study.examples],
                keys.temperature,
                keys.max_tokens,
                keys.stream,
                keys.embedder,
                study.model.price,
                self._library_identity(),
                self._tuning_identity(),
                self._judge_identity(),
                self.bars,
            ),
        )

    def _library_identity(self) -> Json:
        """All of the documents and of how they are searched, wherever they lie."""
        library = self.study.library
        if library is None:
            return None
        said = asdict(replace(library, passages=()))  # the digest speaks for them
        return {name: value for name, value in said.items() if name not in ("folder", "path")}

    def _tuning_identity(self) -> Json:
        """What may be tuned and how; what it learns from is said beside it."""
        tuning = self.study.tuning
        return [list(tuning.models), dict(tuning.recipe), self.study.settings.tuning.accept]

    def _judge_identity(self) -> Json:
        """All of the judge that can change an outcome: the model, the bar, people's labels."""
        keys, judge = self.study.judge_keys, self.study.judge
        if keys is None or judge is None:
            return None
        labels = self.study.judge_labels
        return [judge.identity(), keys.kappa, labels.read_text("utf-8") if labels else None]

    def _measures(self) -> tuple[str, ...]:
        """What rungs are compared on: the qualities that have a bar, else what is right."""
        named = [name for name in self.bars if name in BY_NAME] or ["correct"]
        return tuple(
            name for name in named if any(BY_NAME[name].of(case) for case in self.held_out)
        )

    @cached_property
    def bars(self) -> dict[str, float]:
        bars = msgspec.structs.asdict(self.study.settings.bar)
        return {name: value for name, value in bars.items() if value is not None}

    @property
    def all_wanted(self) -> bool:
        """Rungs that are named are all run, so that they can be compared."""
        return bool(self.rungs or self.study.settings.rungs)

    @property
    def _looks(self) -> int:
        """A climb that looks early asks a rung that is plainly over or under a bar no further."""
        if self.study.settings.looks or self.all_wanted or not self.bars:
            return self.study.settings.looks or 1
        clusters = len({case.cluster or case.id for case in self.held_out})
        return max(1, min(LOOKS, clusters // MINIMUM_CLUSTERS))  # on fewer nothing is decided

    @cached_property
    def held_out(self) -> tuple[Case, ...]:
        """The held-out cases in an order drawn by cluster, so that any first part is a sample."""
        held_out = self.study.split.held_out
        clusters = sorted({case.cluster or case.id for case in held_out})
        drawn = self._generator().permutation(len(clusters))
        place = {clusters[index]: rank for rank, index in enumerate(drawn)}
        ordered = sorted(held_out, key=lambda case: place[case.cluster or case.id])
        return tuple(ordered[: self.limit] if self.limit else ordered)

    def until_look(self, stage: int) -> tuple[Case, ...]:
        """The held-out cases up to a look: whole clusters, as many as their planned share."""
        clusters = list(dict.fromkeys(case.cluster or case.id for case in self.held_out))
        reached = set(clusters[: ceil(self.plan.fractions[stage] * len(clusters))])
        return tuple(case for case in self.held_out if (case.cluster or case.id) in reached)

    def sampled(self, asked: Mapping[str, Sequence[Trial]]) -> list[Case]:
        """Of the cases that a rung was asked, whole clusters until there are enough."""
        chosen, last = list[Case](), None
        for case in self.held_out:
            cluster = case.cluster or case.id
            if case.id in asked and (len(chosen) < EXPLAINED or cluster == last):
                chosen.append(case)
                last = cluster
        return chosen

    @cached_property
    def tuning(self) -> Tuning:
        """With what in the examples must be mended before anything is learned from them."""
        tuning, accepted = self.study.tuning, self.study.settings.tuning.accept
        if not tuning.models or "tune" not in self.plan.rungs:
            return tuning
        found = lint(Material(self.study.lessons, prompt=self.study.prompt))
        return replace(tuning, refused=refusal(found, accepted))

    def _generator(self) -> np.random.Generator:
        """A fresh generator each time, so that no result depends on what was drawn before it."""
        return np.random.default_rng(self.study.settings.seed)
