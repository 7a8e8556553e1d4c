"""Running crawls: what to ask when, and storing what comes."""
