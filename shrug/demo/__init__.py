"""A simulated month: its truth is known, its posts are made up, and both are said everywhere."""
