"""The health of sources and of the installation."""
