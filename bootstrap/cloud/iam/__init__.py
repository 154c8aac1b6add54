"""Who may do what in the account that a platform stands in: from data to roles, policies and trust."""
