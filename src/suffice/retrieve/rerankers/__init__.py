"""One file a way to order hits anew."""
