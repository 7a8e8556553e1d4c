"""Measure: pure functions on tables of numbers and text; no network, no clock, no store."""
