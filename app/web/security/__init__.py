"""Protection for readers and their data: headers, CSRF checks, rate limits."""
