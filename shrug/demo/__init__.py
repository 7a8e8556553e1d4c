"""The demo: a simulated month whose true effects are known, marked as simulated everywhere."""
