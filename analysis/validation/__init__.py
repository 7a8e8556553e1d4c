"""Validation of the estimator on simulated outages whose true effect is known."""
