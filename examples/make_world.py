"""Puts a study's cases into its simulated world, so that the study runs offline.

    python examples/make_world.py examples/ticket-labels

Keeps what stands in world.yaml up to the line `facts:` (its laws are yours to change) and writes
one fact a case after it. All facts are of kind "skill": what is needed stands in the question.
"""

import json
import sys
from pathlib import Path


def main(folder: Path) -> None:
    world = folder / "world.yaml"
    head, mark, _ = world.read_text("utf-8").partition("\nfacts:\n")
    if not mark:
        sys.exit(f"{world}: there is no line `facts:`; write the laws and that line first")
    lines = (folder / "cases.jsonl").read_text("utf-8").splitlines()
    facts = "".join(f"- {fact_of(json.loads(line))}\n" for line in lines)
    world.write_text(f"{head}{mark}{facts}", "utf-8")


def fact_of(case: dict[str, object]) -> str:
    fact = {
        "id": case["id"],
        "question": case["question"],
        "answer": case["expected"],
        "kind": "skill",
    }
    return json.dumps(fact, ensure_ascii=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
