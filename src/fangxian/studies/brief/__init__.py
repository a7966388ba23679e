"""The brief: where a place stands, from series and capacities to figures, sentences and two printed pages."""
