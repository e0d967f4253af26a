"""What every harness is told to send. Imports nothing, so that it runs in any environment."""

PROMPT = "You answer questions about orders. Reply with the code of the order and nothing else."
MODEL = "fast"
MAX_TOKENS = 64
