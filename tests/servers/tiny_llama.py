"""Writes a tiny Llama with random weights and its own tokenizer: real files of a real format.

    from tests.servers.tiny_llama import write_tiny_llama

    folder = write_tiny_llama(tmp_path / "tiny")
    model = create(str(folder), ModelOptions())       # suffice.models.huggingface

It has 2 layers, 512 tokens of byte-level BPE trained on the spot, a window of 256 tokens (or
another) and a chat template in the style of ChatML. What it says is gibberish, always the same for
the same seed.
"""

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

WINDOW = 256
SPECIALS = ["<|pad|>", "<|start|>", "<|end|>"]

TEMPLATE = (
    "{% for message in messages %}"
    "<|start|>{{ message.role }}\n{{ message.content }}<|end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
)

_PROSE = (
    "The quick brown fox jumps over the lazy dog. Paris is the capital of France. "
    'An answer in JSON looks like {"city": "Paris", "country": "France", "sure": true}. '
    "Numbers such as 0 1 2 3 4 5 6 7 8 9 10 42 100 and 2026 are tokens too. "
) * 20


def write_tiny_llama(folder: Path, seed: int = 0, window: int = WINDOW) -> Path:
    """Saves model and tokenizer into a folder, which is made, and returns it."""
    tokenizer = _tokenizer(window)
    generator_state = torch.get_rng_state()
    torch.manual_seed(seed)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=window,
            initializer_range=0.4,  # far from 0.02, so that answers differ with their questions
            bos_token_id=tokenizer.convert_tokens_to_ids("<|start|>"),
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    torch.set_rng_state(generator_state)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer(window: int) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=512,
        special_tokens=SPECIALS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([_PROSE], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|end|>",
        pad_token="<|pad|>",
        additional_special_tokens=["<|start|>"],
        chat_template=TEMPLATE,
        model_max_length=window,
    )
