"""What benchmarks/harness.py measures beside Suffice: each peer at its documented best settings."""
