"""snownlp's score, compiled and equal to the bit, on tables built from snownlp's model files."""
