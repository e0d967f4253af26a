"""Suffice finds the cheapest fix that suffices for an LLM feature.

from suffice import Study
verdict = Study.load("suffice.yaml").run()
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from suffice.ladder import Study as Study
    from suffice.records import Verdict as Verdict

__version__ = "0.1.0"
__all__ = ["Study", "Verdict", "__version__"]

_HOMES = {"Study": "suffice.ladder", "Verdict": "suffice.records"}


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first used: `import suffice` itself costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'suffice' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
