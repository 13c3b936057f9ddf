"""The reporting round before a meeting: who is asked, who has answered, the reminders, and the highlight report."""
