"""Pseudonyms and erasure."""
