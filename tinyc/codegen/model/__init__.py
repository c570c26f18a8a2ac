"""The network as C: its ops, stages and constants as plain values for the templates."""
