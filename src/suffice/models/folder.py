"""A folder with the weights of a model: what may be read there, and what tells it from others.

Safetensors only, because the older formats run code when they are read. This file knows files, no
models.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from suffice.errors import UsageError

CHECKSUMS = "checksums.json"  # the sha256 of every other file, where a folder brings it

_PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_SHAPING = ("*.safetensors", "*.json", "*.jinja", "*.model", "*.txt")  # what changes an answer
_HASH_BYTES = 2**22


def refuse_pickled(path: Path) -> None:
    """Raises unless the folder holds safetensors."""
    if any(path.glob("*.safetensors")):
        return
    pickled = sorted(file.name for pattern in _PICKLED for file in path.glob(pattern))
    if pickled:
        raise UsageError(
            f"{path} holds {pickled[0]}, which can run code when it is read, and no safetensors; "
            "load it where that is safe and write it again with "
            "model.save_pretrained(folder, safe_serialization=True)"
        )
    raise UsageError(f"{path} holds no *.safetensors, so it is no model; check the path")


def digests(path: Path) -> dict[str, str]:
    """The sha256 of each file that shapes an answer: weights, configuration, tokenizer, template.

    Cheaper signs lie: two trainings of one model have files of equal names, sizes and headers, and
    a copied folder has new dates. It costs 1 to 3 s for each GB, once, and loading costs as much.
    """
    files = {file for pattern in _SHAPING for file in path.glob(pattern)}
    return {file.name: file_digest(file) for file in sorted(files) if file.name != CHECKSUMS}


def digest(found: Mapping[str, str]) -> str:
    """One digest of all those files."""
    total = sha256("".join(f"{name}\0{each}\0" for name, each in sorted(found.items())).encode())
    return f"sha256 {total.hexdigest()}"


def file_digest(file: Path) -> str:
    total = sha256()
    with file.open("rb") as stream:
        while piece := stream.read(_HASH_BYTES):
            total.update(piece)
    return total.hexdigest()
