"""What others see of a reader, and managing one's account: name, password, export, deletion."""
