"""How a post feels, 0 (bad) to 1 (good), by language; None where no model can say."""
