"""`callmonitor jobs`: what the jobs service does, is going to do and could not do."""
