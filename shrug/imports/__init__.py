"""Files gathered elsewhere: posts, boards and outages. One bad line costs that line only."""
