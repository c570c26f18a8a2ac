"""Results as plain values in, JSON and tables out."""
