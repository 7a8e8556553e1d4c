"""Operation of a store: jobs, leases, deliveries, backups."""
