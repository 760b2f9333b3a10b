"""Who exists and who may sign in, decided without looking at anything outside."""
