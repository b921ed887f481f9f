"""The gate tried on itself: known cheats, planted in a copy of the repository, must be refused; honest changes must pass."""
