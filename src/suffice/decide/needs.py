"""What a study needs whatever a rung scores: citations, deletion, tenants apart.

What a model learned cannot be taken out of it, and is the same for everybody it answers; what it
is shown can be, and need not be. Only what stands before it can be cited.
"""

from suffice.settings import NeedKeys

_LEARNED = frozenset({"tune", "hybrid", "distil"})
_SHOWN = frozenset({"longcontext", "retrieve", "hybrid"})


def against(rung: str, needs: NeedKeys) -> str:
    """Why a rung is out of the question, or nothing."""
    said = []
    if needs.citations and rung not in _SHOWN:
        said.append(f"needs.citations: {rung} has no documents before it that it could name")
    if needs.deletion and rung in _LEARNED:
        said.append(f"needs.deletion: nothing can be taken out of what {rung} has learned")
    if needs.tenants and rung in _LEARNED:
        said.append(f"needs.tenants: what {rung} has learned it says to every customer")
    return "; ".join(said)
