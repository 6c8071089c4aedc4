"""What the scripts need and the shell cannot do."""
