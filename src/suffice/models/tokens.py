"""How long a text is for a model whose tokenizer we do not have."""

BYTES_PER_TOKEN = 4  # English prose in current vocabularies: 4.0 to 4.8 characters a token


def estimate_tokens(text: str) -> int:
    """About the number of tokens of a text, for budgets and pace.

    It counts UTF-8 bytes, not characters, because a character outside Latin script takes more
    tokens. Code, numbers and rare words take up to twice as many as it says.
    """
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)
