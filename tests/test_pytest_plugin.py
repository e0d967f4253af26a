"""Studies as pytest tests, on the bundled study and its simulated model."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
import yaml

import suffice
from suffice import Study
from tests.test_floors import loaded_modules

pytest_plugins = ["pytester"]

BUNDLED = Path(suffice.__file__).parent / "studies" / "support_desk"
MET = {"latency_p95_s": 10.0, "usd_per_1k": 5.0}


@pytest.fixture(autouse=True)
def _settings(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\naddopts = --strict-markers -p no:cacheprovider")


@pytest.fixture(scope="session")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A part of the bundled study, already asked: the tests below are about what is made of it.

    Running it here also loads numpy, which must not be loaded first inside a `pytester` run.
    """
    folder = tmp_path_factory.mktemp("asked") / "support"
    shutil.copytree(BUNDLED, folder, ignore=shutil.ignore_patterns("documents", "cases.jsonl"))
    cases = (BUNDLED / "cases.jsonl").read_text("utf-8").splitlines(keepends=True)
    (folder / "cases.jsonl").write_text("".join(cases[:100]), encoding="utf-8")
    change(folder / "suffice.yaml", documents=None, examples=None, bar={"format": 0.8})
    Study.load(folder).run(rungs=["prompt", "schema"])
    return folder


Make: TypeAlias = Callable[..., Path]


@pytest.fixture
def make_study(asked: Path, pytester: pytest.Pytester) -> Make:
    """A copy of that study with some of its keys changed."""

    def make(**keys: object) -> Path:
        folder = pytester.path / "support"
        shutil.copytree(asked, folder)
        change(folder / "suffice.yaml", **keys)
        return folder / "suffice.yaml"

    return make


def change(path: Path, **keys: object) -> None:
    values = yaml.safe_load(path.read_text("utf-8")) | keys
    kept = {key: value for key, value in values.items() if value is not None}
    path.write_text(yaml.safe_dump(kept), encoding="utf-8")


def run(pytester: pytest.Pytester, *arguments: str | Path) -> pytest.RunResult:
    return pytester.runpytest("--suffice-rungs", "prompt", *arguments)


@pytest.fixture
def undecided(make_study: Make) -> Path:
    """A study whose bar lies near where its prompt rung is: more cases than here would tell."""
    path = make_study()
    estimate = Study.load(path).run(rungs=["prompt"]).standings[0].estimate("correct")
    assert estimate is not None
    assert estimate.value is not None
    change(path, bar={"correct": round(estimate.value + 0.04, 2)})
    return path


def test_importing_the_plug_in_loads_nothing_of_ours() -> None:
    """Every pytest run of an environment pays for the plug-in, so it costs nothing."""
    modules = loaded_modules("import suffice.pytest_plugin")
    ours = {name for name in modules if name.split(".")[0] == "suffice"}
    assert ours == {"suffice", "suffice.pytest_plugin"}
    assert "numpy" not in modules


def test_a_met_bar_passes(pytester: pytest.Pytester, make_study: Make) -> None:
    """Each bar is a test with a name that says what is asked."""
    study = make_study(bar=MET)
    result = run(pytester, "--suffice", study, "-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*latency p95 at most 10 s*PASSED*"])


def test_a_missed_bar_fails_with_a_sentence(pytester: pytest.Pytester, make_study: Make) -> None:
    """The failure tells the value, its interval, the bar and the counts, without a traceback."""
    study = make_study(bar={"format": 0.95})
    result = run(pytester, "--suffice", study)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["prompt: format is * at least 95% is required: missed (asked *"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_an_undecided_bar_is_no_pass(pytester: pytest.Pytester, undecided: Path) -> None:
    """What cannot be measured fails and says how many more cases it would need."""
    result = run(pytester, "--suffice", undecided)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["not measurable: undecided: * more cases"])


def test_an_undecided_bar_may_be_allowed(pytester: pytest.Pytester, undecided: Path) -> None:
    """With --suffice-allow-undecided it is skipped, and the reason is shown."""
    result = run(pytester, "--suffice", undecided, "--suffice-allow-undecided", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*not measurable: undecided: * more cases*"])


def test_a_better_rung_passes_against_its_baseline(
    pytester: pytest.Pytester, make_study: Make
) -> None:
    """With a baseline there is a test for each quality that has a bar, and none for money."""
    study = make_study(bar={"format": 0.7, **MET})
    result = pytester.runpytest(
        "--suffice", study, "--suffice-rungs", "prompt,schema", "--suffice-baseline", "prompt", "-v"
    )
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*format against prompt*PASSED*"])


def test_a_worse_rung_fails_against_its_baseline(
    pytester: pytest.Pytester, make_study: Make
) -> None:
    """A dearer baseline that is surely better fails the cheaper rung, with the numbers."""
    study = make_study(bar={"format": 0.1})
    result = pytester.runpytest(
        "--suffice", study, "--suffice-rungs", "prompt,schema", "--suffice-baseline", "schema"
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["schema against prompt on format: better, *"])


def test_collecting_asks_no_model(pytester: pytest.Pytester, make_study: Make) -> None:
    """The tests are known from suffice.yaml alone, so that listing them is free."""
    study = make_study(bar=MET)
    shutil.rmtree(study.parent / ".suffice")
    run(pytester, "--suffice", study, "--collect-only", "-q").stdout.fnmatch_lines(
        ["*suffice.yaml::latency p95 at most 10 s", "*suffice.yaml::$ per 1k at most $5"]
    )
    assert not (study.parent / ".suffice").exists()


def test_a_study_in_the_collected_folder_is_tested_once(
    pytester: pytest.Pytester, make_study: Make
) -> None:
    """Naming a study that pytest walks past anyway does not test it twice."""
    study = make_study(bar=MET)
    run(pytester, "--suffice", study.parent, pytester.path).assert_outcomes(passed=2)


def test_a_broken_study_is_told_without_a_traceback(
    pytester: pytest.Pytester, make_study: Make
) -> None:
    """A mistyped key names its line and the near key."""
    study = make_study(bars=MET)
    result = run(pytester, "--suffice", study)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*'bars' is not a key here; did you mean 'bar'?*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_study_without_bars_tests_nothing_and_says_so(
    pytester: pytest.Pytester, make_study: Make
) -> None:
    """A study that could not fail is an error, not a pass."""
    study = make_study(bar={})
    result = run(pytester, "--suffice", study)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the study has no bars*"])


def test_an_unknown_rung_fails_each_test_and_is_tried_once(
    pytester: pytest.Pytester, make_study: Make
) -> None:
    """An error of the run is every test's failure, told in its own words."""
    study = make_study(bar=MET)
    result = pytester.runpytest("--suffice", study, "--suffice-rungs", "promt")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["there is no rung 'promt'; did you mean 'prompt'?*"])


def test_the_fixture_gives_verdicts_and_gates(pytester: pytest.Pytester, make_study: Make) -> None:
    """A test of one's own reads numbers from the verdict, and the gate's word."""
    make_study(bar={"format": 0.95})
    pytester.makepyfile(
        """
        STUDY = "support/suffice.yaml"

        def test_numbers(suffice):
            verdict = suffice.run(STUDY, rungs=["prompt"])
            assert verdict.standings[0].estimate("correct").value > 0.5
            assert suffice.run(STUDY, rungs=["prompt"]) is verdict

        def test_gate(suffice):
            gate = suffice.gate(STUDY, rungs=["prompt"])
            assert (gate.status, gate.exit_code) == ("worse", 1)
            assert "format" in gate.reason
        """
    )
    pytester.runpytest().assert_outcomes(passed=2)
