"""Gather: what the outside world looks like. Reading is apart from asking."""
