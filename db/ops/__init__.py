"""What operating a store leaves in it: jobs, leases, deliveries, backups."""
