"""Makes nano from nothing: `python -m nano.recipe DEST`. Finished steps are not done again."""

import argparse
import subprocess
import sys
from pathlib import Path


def steps(dest: Path, weights: Path, minutes: float) -> list[tuple[Path | None, list[str]]]:
    """Each step's command, with the file that shows that it was done."""
    paragraphs, tokenizer = dest / "paragraphs.jsonl", dest / "tokenizer.json"
    return [
        (paragraphs, ["nano.sources", str(dest)]),
        (tokenizer, ["nano.vocabulary", str(dest), "--paragraphs", str(paragraphs)]),
        (
            dest / "finished.json",
            ["nano.learn", str(dest), "--paragraphs", str(paragraphs), "--minutes", str(minutes)],
        ),
        (None, ["nano.export", str(dest), str(weights)]),
        (None, ["nano.evaluate", str(weights)]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dest", type=Path)
    parser.add_argument("--minutes", type=float, default=110, help="for the training itself")
    chosen = parser.parse_args()
    for done, command in steps(chosen.dest, chosen.dest / "weights", chosen.minutes):
        if done is not None and done.exists():
            continue
        print(f"python -m {' '.join(command)}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", *command], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
