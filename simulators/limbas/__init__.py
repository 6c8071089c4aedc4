"""A Limbas server's `main_soap.php`, as real servers were recorded to behave, with a small sample business in it."""
