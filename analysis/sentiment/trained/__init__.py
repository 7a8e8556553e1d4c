"""Scorers made from labelled posts: naive Bayes as snownlp has it, and character n-grams."""
