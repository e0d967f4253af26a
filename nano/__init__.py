"""Trains nano, the small language model that Suffice ships. Outside the wheel; see README.md."""
