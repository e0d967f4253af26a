"""Keys, from the environment and from nowhere else: a study's file is shared, a key is not."""

import os

from suffice.errors import UsageError


def key_from(variable: str, *, needed_by: str = "") -> str:
    """The value of a variable without the line break that copying adds; empty where unset.

    `needed_by` names the model that cannot do without. A key that HTTP cannot carry is refused
    here, because the error that it would cause later shows it.
    """
    key = os.environ.get(variable, "").strip()
    if not key and needed_by:
        raise UsageError(
            f"{needed_by} needs a key; set {variable} in the environment or in .env, "
            "or set base_url to a server on this machine, which needs none"
        )
    if not (key.isascii() and key.isprintable()) and key:
        raise UsageError(f"{variable} holds characters that a key cannot have; copy it again")
    return key
