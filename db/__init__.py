"""Keep: the one place that speaks SQL, and the facts that people edit."""
