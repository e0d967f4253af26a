"""A model in the forms that others serve: GGUF for llama.cpp, a Modelfile for Ollama, safetensors.

What a GGUF says of texts and chats is checked against the model's own tokenizer by whoever loads
it: `suffice export` answers a few prompts in llama.cpp where llama-cpp-python is installed.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from suffice.errors import SufficeError, UsageError
from suffice.models.nano.files import read_files
from suffice.tune import gguf_file

MODELFILE = "Modelfile"


def to_safetensors(folder: Path, dest: Path) -> Path:
    """A plain folder: transformers, vLLM and text-generation servers load it by its path."""
    if dest.exists():
        raise UsageError(f"{dest} is there already; name another place")
    shutil.copytree(folder, dest)
    return dest


def to_gguf(folder: Path, dest: Path, *, q8: bool, converter: Path | None = None) -> Path:
    """Of nano's make by ourselves; of others by llama.cpp's own converter."""
    if dest.exists():
        raise UsageError(f"{dest} is there already; name another place")
    dest.parent.mkdir(parents=True, exist_ok=True)
    if converter is not None:
        kind = "q8_0" if q8 else "f16"
        command = [sys.executable, str(converter), str(folder), "--outfile", str(dest)]
        ran = subprocess.run(  # noqa: S603
            [*command, "--outtype", kind], capture_output=True, text=True, check=False
        )
        if ran.returncode:
            reason = ran.stderr.strip().splitlines()[-1:] or ["no reason given"]
            raise SufficeError(f"{converter.name} failed: {reason[0]}")
        return dest
    try:
        gguf_file.write(folder, dest, q8=q8)
    except (ValueError, UsageError) as error:
        dest.unlink(missing_ok=True)
        raise UsageError(
            f"{folder} is not of nano's make ({error}); name llama.cpp's converter for it: "
            "--converter llama.cpp/convert_hf_to_gguf.py"
        ) from error
    return dest


def to_ollama(folder: Path, dest: Path, *, q8: bool, converter: Path | None = None) -> Path:
    """A folder for `ollama create NAME -f DEST/Modelfile`: a quantised GGUF, with the chat template
    and the words that end an answer written out, because Ollama guesses neither."""
    to_gguf(folder, dest / "model.gguf", q8=q8, converter=converter)
    files = read_files(folder)
    if "<|im_start|>" not in files.template:
        raise UsageError(
            "only ChatML templates can be written for Ollama; write the TEMPLATE yourself"
        )
    (dest / MODELFILE).write_text(
        "FROM ./model.gguf\n"
        'TEMPLATE """{{- range .Messages }}<|im_start|>{{ .Role }}\n'
        "{{ .Content }}<|im_end|>\n"
        '{{ end }}<|im_start|>assistant\n"""\n'
        'PARAMETER stop "<|im_start|>"\n'
        'PARAMETER stop "<|im_end|>"\n'
        "PARAMETER temperature 0\n"
        f"PARAMETER num_ctx {files.shape.window}\n",
        "utf-8",
    )
    return dest
