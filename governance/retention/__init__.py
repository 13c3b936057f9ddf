"""What is kept for how long, what is past its period, and what somebody decided about it. Nothing here deletes anything."""
