"""What posts do (complain, turn to another provider, joke …), and what that says of an outage."""
