"""Suffice's own small chat model, for demos and tests: no torch, no key, no download.

It runs on numpy. `nano` is the shipped model; nano:FOLDER is one of the same make, a
Llama that was trained by the recipe in nano/ or tuned, in a folder relative to the study's with the
files that transformers reads. docs/models.md says what it can and cannot do.

`files` reads and checks a folder, `vocabulary` knows texts and tokens, `network` is the arithmetic,
`engine` makes answers of it.
"""

from pathlib import Path

from suffice.errors import UsageError
from suffice.models.local import LocalModel
from suffice.models.nano.engine import NumpyEngine
from suffice.models.nano.files import read_files
from suffice.ports import ModelOptions

__all__ = ["SHIPPED", "create"]

SHIPPED = Path(__file__).parent / "weights"


def create(name: str, options: ModelOptions) -> LocalModel:
    """NAME is empty for the shipped model, else a folder."""
    if options.extra:
        given = ", ".join(f"extra.{key}" for key in options.extra)
        raise UsageError(f"nano takes no {given}; leave it out")
    folder = options.folder / Path(name).expanduser() if name else SHIPPED
    if not name and not folder.is_dir():
        raise UsageError(
            f"nano's weights are missing from {folder}: install suffice anew, or train them from a "
            "clone (`python -m nano.recipe DEST`) and name them: nano:DEST/weights"
        )
    engine = NumpyEngine(read_files(folder))
    return LocalModel(f"nano:{name}" if name else "nano", options, engine)
