"""The register of agreements to align or pool budgets, and the statement of them that the Board gets."""
