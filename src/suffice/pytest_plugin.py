"""Bars and comparisons of a study as pytest tests."""
