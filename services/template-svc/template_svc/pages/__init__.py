"""What is read of templates, products, reference data and calendar."""
