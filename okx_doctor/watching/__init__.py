"""Many keys, day after day: rounds of checks, what changed between them, and what others may read of it."""
