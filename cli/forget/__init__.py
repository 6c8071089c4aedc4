"""`callmonitor forget`: erases what Redis knows of the person behind a number, and says what Limbas still holds."""
