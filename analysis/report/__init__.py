"""The report: one data object, rendered to HTML, Markdown and JSON."""
