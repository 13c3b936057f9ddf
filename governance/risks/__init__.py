"""The register of risks, issues and dependencies of the workstreams."""
