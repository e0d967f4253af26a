"""One file a place where chunks and vectors are kept."""
