"""What at least two services use: the events, the event log, settings, numbers and the Limbas client."""
