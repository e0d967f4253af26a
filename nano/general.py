"""Draws the general set that Suffice ships, by which forgetting is seen: `python -m nano.general`.

Two files of questions of many sorts, under src/suffice/tune/general/: cases with their answers, and
prompts without. Seeds are fixed; nothing of them is ever trained on here.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path

from nano.chats import Chat
from nano.kinds import trained_kinds
from nano.stages import Mixture

PLACE = Path(__file__).parents[1] / "src" / "suffice" / "tune" / "general"
CASES = {"short": 60, "prosaic": 40, "labels": 30, "shapes": 20}
PROMPTS = {"short": 60, "prosaic": 50, "labels": 40, "shapes": 25, "talk": 25}


def first_turns(part: str, count: int, seed: int) -> Iterator[tuple[list[dict[str, str]], str]]:
    """What stands before a reply of fresh chats, and that reply: the first, or, where the form is
    told by the turns before, the last."""
    mixture = Mixture(trained_kinds(), [], seed)
    for _ in range(count):
        chat: Chat = mixture.draw({part: 1.0})
        said = [at for at, (role, _) in enumerate(chat.messages) if role == "assistant"]
        place = said[-1] if part in ("labels", "shapes") else said[0]
        asked = [{"role": role, "content": content} for role, content in chat.messages[:place]]
        yield asked, chat.messages[place][1]


def main() -> None:
    PLACE.mkdir(exist_ok=True)
    cases = [
        {"id": f"{part}-{number}", "messages": asked, "expected": reply, "tags": [part]}
        for part, count in CASES.items()
        for number, (asked, reply) in enumerate(first_turns(part, count, seed=31_000_001))
    ]
    prompts = [
        {"messages": asked}
        for part, count in PROMPTS.items()
        for asked, _ in first_turns(part, count, seed=32_000_003)
    ]
    random.Random(1).shuffle(prompts)
    for name, rows in (("cases", cases), ("prompts", prompts)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (PLACE / f"{name}.jsonl").write_text(lines, "utf-8")


if __name__ == "__main__":
    main()
