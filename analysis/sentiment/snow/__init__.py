"""snownlp's score, to the bit, compiled: segmentation and naive Bayes on tables made from
snownlp's own model files."""
