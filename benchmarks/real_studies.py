"""Two studies on public data with nano, climbed by the product itself: what does the verdict say?

    python -m benchmarks.real_studies [--only xquad banking77] [--keep FOLDER]

Knowledge: XQuAD's English questions, its paragraphs saved as files. Behaviour: BANKING77's four
most frequent intents, its training messages as worked examples. Nothing is tuned to either; what
nano cannot do is part of the answer. docs/real-studies.md tells the verdicts.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml

from benchmarks import intents
from benchmarks.results_file import Row, print_table, write
from benchmarks.retrieval_sets import DATA
from suffice.decide.runs import details_of, find_run
from suffice.ladder import Study
from suffice.records import Verdict
from suffice.report.html import HtmlReport

_QUESTIONS = 360
_EXAMPLES = 60  # of each intent
_INTENTS, _MESSAGES = 4, 160
_PROMPT = (
    "Answer the question in a few words. If you do not know the answer, say that you do not know."
)


def xquad(folder: Path) -> None:
    """Every paragraph is a file; a question names the one that it was written for."""
    articles = json.loads((DATA / "xquad" / "xquad.en.json").read_text("utf-8"))["data"]
    (folder / "docs").mkdir(parents=True)
    cases = []
    for number, article in enumerate(articles):
        for place, paragraph in enumerate(article["paragraphs"]):
            name = f"article-{number:02d}-{place}.txt"
            (folder / "docs" / name).write_text(paragraph["context"], "utf-8")
            cases += [
                {
                    "id": asked["id"],
                    "question": asked["question"],
                    "any_of": sorted({each["text"] for each in asked["answers"]}),
                    "gold": [name],
                }
                for asked in paragraph["qas"]
            ]
    step = max(1, len(cases) // _QUESTIONS)
    rows = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in cases[::step])
    (folder / "cases.jsonl").write_text(rows, "utf-8")
    (folder / "prompt.md").write_text(_PROMPT, "utf-8")
    study = {
        "name": "xquad",
        "model": "nano",
        "cases": "cases.jsonl",
        "documents": "docs",
        "prompt": "prompt.md",
        "checks": ["contains"],
        "bar": {"correct": 0.5},
        "max_tokens": 48,
        "split": {"dev": 0.3},
    }
    (folder / "suffice.yaml").write_text(yaml.safe_dump(study, sort_keys=False), "utf-8")


def banking77(folder: Path) -> None:
    folder.mkdir(parents=True)
    intents.write_study(folder, _INTENTS, _EXAMPLES, _MESSAGES)


STUDIES: Mapping[str, Callable[[Path], None]] = {"xquad": xquad, "banking77": banking77}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=STUDIES, default=list(STUDIES))
    parser.add_argument("--keep", type=Path, help="a new folder to keep the studies in")
    chosen = parser.parse_args()
    rows = list[Row]()
    with tempfile.TemporaryDirectory() as scratch:
        for name in chosen.only:
            if not (DATA / name).is_dir():
                print(f"{DATA / name} is absent: {name} is not run; set SUFFICE_DATA")
                continue
            folder = (chosen.keep or Path(scratch)) / name
            STUDIES[name](folder)
            started = time.perf_counter()
            study = Study.load(folder)
            verdict = study.run()
            rows += _rows(name, verdict, time.perf_counter() - started)
            details = details_of(find_run(study.store, None), verdict)
            (folder / "report.html").write_text(HtmlReport().render(verdict, details), "utf-8")
            _tell(verdict)
    print_table(rows, title="studies on public data")
    if set(chosen.only) == set(STUDIES) and rows:
        write("real_studies", rows, [], ("torch", "peft", "onnxruntime", "lancedb"))


def _tell(verdict: Verdict) -> None:
    causes = [f"{each.cause} {each.share:.0%}" for each in verdict.held_out_causes]
    print(f"{verdict.study}: {verdict.chosen}. {verdict.reason}")
    print(f"  held-out cases fail from {', '.join(causes) or 'nothing'}")
    for each in verdict.cured:
        print(f"  {each.rung} mends {each.cured} of {each.cases} of {each.cause}")
    for line in (*verdict.would_change, *verdict.next_steps, *verdict.warnings):
        print(f"  {line}", flush=True)


def _rows(name: str, verdict: Verdict, seconds: float) -> list[Row]:
    rows = list[Row]()
    for standing in verdict.standings:
        for each in standing.estimates:
            if each.measure in ("correct", "format", "macro_f1", "context_recall"):
                interval = each.interval
                rows.append(
                    {
                        "study": name,
                        "rung": standing.rung,
                        "measure": each.measure,
                        "value": each.value,
                        "low": interval.low if interval else None,
                        "high": interval.high if interval else None,
                        "chosen": verdict.chosen,
                        "s": seconds,
                    }
                )
    return rows


if __name__ == "__main__":
    main()
