"""The domains of the invented worlds: patterns and nothing else."""
