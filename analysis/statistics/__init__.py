"""Intervals, pooling and comparisons that the measuring parts share."""
