"""What a post says: which provider failed, and what its author does."""
