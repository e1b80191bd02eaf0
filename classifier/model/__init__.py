"""What a trained version is, on numpy alone."""
