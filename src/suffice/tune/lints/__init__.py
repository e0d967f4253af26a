"""What looks for faults in training data, by what it looks at. `tune/lint.py` calls them all."""
