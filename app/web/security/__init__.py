"""What protects readers and their work: headers, forgery checks, rate limits."""
