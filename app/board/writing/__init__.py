"""What a text goes through before it is a comment: laid out, looked up, held against the rules."""
