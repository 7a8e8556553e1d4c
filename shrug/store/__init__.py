"""Opening a store ready for use, and checking that it is sound."""
