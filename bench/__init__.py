"""Speed as ratios against a named rival, each measured in one run: `make bench`."""
