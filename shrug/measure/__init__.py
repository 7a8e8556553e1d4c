"""Measuring outages: from the store to the report's data object."""
