"""`callmonitor dead-letters`: what a consumer group gave up on, to look at, to give back and to drop."""
