"""Users: accounts, sign-in, sessions, the first admin."""
