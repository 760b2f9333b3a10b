"""What sets the project up and provides its servers; standard library only, but for the servers' checks."""
