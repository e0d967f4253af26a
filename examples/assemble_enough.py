"""Writes the cases of the bundled study `enough` from mails and questions written by hand.

    python examples/assemble_enough.py [--check]

In examples/enough/mails.txt a line with = names who wrote, the mail follows, with the fields of the
booking form that were filled in, then its questions: kind, question, answer, or - where it does not
say. `--check` only says whether the cases are
fresh. Nothing here is chosen by chance.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

MAILS = Path(__file__).parent / "enough" / "mails.txt"
CASES = Path(__file__).parent.parent / "src" / "suffice" / "studies" / "enough" / "cases.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when stale")
    check = parser.parse_args().check
    text = "".join(f"{json.dumps(row)}\n" for row in cases(MAILS.read_text("utf-8")))
    if not check:
        CASES.write_text(text, "utf-8")
    elif not CASES.exists() or CASES.read_text("utf-8") != text:
        sys.exit(f"stale: {CASES.name}; run `python {Path(__file__).name}`")


def cases(text: str) -> Iterator[dict[str, object]]:
    """One for each question, with its mail before it as a numbered passage."""
    for part in re.split(r"^= ", text, flags=re.MULTILINE)[1:]:
        writer, *lines = part.strip().splitlines()
        mail = "\n".join(line for line in lines if not line.startswith("? "))
        questions = [line for line in lines if line.startswith("? ")]
        for number, line in enumerate(questions, 1):
            kind, question, answer = line.removeprefix("? ").split(" | ")
            if answer != "-" and answer not in mail:
                raise ValueError(f"{writer}: the mail does not say {answer!r}")
            named = writer.lower().replace(" ", "-")
            yield {
                "id": f"{named}-{number}",
                "question": f"[1] Mail from {writer}\n{mail}\n\n{question}",
                **({"answerable": False} if answer == "-" else {"expected": answer}),
                "cluster": named,
                "tags": [kind],
            }


if __name__ == "__main__":
    main()
