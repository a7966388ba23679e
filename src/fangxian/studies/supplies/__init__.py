"""Supplies shared out: from a folder of tables to shipments, reasons and a comparison with today's rule."""
