"""What is not a test here: a recording proxy, servers to start, and the vendors' own models as judges of what was recorded."""
