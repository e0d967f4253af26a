"""nano's network while it trains: Llama's arithmetic in a form that is quick on CPUs and GPUs.

Parameters carry the names that transformers gives them, so that `state_dict()` is the finished
file. Attention is written out for short rows, where a plain product is faster than the fused
kernel on a CPU. Weights and activations are bfloat16 where the machine multiplies it fast; the
optimiser keeps its own float32 copy.
"""

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

WRITTEN_OUT = 256  # tokens: up to here a plain product beats the fused kernel on a CPU


@dataclass(frozen=True)
class Size:
    """What fixes the shape of the network; `theta` is the base of the rotary angles."""

    vocabulary: int = 4096
    width: int = 256
    layers: int = 8
    heads: int = 4
    key_heads: int = 2
    inner: int = 768
    window: int = 2048
    theta: float = 10_000.0
    epsilon: float = 1e-5

    def config(self, *, end: int | None, pad: int | None) -> dict[str, object]:
        """The config.json of a LlamaForCausalLM with these shapes."""
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "attention_bias": False,
            "attention_dropout": 0.0,
            "bos_token_id": None,
            "dtype": "float16",
            "eos_token_id": end,
            "head_dim": self.width // self.heads,
            "hidden_act": "silu",
            "hidden_size": self.width,
            "initializer_range": 0.02,
            "intermediate_size": self.inner,
            "max_position_embeddings": self.window,
            "mlp_bias": False,
            "num_attention_heads": self.heads,
            "num_hidden_layers": self.layers,
            "num_key_value_heads": self.key_heads,
            "pad_token_id": pad,
            "rms_norm_eps": self.epsilon,
            "rope_parameters": {"rope_theta": self.theta, "rope_type": "default"},
            "tie_word_embeddings": True,
            "use_cache": True,
            "vocab_size": self.vocabulary,
        }

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


class Norm(nn.Module):
    def __init__(self, size: Size) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size.width))
        self._epsilon = size.epsilon

    def forward(self, x: Tensor) -> Tensor:
        return functional.rms_norm(x, (x.shape[-1],), self.weight, self._epsilon)


class Attention(nn.Module):
    def __init__(self, size: Size) -> None:
        super().__init__()
        self._size = size
        self._deep = size.width // size.heads
        keys = size.key_heads * self._deep
        self.q_proj = nn.Linear(size.width, size.width, bias=False)
        self.k_proj = nn.Linear(size.width, keys, bias=False)
        self.v_proj = nn.Linear(size.width, keys, bias=False)
        self.o_proj = nn.Linear(size.width, size.width, bias=False)

    def forward(self, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        rows, length, width = x.shape
        q = _turned(self._split(self.q_proj(x)), cosine, sine)
        k = _turned(self._split(self.k_proj(x)), cosine, sine)
        v = self._split(self.v_proj(x))
        if length > WRITTEN_OUT or x.is_cuda:
            mixed = functional.scaled_dot_product_attention(
                q, k, v, is_causal=True, enable_gqa=True
            )
        else:
            copies = self._size.heads // self._size.key_heads
            k, v = k.repeat_interleave(copies, 1), v.repeat_interleave(copies, 1)
            future = torch.full((length, length), -math.inf, dtype=x.dtype).triu(1)
            closeness = q @ k.transpose(-1, -2) * self._deep**-0.5 + future
            mixed = functional.softmax(closeness, -1) @ v
        out: Tensor = self.o_proj(mixed.transpose(1, 2).reshape(rows, length, width))
        return out

    def _split(self, x: Tensor) -> Tensor:
        return x.view(x.shape[0], x.shape[1], -1, self._deep).transpose(1, 2)


def _turned(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    one, other = x.chunk(2, -1)
    return torch.cat((one * cosine - other * sine, other * cosine + one * sine), -1)


class Gated(nn.Module):
    def __init__(self, size: Size) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(size.width, size.inner, bias=False)
        self.up_proj = nn.Linear(size.width, size.inner, bias=False)
        self.down_proj = nn.Linear(size.inner, size.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))
        return out


class Layer(nn.Module):
    def __init__(self, size: Size) -> None:
        super().__init__()
        self.input_layernorm, self.post_attention_layernorm = Norm(size), Norm(size)
        self.self_attn, self.mlp = Attention(size), Gated(size)

    def forward(self, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), cosine, sine)
        out: Tensor = x + self.mlp(self.post_attention_layernorm(x))
        return out


class Trunk(nn.Module):
    """Everything but the last product: tokens to what the model thinks at each place."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(size.vocabulary, size.width)
        self.layers = nn.ModuleList(Layer(size) for _ in range(size.layers))
        self.norm = Norm(size)
        self._size = size

    def forward(self, tokens: Tensor) -> Tensor:
        deep = self._size.width // self._size.heads
        steps = torch.arange(0, deep, 2, device=tokens.device) / deep
        places = torch.arange(tokens.shape[1], device=tokens.device)
        angles = places[:, None] * self._size.theta**-steps
        x: Tensor = self.embed_tokens(tokens)
        cosine, sine = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
        for layer in self.layers:
            x = layer(x, cosine, sine)
        out: Tensor = self.norm(x)
        return out


class Nano(nn.Module):
    def __init__(self, size: Size, seed: int) -> None:
        super().__init__()
        self.model = Trunk(size)
        source = torch.Generator().manual_seed(seed)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                last = name.endswith(("o_proj.weight", "down_proj.weight"))
                spread = 0.02 / math.sqrt(2 * size.layers) if last else 0.02
                nn.init.normal_(weight, std=spread, generator=source)

    def scores(self, thought: Tensor) -> Tensor:
        """The score of every token, from what the trunk thinks (the embeddings serve twice)."""
        return functional.linear(thought, self.model.embed_tokens.weight)
