"""From the store to the report's data object."""
