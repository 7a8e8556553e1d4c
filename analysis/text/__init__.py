"""Cleaning of texts, their language, and the providers that they name."""
