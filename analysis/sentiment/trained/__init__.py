"""Models trained on labelled posts: naive Bayes in the format of snownlp, character n-grams."""
