"""What is decided: facts, aggregates, decisions, and the rules of templates."""
