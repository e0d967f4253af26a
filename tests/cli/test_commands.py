"""Every command on real studies: its happy path, its JSON, its files, its exit code."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.story.studies import planted_study

NOTHING_KNOWN = {"correct": 0.95}


@pytest.fixture(scope="module")
def finished_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study with all three rungs run; tests take copies of it."""
    from suffice.ladder import Study  # noqa: PLC0415 (the command line's own imports are tested)

    folder = planted_study(
        tmp_path_factory.mktemp("finished") / "study",
        seed=3,
        cases=120,
        gap="format",
        bar={"correct": 0.8, "format": 0.8},
    )
    Study.load(folder).run(rungs=["prompt", "fewshot", "schema"])
    return folder


@pytest.fixture
def finished(finished_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished_once, tmp_path / "finished"))


class TestRun:
    def test_shows_the_verdict_and_ends_with_0_where_a_rung_suffices(
        self, command: Command, small: Path
    ) -> None:
        """Results on stdout; progress and where it is kept on stderr."""
        ended = command("run", "--study", small)
        assert ended.code == 0
        assert "`prompt` is the cheapest rung that suffices" in ended.out
        assert "Kept in" in ended.err
        assert "Kept in" not in ended.out
        assert "prompt on held-out" in ended.err

    def test_ends_with_1_where_none_suffices(self, command: Command, tmp_path: Path) -> None:
        """Every rung surely misses a bar."""
        folder = planted_study(tmp_path / "s", gap="knowledge", cases=160, bar=NOTHING_KNOWN)
        ended = command("run", "--study", folder)
        assert ended.code == 1
        assert "No rung suffices" in ended.out

    def test_ends_with_2_where_the_cases_cannot_tell(
        self, command: Command, tmp_path: Path
    ) -> None:
        """Too few clusters for any verdict."""
        folder = planted_study(tmp_path / "s", cases=24, bar={"correct": 0.8})
        assert command("run", "--study", folder).code == 2

    def test_json_is_one_document_on_stdout(self, command: Command, small: Path) -> None:
        """With the verdict's own keys, and nothing else written there."""
        found = command("run", "--study", small, "--json").json
        assert found["chosen"] == "prompt"
        assert [each["rung"] for each in found["standings"]] == ["prompt"]

    def test_dry_run_asks_nothing_and_counts_everything(
        self, command: Command, small: Path
    ) -> None:
        """Calls, tokens and dollars for each rung and in all; afterwards nothing is known."""
        ended = command("run", "--study", small, "--dry-run")
        assert ended.code == 0
        assert "in all" in ended.out
        assert "$" in ended.out
        counted = command("run", "--study", small, "--dry-run", "--json").json
        assert set(counted) == {"prompt", "fewshot", "schema", "why cases fail"}
        assert all(each["known"] == 0 and each["calls"] > 0 for each in counted.values())

    def test_named_rungs_and_a_limit(self, command: Command, small: Path) -> None:
        """Just these, on just so many cases."""
        found = command(
            *("run", "--study", small, "--rungs", "prompt, fewshot", "--limit", "20", "--json")
        ).json
        assert [each["asked"] for each in found["standings"]] == [20, 20]

    def test_a_budget_that_is_used_up_is_told(self, command: Command, small: Path) -> None:
        """Exit code 2, and how to go on; the second run with more ends as if nothing had been."""
        ended = command("run", "--study", small, "--budget-usd", "0.0005")
        assert ended.code == 2
        assert "--budget-usd" in ended.out + ended.err
        assert command("run", "--study", small, "--budget-usd", "5").code == 0

    def test_writes_reports_of_every_kind(self, command: Command, small: Path) -> None:
        """The ending of a file names its format; folders are made."""
        files = [Path("out") / name for name in ("r.md", "r.json", "r.xml")]
        outputs = [word for file in files for word in ("-o", file)]
        assert command("run", "--study", small, *outputs).code == 0
        assert files[0].read_text().startswith("#")
        assert json.loads(files[1].read_text())["chosen"] == "prompt"
        assert "<testsuite" in files[2].read_text()

    def test_an_unknown_ending_is_refused_before_anything_is_asked(
        self, command: Command, small: Path
    ) -> None:
        """A typing error in an option is not worth a paid run."""
        ended = command("run", "--study", small, "-o", "report.jsn")
        assert ended.code == 64
        assert "did you mean '.json'" in ended.err
        assert not (small / ".suffice").exists()


class TestReport:
    def test_shows_the_newest_run_again(self, command: Command, finished: Path) -> None:
        """The same page, without asking."""
        ended = command("report", "--study", finished)
        assert ended.code == 0
        assert "`schema` is the cheapest rung that suffices" in ended.out

    def test_writes_files_instead(self, command: Command, finished: Path) -> None:
        """With -o and nothing else there is no page on stdout."""
        ended = command("report", "--study", finished, "-o", "r.md")
        assert (ended.code, ended.out) == (0, "")
        assert Path("r.md").exists()

    def test_json(self, command: Command, finished: Path) -> None:
        """The verdict as it is kept."""
        run = next((finished / ".suffice" / "runs").iterdir()).name
        assert command("report", run[:12], "--study", finished, "--json").json["run"] == run

    def test_without_a_run_it_says_what_makes_one(self, command: Command, small: Path) -> None:
        """Wrong use, and the next step."""
        ended = command("report", "--study", small)
        assert ended.code == 64
        assert "`suffice run` makes one" in ended.err


class TestCompare:
    def test_shows_the_cases_on_which_they_differ(self, command: Command, finished: Path) -> None:
        """As many as asked for, of each measure."""
        ended = command("compare", "prompt", "schema", "--study", finished, "--flips", "2")
        assert ended.code == 0
        assert "format" in ended.out
        assert "What is the" in ended.out

    def test_json(self, command: Command, finished: Path) -> None:
        """One comparison a measure, B as the candidate."""
        found = command("compare", "prompt", "schema", "--study", finished, "--json").json
        assert {each["measure"] for each in found} == {"correct", "format"}
        assert {each["candidate"] for each in found} == {"schema"}

    def test_an_unknown_rung_is_named_with_the_near_one(
        self, command: Command, finished: Path
    ) -> None:
        """Wrong use."""
        ended = command("compare", "promt", "schema", "--study", finished)
        assert ended.code == 64
        assert "did you mean 'prompt'" in ended.err

    def test_a_file_against_a_rung(self, command: Command, finished: Path) -> None:
        """Trials that were kept elsewhere, by the path as one types it."""
        run = next((finished / ".suffice" / "runs").iterdir())
        shutil.copy(run / "trials.jsonl", "kept.jsonl")
        ended = command("compare", "kept.jsonl/prompt", "schema", "--study", finished)
        assert ended.code == 0
        assert "format" in ended.out


class TestGate:
    @pytest.mark.parametrize(
        ("options", "code", "said"),
        [
            ([], 0, "pass"),
            (["--candidate", "prompt"], 1, "worse"),
            (["--baseline", "prompt", "--on", "format"], 0, "pass"),
            (["--baseline", "schema", "--candidate", "prompt", "--on", "format"], 1, "worse"),
            (["--baseline", "schema", "--candidate", "prompt", "--on", "correct"], 2, "not"),
        ],
    )
    def test_exit_codes(
        self, options: list[str], code: int, said: str, command: Command, finished: Path
    ) -> None:
        """0 passes, 1 is worse, 2 is not measurable; the word stands first on stdout."""
        ended = command("gate", "--study", finished, *options)
        assert ended.code == code, ended
        assert ended.out.startswith(said)

    def test_wrong_use_is_64(self, command: Command, finished: Path) -> None:
        """An unknown rung or measure is never a pass, and never a failed build."""
        assert command("gate", "--study", finished, "--baseline", "nobody").code == 64
        assert command("gate", "--study", finished, "--on", "formt").code == 64

    def test_json_says_the_same(self, command: Command, finished: Path) -> None:
        """Status, exit code and reason."""
        ended = command("gate", "--study", finished, "--candidate", "prompt", "--json")
        assert ended.json["status"] == "worse"
        assert ended.json["exit_code"] == ended.code == 1

    def test_against_a_kept_file(self, command: Command, finished: Path) -> None:
        """The chosen rung of the newest run against trials that a build keeps."""
        run = next((finished / ".suffice" / "runs").iterdir())
        shutil.copy(run / "trials.jsonl", "kept.jsonl")
        baseline = ("--baseline", "kept.jsonl/prompt", "--on", "format")
        assert command("gate", "--study", finished, *baseline).code == 0

    def test_writes_reports(self, command: Command, finished: Path) -> None:
        """A build keeps the JUnit file whatever the gate says."""
        assert command("gate", "--study", finished, "-o", "junit.xml").code == 0
        assert "<testsuite" in Path("junit.xml").read_text()


class TestCheck:
    def test_says_what_was_read_and_what_it_can_resolve(
        self, command: Command, study: Path
    ) -> None:
        """Without a key, without a model, without a run."""
        ended = command("check", "--study", study)
        assert ended.code == 0
        assert "263, 28 of them unanswerable" in ended.out
        assert "cannot settle 5 points" in ended.out
        assert not (study / ".suffice").exists()

    def test_a_bar_of_which_too_few_cases_speak_is_told(
        self, command: Command, tmp_path: Path
    ) -> None:
        """Before anything is asked: no run could decide it."""
        planted_study(tmp_path, cases=80, bar={"correct": 0.8, "abstains": 0.8})
        out = " ".join(command("check", "--study", tmp_path).out.split())
        assert "The bar of abstains can be decided by no rung:" in out
        assert "The bar of correct can be decided by no rung" not in out

    def test_an_answer_that_no_model_may_write_in_full_is_told(
        self, command: Command, study: Path
    ) -> None:
        """It would be cut off, whatever the fix."""
        assert "max_tokens" not in command("check", "--study", study).out
        path = study / "suffice.yaml"
        path.write_text(path.read_text("utf-8") + "max_tokens: 8\n")
        out = " ".join(command("check", "--study", study).out.split())
        assert "235 of 235 expected answers are longer than `max_tokens: 8` lets a model" in out

    def test_gold_that_names_no_document_is_told(self, command: Command, study: Path) -> None:
        """It could never be found; the nearest name is shown."""
        assert "without a file" not in command("check", "--study", study).out
        cases = study / "cases.jsonl"
        cases.write_text(cases.read_text("utf-8").replace("wren-battery.md", "wren-batery.md"))
        out = " ".join(command("check", "--study", study).out.split())
        assert "1 gold id of cases without a file in" in out
        assert "did you mean 'wren-battery.md'" in out

    def test_json(self, command: Command, study: Path) -> None:
        """The same as data."""
        found = command("check", "--study", study, "--json").json
        assert set(found) == {"study", "resolution", "warnings", "concerns", "examples"}
        assert found["resolution"]["cases"] > 100

    def test_strict_ends_with_1_where_there_is_a_warning(
        self, command: Command, small: Path, tmp_path: Path
    ) -> None:
        """For builds that want none."""
        assert command("check", "--study", small, "--strict").code == 0
        bare = planted_study(tmp_path / "bare", cases=80)
        ended = command("check", "--study", bare, "--strict")
        assert ended.code == 1
        assert "no bar set" in ended.out

    @pytest.mark.parametrize("key", ["prompt", "examples", "schema", "documents", "cases"])
    def test_a_file_that_is_missing_is_named(self, key: str, command: Command, small: Path) -> None:
        """Every file that the study names is looked at, whatever needs it later."""
        path = small / "suffice.yaml"
        kept = [line for line in path.read_text().splitlines() if not line.startswith(f"{key}:")]
        path.write_text("\n".join([*kept, f"{key}: nowhere.txt"]))
        ended = command("check", "--study", small)
        assert ended.code == 64
        assert "nowhere.txt" in ended.err

    def test_a_file_of_labels_that_is_missing_is_named(self, command: Command, small: Path) -> None:
        """A judge's labels too."""
        with (small / "suffice.yaml").open("a") as file:
            file.write("judge: {model: 'planted:support-desk', labels: nowhere.jsonl}\n")
        ended = command("check", "--study", small)
        assert ended.code == 64
        assert "nowhere.jsonl" in ended.err

    def test_a_mistyped_key_is_named_with_the_near_one(self, command: Command, small: Path) -> None:
        """With file and line."""
        with (small / "suffice.yaml").open("a") as file:
            file.write("promt: p.md\n")
        ended = command("check", "--study", small)
        assert ended.code == 64
        assert "did you mean 'prompt'" in ended.err
        assert "suffice.yaml:" in ended.err


class TestList:
    def test_shows_every_kind(self, command: Command) -> None:
        """A name and a sentence each."""
        ended = command("list")
        assert ended.code == 0
        for word in ("planted", "fewshot", "json-schema", "junit", "local"):
            assert word in ended.out

    def test_one_kind_as_json(self, command: Command) -> None:
        """Only rungs, with the module each comes from."""
        found = command("list", "rung", "--json").json
        assert {each["name"] for each in found} >= {"prompt", "fewshot", "schema"}
        assert all(each["summary"] for each in found)

    def test_an_unknown_kind_is_named_with_the_near_one(self, command: Command) -> None:
        """Wrong use."""
        ended = command("list", "metrics")
        assert ended.code == 64
        assert "did you mean 'metric'" in ended.err


class TestDemo:
    def test_works_twice_and_asks_once(self, command: Command) -> None:
        """The study is copied, run and concluded; the second time nothing is copied or asked."""
        options = ("demo", "mine", "--study", "enough", "--json")
        first, second = command(*options), command(*options)
        assert first.code == second.code == 0, first.err
        assert first.json["verdict"]["winner"] == "prompt"
        told = {key: value for key, value in first.json["verdict"].items() if key != "seconds"}
        assert told.items() <= second.json["verdict"].items()
        assert " asked" in first.err
        assert " asked" not in second.err
        assert Path(first.json["report"]).read_text("utf-8").startswith("<!doctype html>")

    @pytest.mark.parametrize("kind", ["folder", "file"])
    def test_nothing_of_the_user_s_is_touched(self, kind: str, command: Command) -> None:
        """A folder with something else in it, or a file of that name, is refused."""
        mine = Path("mine") / "file.txt" if kind == "folder" else Path("mine")
        mine.parent.mkdir(exist_ok=True)
        mine.write_text("precious")
        ended = command("demo", "mine")
        assert ended.code == 64
        assert "name another folder" in ended.err
        assert mine.read_text() == "precious"

    def test_an_unknown_study_is_named_with_the_near_one(self, command: Command) -> None:
        ended = command("demo", "--study", "suport")
        assert ended.code == 64
        assert "did you mean 'support'?" in ended.err

    def test_a_bundled_study_can_be_copied_to_start_from(self, command: Command) -> None:
        """`init --example`: a study that check finds whole; a second time it is left as it is."""
        assert command("init", "--example", "enough").code == 0
        assert command("check", "--study", "enough").code == 0
        again = command("init", "--example", "enough")
        assert again.code == 64
        assert "exists already" in again.err


class TestAdvise:
    def test_answers_come_from_a_file_and_from_what_was_measured(
        self, command: Command, finished: Path
    ) -> None:
        """What the study's run has measured stands before what is believed."""
        answers = finished / "answers.yaml"
        answers.write_text("lacks_facts: no\nhas_eval_set: no\nwants_tuning: yes\n")
        ended = command("advise", "--study", finished, "--answers", answers, "--json")
        assert ended.code == 0, ended.err
        assert ended.json["measured"]["has_eval_set"] == 1
        assert "has_eval_set" not in ended.json["believed"]
        assert len(ended.json["advice"]["opinions"]) == 5

    def test_without_a_study_everything_is_believed(self, command: Command, tmp_path: Path) -> None:
        """And the first thing to do is to write cases down."""
        (tmp_path / "a.yaml").write_text("lacks_facts: yes\n")
        ended = command("advise", "--study", tmp_path, "--answers", tmp_path / "a.yaml")
        assert ended.code == 0, ended.err
        assert "six checks" in ended.out
        assert "50 to 200 real questions" in ended.out

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("lack_facts: yes\n", "did you mean 'lacks_facts'"),
            ("lacks_facts: perhaps\n", "neither yes, no nor a number"),
            ("- yes\n", "are a mapping"),
            ("{", "cannot be read as YAML"),
        ],
    )
    def test_strange_answers_are_refused(
        self, command: Command, tmp_path: Path, text: str, said: str
    ) -> None:
        """With the key and the file."""
        (tmp_path / "a.yaml").write_text(text)
        ended = command("advise", "--study", tmp_path, "--answers", tmp_path / "a.yaml")
        assert ended.code == 64
        assert said in ended.err
        assert "a.yaml" in ended.err

    def test_without_a_terminal_it_names_the_keys(self, command: Command, tmp_path: Path) -> None:
        """So that a file can be written."""
        ended = command("advise", "--study", tmp_path)
        assert ended.code == 64
        assert "lacks_facts" in ended.err


class TestPrice:
    def test_every_rung_has_a_bill_at_the_studys_traffic(
        self, command: Command, finished: Path
    ) -> None:
        """What was measured a request, times what is asked; the front is named."""
        ended = command("price", "--study", finished, "--requests", "100000", "--json")
        assert ended.code == 0, ended.err
        [first, *_] = ended.json["bills"]
        assert first["bill"]["rung"] == "prompt"
        asked = 100_000 * ended.json["traffic"]["months"]
        assert first["total"]["low"] == pytest.approx(first["bill"]["request"] * asked)
        assert ended.json["front"]

    def test_costs_of_the_study_stand_before_what_is_usual(
        self, command: Command, finished: Path
    ) -> None:
        """And traffic comes from it too."""
        settings = finished / "suffice.yaml"
        settings.write_text(
            settings.read_text()
            + "traffic: {requests_per_month: 1000}\ncosts: {training: [7, 8], peak: 2}\n"
        )
        ended = command("price", "--study", finished, "--json")
        assert ended.code == 0, ended.err
        assert ended.json["usual"]["training"] == {"low": 7, "high": 8}
        assert ended.json["usual"]["peak"] == 2
        shown = command("price", "--study", finished)
        assert "1,000 requests a month for 12 months" in shown.out

    def test_without_traffic_it_asks_for_it(self, command: Command, finished: Path) -> None:
        """Nothing is guessed."""
        ended = command("price", "--study", finished)
        assert ended.code == 64
        assert "requests_per_month" in ended.err
