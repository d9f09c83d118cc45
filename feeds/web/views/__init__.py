"""What each page says, read from the archive in one transaction; templates only set it in type.

transaction ──read_…──▶ a view ──templates──▶ a page, for the server and the export alike
"""
