"""Labels of posts: which provider failed, and what the author does."""
