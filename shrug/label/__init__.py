"""Labelling stored posts: providers named, feeling, acts."""
