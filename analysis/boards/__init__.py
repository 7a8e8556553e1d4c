"""Attention as a trending board shows it: presence, heat, and what absence says."""
