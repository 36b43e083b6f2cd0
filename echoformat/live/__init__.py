"""Measuring inside a training loop: a tracker with no framework inside, and one thin adapter a framework."""
