"""Who someone is: accounts, sign-in, sessions, the first admin."""
