"""Every harness that is measured: how it is called, and how it says what share was right.

Each gets the same cases, prompt, token limit and concurrency, writes what it found to disk, and
shows no progress: so its documentation advises for large runs.
"""

import json
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.harness_peers.material import Material
from benchmarks.harness_peers.prompt import MODEL, PROMPT

_ROOT = Path(__file__).parents[2]
PEERS = _ROOT / ".venv-peers"
_PROMPTFOO = PEERS / "node/node_modules/promptfoo/dist/src/entrypoint.js"
_RUN = Path(__file__).parent


@dataclass(frozen=True)
class Harness:
    """`needs` is the file whose absence means that it is not installed; in the folder `keeps` lies
    what it writes; `most_cases` holds back who would take more than three minutes."""

    name: str
    needs: Path
    command: Callable[[Material], list[str]]
    right_share: Callable[[str], float]
    keeps: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    is_peer: bool = True
    most_cases: int = 10_000

    @property
    def installed(self) -> bool:
        return self.needs.exists()

    def forget(self, material: Material) -> None:
        """Throws away what earlier runs have kept, so that the next one asks everything."""
        if self.keeps:
            shutil.rmtree(material.folder / self.keeps, ignore_errors=True)


def _suffice(material: Material) -> list[str]:
    return [
        *(sys.executable, "-m", "suffice", "run", "--study", str(material.study)),
        *("--rungs", "prompt", "--json"),
    ]


def _suffice_share(output: str) -> float:
    verdict = json.loads(output[output.index("\n{") if not output.startswith("{") else 0 :])
    (correct,) = (
        each for each in verdict["standings"][0]["estimates"] if each["measure"] == "correct"
    )
    return float(correct["value"])


def _floor(material: Material) -> list[str]:
    return [
        *(sys.executable, "-m", "benchmarks.harness_peers.run_floor"),
        *(str(material.inspect), str(material.port), str(material.concurrency)),
    ]


def _inspect(material: Material) -> list[str]:
    return [
        *(str(PEERS / "bin/python"), str(_RUN / "run_inspect.py"), str(material.inspect)),
        *(material.base_url, str(material.concurrency), str(material.folder / "inspect_logs")),
    ]


def _lm_eval(material: Material) -> list[str]:
    """`tokenizer_backend=None`: the server counts tokens, so that none is downloaded."""
    settings = (
        f"model={MODEL},base_url={material.base_url}/chat/completions,"
        f"num_concurrent={material.concurrency},tokenizer_backend=None,tokenized_requests=False,"
        "eos_string=<none>"
    )
    return [
        *(str(PEERS / "bin/lm_eval"), "run", "--model", "local-chat-completions"),
        *("--model_args", settings, "--tasks", "orders"),
        *("--include_path", str(material.lm_eval), "--apply_chat_template"),
        *("--system_instruction", PROMPT, "--log_samples"),
        *("--output_path", str(material.folder / "lm_eval_results")),
    ]


def _promptfoo(material: Material) -> list[str]:
    """Results go to its own database; a second copy as a file would cost it more."""
    return [
        *(str(PEERS / "bin/node"), str(_PROMPTFOO), "eval"),
        *("--config", str(material.promptfoo / "promptfooconfig.yaml")),
        *("--max-concurrency", str(material.concurrency)),
        *("--no-cache", "--no-table", "--no-progress-bar"),
    ]


def _last_number(output: str) -> float:
    return float(output.rsplit(maxsplit=1)[-1])


def _found(pattern: str, scale: float) -> Callable[[str], float]:
    def share(output: str) -> float:
        found = re.search(pattern, output)
        if found is None:
            raise RuntimeError(f"no share of right answers in:\n{output[-2000:]}")
        return float(found[1]) * scale

    return share


SUFFICE = Harness(
    "suffice", Path(sys.executable), _suffice, _suffice_share, "study/.suffice", is_peer=False
)
FLOOR = Harness("bare loop (floor)", Path(sys.executable), _floor, _last_number, is_peer=False)
PEER_HARNESSES = (
    Harness(
        "inspect_ai",
        PEERS / "bin/inspect",
        _inspect,
        _last_number,
        "inspect_logs",
        most_cases=3_000,
    ),
    Harness(
        "lm_eval",
        PEERS / "bin/lm_eval",
        _lm_eval,
        _found(r"exact_match\s*\|.\s*\|\s*([0-9.]+)\|", 1.0),
        "lm_eval_results",
        {
            "HF_HUB_OFFLINE": "1",
            "HF_DATASETS_OFFLINE": "1",
            "OPENAI_API_KEY": "none",
            "LMEVAL_LOG_LEVEL": "ERROR",
            "TQDM_DISABLE": "1",
        },
    ),
    Harness(
        "promptfoo",
        _PROMPTFOO,
        _promptfoo,
        _found(r"passed \(([0-9.]+)%\)", 0.01),
        "promptfoo_state",
        {
            "PROMPTFOO_DISABLE_TELEMETRY": "1",
            "PROMPTFOO_DISABLE_UPDATE": "1",
            "PROMPTFOO_DISABLE_REMOTE_GENERATION": "1",
            "PROMPTFOO_DISABLE_SHARING": "1",
            "PROMPTFOO_CONFIG_DIR": "promptfoo_state",
            "PROMPTFOO_FAILED_TEST_EXIT_CODE": "0",
        },
    ),
)
