"""What others see of a reader, and what a reader may do with an account: name, password, export, deletion."""
