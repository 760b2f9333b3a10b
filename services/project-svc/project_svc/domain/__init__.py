"""What a project is and how it is decided: standard library and the base of facts only."""
