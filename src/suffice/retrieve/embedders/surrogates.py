"""What no tokenizer and no endpoint takes: half of a character that was cut in two."""


def readable(text: str) -> str:
    """A lone surrogate is no character and cannot be tokenised: it becomes a question mark."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
