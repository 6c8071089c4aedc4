"""`callmonitor contacts`: read them now, list what is no number in them, say who somebody is, ask who it would be."""
