"""Reports as files, tables, notebooks and answers to assistants."""
