"""The attention that an outage drew, against what is expected without an outage."""
