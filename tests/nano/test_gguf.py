"""A folder of weights as GGUF: what the file holds, and that llama.cpp says the same."""

import json
import random
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from nano.chats import END, PAD, START, TEMPLATE, Chat, row_of
from nano.model import Nano
from numpy.typing import NDArray
from safetensors.numpy import load_file
from safetensors.torch import save_file
from tests.servers.tiny_nano import SMALL, tokenizer_of, write_checksums, write_tiny_nano
from tokenizers import Tokenizer
from transformers import AutoTokenizer, LlamaForCausalLM

from suffice.tune.gguf_file import served_template, write

ROOT = Path(__file__).parent.parent.parent
PYTHON = ROOT / ".venv-llamacpp/bin/python"
SHIPPED = ROOT / "src/suffice/models/nano/weights"
MOST = 24  # tokens of an answer

needs_llamacpp = pytest.mark.skipif(
    not (PYTHON.parent.parent / ".ready").exists(),
    reason="llama.cpp is not built here; `make llamacpp` builds it (ten minutes, once)",
)
needs_shipped = pytest.mark.skipif(
    not (SHIPPED / "model.safetensors").exists(), reason="the shipped weights are not here"
)

ODD = [
    "",
    " ",
    "12345 and 6,789.01 or 1st, 2nd; x2y3",
    "  two  spaces,\ttabs\n\nand\n   lines \n",
    "trailing space ",
    "trailing lines\n\n",
    "It's, we'll, they'd, I'M, don't, \u2018curly\u2019",
    "naïve café, cafe\u0301, Ελλάδα, русский, 日本語, العربية, हिन्दी",
    "🙂 👩‍👩‍👧 🇩🇪",
    "½ ² Ⅷ ١٢٣ ௧ ①",
    "a\u00a0b\u2003c\u2028d\u0085e\u200bf\ufeffg",
    "\x00\x07\x1c\x1f\x7f\r\n",
    "[3] as [12] says, [20][1], [21] [0] [ 3] [3 [[4]] [٣]",
    f"{START}user\nWhat ends? {END}\n{PAD} <|im_start <|nothing|>",
    "!!!??? -- ... (a) {b} <c> $d_e^f\\g/h|i~j`k'l\"",
]

TAUGHT = [
    ("What is the capital of Norway?", "Oslo is the capital [1]."),
    ("When was the bridge built?", "It was built in 1932 [2]."),
    ("Who wrote the report?", "The passages do not say."),
    ("How tall is the tower?", "It is 58 metres tall [3][1]."),
]


def chat(question: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": "Answer."}, {"role": "user", "content": question}]


def asked(file: Path, questions: Mapping[str, object]) -> dict[str, Any]:
    """What llama.cpp says to them, in a process of its own."""
    found = subprocess.run(
        [PYTHON, "-P", ROOT / "nano/llamacpp.py", file, "--threads", "1"],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    answers: dict[str, Any] = json.loads(found.stdout)
    return answers


def fuzzed(tokenizer: Tokenizer, count: int) -> list[str]:
    """Texts of odd pieces in every order, so that each meets each at its borders."""
    draws = random.Random(7)
    pieces = [piece for text in ODD for piece in text.split(" ")] + [" ", "  ", "\n", "7"]
    pieces += [tokenizer.decode([draws.randrange(tokenizer.get_vocab_size())]) for _ in range(200)]
    return ["".join(draws.choices(pieces, k=draws.randint(2, 9))) for _ in range(count)]


def teach(folder: Path) -> None:
    """Until the tiny network knows TAUGHT by heart, so that no two tokens are nearly as likely."""
    tokenizer = tokenizer_of(folder)
    asked_for = [[(turn["role"], turn["content"]) for turn in chat(ask)] for ask, _ in TAUGHT]
    rows = [
        row_of(Chat((*turns, ("assistant", answer))), tokenizer)
        for turns, (_, answer) in zip(asked_for, TAUGHT, strict=True)
    ]
    longest = max(len(row.tokens) for row in rows)
    tokens, wanted = torch.zeros(len(rows), longest).long(), torch.full((len(rows), longest), -100)
    for place, row in enumerate(rows):
        length = len(row.tokens)
        tokens[place, :length] = torch.tensor(row.tokens)
        wanted[place, :length] = tokens[place, :length].where(torch.tensor(row.learned), -100)
    nano = Nano(SMALL, seed=0)
    optimiser = torch.optim.AdamW(nano.parameters(), lr=3e-3)
    for _ in range(120):
        scores = nano.scores(nano.model(tokens))[:, :-1]
        torch.nn.functional.cross_entropy(scores.mT, wanted[:, 1:]).backward()
        optimiser.step()
        optimiser.zero_grad()
    half = {name: weight.detach().half() for name, weight in nano.state_dict().items()}
    save_file(half, folder / "model.safetensors", metadata={"format": "pt"})
    write_checksums(folder)


def expected_answers(folder: Path, questions: Sequence[str]) -> list[str]:
    """The likeliest words by transformers, in float32."""
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    answers = []
    for question in questions:
        prompt = tokenizer.apply_chat_template(
            chat(question), add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        with torch.inference_mode():
            said = model.generate(**prompt, max_new_tokens=MOST, do_sample=False)
        rest = said[0, prompt["input_ids"].shape[1] :]
        answers.append(tokenizer.decode(rest, skip_special_tokens=True))
    return answers


def expected_scores(folder: Path, rows: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.inference_mode():
        return [model(torch.tensor([row])).logits[0].numpy() for row in rows]


def drift(found: Sequence[Any], expected: Sequence[NDArray[np.float32]]) -> float:
    """The largest difference of two scores, as a share of how much the scores vary."""
    return max(
        float(np.abs(np.array(one) - other).max() / other.std())
        for one, other in zip(found, expected, strict=True)
    )


@pytest.fixture(scope="module")
def loud(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights, of the size at which every one of them shows in the scores."""
    return write_tiny_nano(tmp_path_factory.mktemp("loud") / "weights")


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_tiny_nano(tmp_path_factory.mktemp("taught") / "weights")
    teach(folder)
    return folder


@pytest.fixture(scope="module")
def written(loud: Path, tmp_path_factory: pytest.TempPathFactory) -> gguf.GGUFReader:
    dest = tmp_path_factory.mktemp("written") / "nano.gguf"
    write(loud, dest)
    return gguf.GGUFReader(dest)


def told(reader: gguf.GGUFReader, key: str) -> Any:
    field = reader.get_field(key)
    assert field is not None, key
    return field.contents()


def separated(weight: NDArray[Any], heads: int) -> NDArray[Any]:
    """Rows of a head's first half before those of its second, as transformers keeps them."""
    deep = weight.shape[0] // heads
    order = [head * deep + place for head in range(heads) for half in (0, 1)
             for place in range(half, deep, 2)]  # fmt: skip
    return weight[order]


OURS = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def our_name(name: str) -> str:
    if name == "token_embd.weight":
        return "model.embed_tokens.weight"
    if name == "output_norm.weight":
        return "model.norm.weight"
    _, layer, part, _ = name.split(".")
    return f"model.layers.{layer}.{OURS[part]}.weight"


def test_the_file_holds_every_weight_unchanged(loud: Path, written: gguf.GGUFReader) -> None:
    """Each tensor of the folder is in the file with its values, q and k in llama.cpp's order."""
    kept = load_file(loud / "model.safetensors")
    found = {our_name(each.name): each for each in written.tensors}
    assert found.keys() == kept.keys()
    for name, tensor in found.items():
        heads = {"q_proj": SMALL.heads, "k_proj": SMALL.key_heads}.get(name.split(".")[-2])
        values = tensor.data if heads is None else separated(tensor.data, heads)
        assert np.array_equal(values, kept[name]), name
        assert tensor.tensor_type.name == ("F32" if kept[name].ndim == 1 else "F16")


def test_the_file_says_how_the_network_is_shaped(written: gguf.GGUFReader) -> None:
    """The numbers that llama.cpp needs to run the network are those of config.json."""
    found = {
        key: told(written, f"llama.{key}")
        for key in (
            "block_count",
            "context_length",
            "embedding_length",
            "feed_forward_length",
            "attention.head_count",
            "attention.head_count_kv",
            "rope.dimension_count",
            "rope.freq_base",
        )
    }
    assert list(found.values()) == [3, 256, 64, 96, 4, 2, 16, 10_000.0]
    assert told(written, "llama.attention.layer_norm_rms_epsilon") == pytest.approx(1e-5)
    assert told(written, "general.architecture") == "llama"


def test_the_file_holds_the_vocabulary(loud: Path, written: gguf.GGUFReader) -> None:
    """Tokens keep their numbers, special ones are control, [1] to [20] are read in every text."""
    tokenizer = tokenizer_of(loud)
    tokens, kinds = (
        told(written, "tokenizer.ggml.tokens"),
        told(written, "tokenizer.ggml.token_type"),
    )
    assert tokens == [tokenizer.id_to_token(each) for each in range(SMALL.vocabulary)]
    of = {token: gguf.TokenType(kind) for token, kind in zip(tokens, kinds, strict=True)}
    named = {token: kind for token, kind in of.items() if kind is not gguf.TokenType.NORMAL}
    assert named == {
        **dict.fromkeys((PAD, START, END), gguf.TokenType.CONTROL),
        **{f"[{number}]": gguf.TokenType.USER_DEFINED for number in range(1, 21)},
    }
    assert tokens[told(written, "tokenizer.ggml.eos_token_id")] == END
    assert tokens[told(written, "tokenizer.ggml.padding_token_id")] == PAD
    assert told(written, "tokenizer.ggml.add_bos_token") is False
    assert told(written, "tokenizer.ggml.add_eos_token") is False
    assert told(written, "tokenizer.chat_template") == TEMPLATE


def test_eight_bits_hold_the_same_values_more_coarsely(loud: Path, tmp_path: Path) -> None:
    """With q8 every matrix is in blocks of eight bits, within a step of what it was."""
    write(loud, tmp_path / "nano.gguf", q8=True)
    kept = load_file(loud / "model.safetensors")
    for tensor in gguf.GGUFReader(tmp_path / "nano.gguf").tensors:
        name = our_name(tensor.name)
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        if kept[name].ndim == 1:
            assert np.array_equal(values, kept[name])
            continue
        assert tensor.tensor_type is gguf.GGMLQuantizationType.Q8_0
        heads = {"q_proj": SMALL.heads, "k_proj": SMALL.key_heads}.get(name.split(".")[-2])
        back = values if heads is None else separated(values, heads)
        exact = kept[name].astype(np.float32)
        step = np.abs(exact).reshape(-1, 32).max(1, keepdims=True) / 127
        assert (np.abs(back - exact).reshape(-1, 32) <= 0.6 * step).all(), name


def test_a_tokenizer_that_splits_otherwise_is_refused(loud: Path, tmp_path: Path) -> None:
    """A tokenizer that keeps digits together would be read wrongly, so no file is written."""
    other = tmp_path / "weights"
    other.mkdir()
    for file in loud.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    settings = json.loads((other / "tokenizer.json").read_text())
    settings["pre_tokenizer"]["pretokenizers"][0]["individual_digits"] = False
    (other / "tokenizer.json").write_text(json.dumps(settings))
    write_checksums(other)
    with pytest.raises(ValueError, match="does not split texts"):
        write(other, tmp_path / "nano.gguf")
    assert not (tmp_path / "nano.gguf").exists()


@pytest.mark.parametrize(
    ("template", "served"),
    [
        ("{% generation %}{{ x }}{% endgeneration %}", "{% if true %}{{ x }}{% endif %}"),
        ("a {%- generation -%} b {%- endgeneration %}", "a {%- if true -%} b {%- endif %}"),
        (TEMPLATE, TEMPLATE),
    ],
)
def test_marks_for_training_are_not_served(template: str, served: str) -> None:
    """What marks an answer while training is nothing that a server has to know."""
    assert served_template(template) == served


@needs_llamacpp
def test_llamacpp_reads_odd_texts_alike(loud: Path, tmp_path: Path) -> None:
    """Digits, scripts, white space, tags and typed special tokens become the same tokens, as
    letters too, and nothing is put before them."""
    tokenizer = tokenizer_of(loud)
    texts = ODD + fuzzed(tokenizer, 2000)
    write(loud, tmp_path / "nano.gguf")
    found = asked(tmp_path / "nano.gguf", {"texts": texts})
    for text, tokens in zip(texts, found["tokens"], strict=True):
        assert tokens == tokenizer.encode(text, add_special_tokens=False).ids, repr(text)
    tokenizer.encode_special_tokens = True
    for text, tokens in zip(texts, found["letters"], strict=True):
        assert tokens == tokenizer.encode(text, add_special_tokens=False).ids, repr(text)


@needs_llamacpp
@pytest.mark.parametrize(("q8", "most"), [(False, 0.02), (True, 0.6)])
def test_llamacpp_scores_alike(loud: Path, tmp_path: Path, q8: bool, most: float) -> None:
    """Every token's score at every place is that of transformers, up to rounding."""
    draws = random.Random(3)
    rows = [draws.choices(range(SMALL.vocabulary), k=length) for length in (1, 7, 60)]
    write(loud, tmp_path / "nano.gguf", q8=q8)
    found = asked(tmp_path / "nano.gguf", {"rows": rows})
    assert drift(found["scores"], expected_scores(loud, rows)) < most


@needs_llamacpp
@pytest.mark.parametrize("q8", [False, True])
def test_llamacpp_answers_alike(taught: Path, tmp_path: Path, q8: bool) -> None:
    """A chat gets the same answer, and it ends where it should."""
    questions = [question for question, _ in TAUGHT]
    write(taught, tmp_path / "nano.gguf", q8=q8)
    found = asked(
        tmp_path / "nano.gguf", {"chats": [chat(each) for each in questions], "most": MOST}
    )
    assert found["answers"] == [answer for _, answer in TAUGHT]
    assert found["answers"] == expected_answers(taught, questions)


@needs_llamacpp
@needs_shipped
def test_llamacpp_answers_as_the_shipped_weights_do(tmp_path: Path) -> None:
    """The shipped weights say the same in llama.cpp as in transformers."""
    questions = [
        "[1] The canal was opened in 1869 after ten years of work.\n\nWhen was the canal opened?",
        "[1] Glade is a design tool.\n[2] The hall has 12 doors.\n\nHow many doors has the hall?",
        "[1] Mira leads the print shop.\n\nWho repairs the boats?",
        "Hello!",
    ]
    write(SHIPPED, tmp_path / "nano.gguf")
    found = asked(
        tmp_path / "nano.gguf", {"chats": [chat(each) for each in questions], "most": MOST}
    )
    assert found["answers"] == expected_answers(SHIPPED, questions)
