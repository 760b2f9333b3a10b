"""What is read of a project: each page from one reading of its stream. Pure."""
