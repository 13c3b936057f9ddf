"""The agenda of a meeting: how it is made, ordered, timed, numbered for good, and what each person sees of it."""
