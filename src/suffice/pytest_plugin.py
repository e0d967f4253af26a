"""Bars and comparisons of a study as pytest tests, and studies as a fixture.

    pytest --suffice support/suffice.yaml          one test a bar, of the rung that decides
    def test_it(suffice): suffice.gate("support/suffice.yaml")

Every pytest run in an environment with Suffice loads this file, so it imports nothing of ours
until a study is asked for. Collecting asks no model: suffice.yaml says which tests there are. The
study runs when the first of its tests does, once, and its journal answers the next run.
"""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from suffice.decide.gate import Gate
    from suffice.records import BarResult, Verdict
    from suffice.report.findings import Finding


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("suffice", "Suffice: is the cheapest fix still good enough?")
    group.addoption(
        "--suffice",
        action="append",
        default=[],
        metavar="STUDY",
        help="Also test the bars of this suffice.yaml (or the one in this folder); repeatable.",
    )
    group.addoption(
        "--suffice-rungs", metavar="A,B", help="Run just these rungs, all of them: prompt,schema."
    )
    group.addoption(
        "--suffice-baseline", metavar="RUNG", help="Also fail where the result is worse than this."
    )
    group.addoption(
        "--suffice-budget-usd", type=float, metavar="USD", help="Most that a study may spend."
    )
    group.addoption(
        "--suffice-allow-undecided",
        action="store_true",
        help="Skip what cannot be measured yet, where it would fail otherwise.",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "suffice: a bar or a comparison of a study (--suffice).")
    config.stash[_RUNNER] = Suffice()
    config.stash[_STUDIES] = [_study_file(path) for path in config.getoption("--suffice")]
    known = {Path(argument).absolute() for argument in config.args}
    config.args += [str(path) for path in config.stash[_STUDIES] if path not in known]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "StudyFile | None":
    if file_path in parent.config.stash[_STUDIES]:
        return StudyFile.from_parent(parent, path=file_path)
    return None


@pytest.fixture(scope="session", name="suffice")
def suffice_fixture(pytestconfig: pytest.Config) -> "Suffice":
    """Runs studies: `suffice.run(path) -> Verdict`, `suffice.gate(path) -> Gate`."""
    return pytestconfig.stash[_RUNNER]


class Suffice:
    """Runs each study once a session, however many tests ask for it; its errors too are kept."""

    def __init__(self) -> None:
        self._known: dict[object, Verdict | Exception] = {}

    def run(
        self,
        path: str | Path,
        rungs: Sequence[str] | None = None,
        budget_usd: float | None = None,
    ) -> "Verdict":
        """The verdict on a study. Answers that were paid for before are not asked again."""
        key = (Path(path).absolute(), tuple(rungs) if rungs else None, budget_usd)
        if key not in self._known:
            try:
                study = import_module("suffice").Study.load(path)
                self._known[key] = study.run(rungs=rungs, budget_usd=budget_usd)
            except _our_error() as error:
                self._known[key] = error
        known = self._known[key]
        if isinstance(known, Exception):
            raise known
        return known

    def gate(
        self,
        path: str | Path,
        baseline: str | None = None,
        rungs: Sequence[str] | None = None,
        budget_usd: float | None = None,
    ) -> "Gate":
        """What the gate says of it: `.status` is pass, worse or not measurable, `.reason` why."""
        verdict = self.run(path, rungs, budget_usd)
        gate: Gate = import_module("suffice.decide.gate").judge(verdict, baseline)
        return gate


class StudyFile(pytest.File):
    """A suffice.yaml: a test for each bar and, with a baseline, for each measure compared."""

    def collect(self) -> "Iterator[BarItem | BaselineItem]":
        words = import_module("suffice.report.words")
        try:
            settings = import_module("suffice").Study.load(self.path).settings
        except _our_error() as error:
            raise self.CollectError(str(error)) from error
        names = settings.bar.__struct_fields__
        bars = {name: getattr(settings.bar, name) for name in names if getattr(settings.bar, name)}
        baseline = self.config.getoption("--suffice-baseline")
        if not bars and not baseline:
            raise self.CollectError(
                f"{self.path}: the study has no bars, so nothing can be tested; "
                "set `bar:` in it, or name a --suffice-baseline"
            )
        for bar, value in bars.items():
            name = f"{words.label(bar)} {words.required(bar, value)}"
            yield BarItem.from_parent(self, name=name, measure=bar)
        if baseline:
            compared = [bar for bar in bars if not words.is_usd(bar) and not words.is_seconds(bar)]
            for measure in compared or ["correct"]:
                name = f"{words.label(measure)} against {baseline}"
                yield BaselineItem.from_parent(self, name=name, measure=measure)

    def verdict(self) -> "Verdict":
        option = self.config.getoption
        rungs = option("--suffice-rungs")
        return self.config.stash[_RUNNER].run(
            self.path, rungs.split(",") if rungs else None, option("--suffice-budget-usd")
        )


class StudyItem(pytest.Item):
    """One test of a study. It fails with a sentence, not with a traceback."""

    def __init__(self, *, measure: str, **keys: Any) -> None:
        super().__init__(**keys)
        self.measure = measure
        self.add_marker("suffice")
        if self.config.pluginmanager.hasplugin(
            "xdist"
        ):  # with --dist loadgroup: one worker a study
            self.add_marker(pytest.mark.xdist_group(str(self.path)))

    def runtest(self) -> None:
        file = self.getparent(StudyFile)
        assert file is not None  # noqa: S101 (StudyFile.collect is all that makes items)
        self.hold(file.verdict())

    @abstractmethod
    def hold(self, verdict: "Verdict") -> None:
        """Raises Fell where the verdict does not hold what this test asks."""

    def not_measurable(self, text: str) -> None:
        if self.config.getoption("--suffice-allow-undecided"):
            pytest.skip(f"not measurable: {text}")
        raise Fell(f"not measurable: {text}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, (Fell, _our_error())):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.name


class BarItem(StudyItem):
    """A bar, held against the rung that decides: the chosen one, else the last."""

    def hold(self, verdict: "Verdict") -> None:
        found = self._find(verdict)
        if found is None:
            self.not_measurable(f"no rung was measured on {self.measure}")
        elif found.result == "failed":
            raise Fell(found.text)
        elif found.result == "not measurable":
            self.not_measurable(f"{found.summary}\n{found.text}")

    def _find(self, verdict: "Verdict") -> "Finding | None":
        standing = import_module("suffice.report.view").deciding(verdict)
        bars: Sequence[BarResult] = standing.bars if standing else ()
        for bar in bars:
            if bar.bar == self.measure:
                found: Finding = import_module("suffice.report.findings").find_bar(
                    standing.rung, bar, decides=True, complete=verdict.complete
                )
                return found
        return None


class BaselineItem(StudyItem):
    """The deciding rung against the baseline on one measure, as the gate sees it."""

    def hold(self, verdict: "Verdict") -> None:
        gates = import_module("suffice.decide.gate")
        view = import_module("suffice.report.view")
        baseline = self.config.getoption("--suffice-baseline")
        gates.judge(verdict, baseline)  # names a baseline that is none
        candidate = view.deciding(verdict).rung
        compared = [
            each
            for each in verdict.comparisons
            if {each.candidate, each.baseline} == {candidate, baseline}
            and each.measure == self.measure
        ]
        gate: Gate = gates.by_comparisons(compared, candidate)
        told = [view.describe_comparison(view.view_comparison(each)) for each in compared]
        text = "\n".join([gate.reason, *told])
        if gate.status == "worse":
            raise Fell(text)
        if gate.status == "not measurable":
            self.not_measurable(text)


class Fell(Exception):  # noqa: N818 (what happened to the test, told without a traceback)
    """A bar is missed, or a baseline was better."""


_RUNNER = pytest.StashKey[Suffice]()
_STUDIES = pytest.StashKey[list[Path]]()


def _study_file(path: str) -> Path:
    given = Path(path).absolute()
    return given / "suffice.yaml" if given.is_dir() else given


def _our_error() -> type[Exception]:
    error: type[Exception] = import_module("suffice.errors").SufficeError
    return error
