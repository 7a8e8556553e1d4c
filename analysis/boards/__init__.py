"""Attention on a trending board: presence, heat, and upper bounds from absence."""
