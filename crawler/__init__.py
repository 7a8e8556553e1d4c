"""Crawling: spiders, their middlewares, and readers of responses."""
