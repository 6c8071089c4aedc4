"""Stand-ins for what an office has: a FRITZ!Box and a Limbas. They share no code with the services they test."""
