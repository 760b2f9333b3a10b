"""What can happen and what is decided; knows neither the web nor a database."""
