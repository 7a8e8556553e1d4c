"""How much attention an outage drew, against what its hours would have held anyway."""
