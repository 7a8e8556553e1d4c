"""Reports as files, tables, notebooks and answers."""
