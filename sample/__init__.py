"""The built-in sample: real films, simulated viewers."""
