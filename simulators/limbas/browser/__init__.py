"""Limbas as a browser sees it, as far as an extension can notice.

That is: the top document with its menus, the main frame, and `main_dyns.php`. The real PHP runs the extensions' files.

What is in which document, and what it is called, is FACTS ("The browser side"); what that does not say was read in the
source of Limbas 7.0.25. It looks like Limbas, and is written anew.
"""
