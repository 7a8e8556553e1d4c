"""Opening and verification of a store."""
