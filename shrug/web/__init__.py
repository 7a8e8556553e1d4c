"""The page and the API: read-only, from the same report object as the files."""
