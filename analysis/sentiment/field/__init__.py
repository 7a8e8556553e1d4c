"""snownlp's classifier trained on posts about outages: its lexicon and its training."""
