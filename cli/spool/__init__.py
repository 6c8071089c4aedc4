"""`callmonitor spool`: what ingest has heard and Redis has not taken yet, to look at. Needs no Redis."""
