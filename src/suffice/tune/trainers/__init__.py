"""One file a provider whose models can be tuned from here."""
