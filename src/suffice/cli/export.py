"""Write a tuned model in the form that others serve: gguf, ollama or safetensors."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from suffice.cli.console import show
from suffice.cli.tune import folder_of
from suffice.plugins import part


class Form(StrEnum):
    GGUF = "gguf"
    OLLAMA = "ollama"
    SAFETENSORS = "safetensors"


def command(
    model: Annotated[str, typer.Argument(help="A merged model: its folder, or PROVIDER:FOLDER.")],
    dest: Annotated[Path, typer.Argument(help="The file or folder to write.")],
    *,
    to: Annotated[Form, typer.Option("--to", help="The form.")],
    q8: Annotated[bool, typer.Option("--q8", help="8 bits a weight instead of 16.")] = False,
    converter: Annotated[
        Path | None,
        typer.Option("--converter", help="llama.cpp's convert_hf_to_gguf.py, for other models."),
    ] = None,
) -> None:
    """Write a tuned model in the form that others serve: gguf, ollama or safetensors."""
    export = part("suffice.tune.export", "exporting")
    folder = folder_of(model)
    match to:
        case Form.SAFETENSORS:
            export.to_safetensors(folder, dest)
        case Form.GGUF:
            export.to_gguf(folder, dest, q8=q8, converter=converter)
        case Form.OLLAMA:
            export.to_ollama(folder, dest, q8=q8, converter=converter)
    show(Text(f"{dest} ({to})"))
