"""What can be wanted: one function per command."""
