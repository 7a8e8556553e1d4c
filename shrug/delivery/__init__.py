"""Reports to subscribers: each is sent once, and covers all since the last that arrived."""
