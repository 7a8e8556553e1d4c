"""snownlp's classifier, taught this field: what it learns from, and how it hears a post."""
