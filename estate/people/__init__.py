"""Who takes part: agencies, users, their roles, and what each role may do."""
