"""The daemon: jobs on a schedule, each in a process of its own, one daemon for each store."""
