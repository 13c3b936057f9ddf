"""The forward plan: what the Board means to take at its coming meetings, and what has no meeting yet."""
