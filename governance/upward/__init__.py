"""Reports to the bodies above the Board and beside it."""
