"""Keys from a .env file: of the working folder, and of the study's own."""

import os
import re
from pathlib import Path

_SETTING = re.compile(
    r"""\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(?:'([^']*)'|"([^"]*)"|(.*?))\s*(?:\s\#.*)?$"""
)


def read_dotenv(path: Path) -> None:
    """Takes KEY=VALUE lines of a .env file for variables that are not set already."""
    if not path.is_file():
        return
    for line in path.read_text("utf-8-sig", errors="replace").splitlines():
        if found := _SETTING.match(line):
            name, *values = found.groups()
            os.environ.setdefault(name, next(each for each in values if each is not None))


def with_dotenv(study: Path) -> Path:
    """The path of a study, after its folder's .env was read. What is set already stays."""
    read_dotenv((study if study.is_dir() else study.parent) / ".env")
    return study
