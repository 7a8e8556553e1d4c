"""The store's foundations: engine, tables, types, bulk writes, files and records."""
