"""Posts: storing them, querying them, their labels and scores, retention, exports."""
