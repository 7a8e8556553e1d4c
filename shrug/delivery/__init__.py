"""Reports to those who asked for them: each once, covering all since the last that arrived."""
