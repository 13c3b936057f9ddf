"""The Board's terms of reference: each version with its date, who holds which seat, what changed, and its reviews."""
