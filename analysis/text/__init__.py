"""Text as it comes, made fit to store and compare; its language; the providers it names."""
