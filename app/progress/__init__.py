"""What a student has read and done."""
