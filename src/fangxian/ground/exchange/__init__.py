"""Tables in and out: robust reading of Excel and CSV files, and writing them. No models, no database."""
