"""Domains that nano is measured on and never trained on: other things, other words, other asks."""
