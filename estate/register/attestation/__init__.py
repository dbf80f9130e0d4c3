"""The yearly round in which each agency confirms its records: rounds, answers, progress, reminders."""
