"""How each command is called: its options and its help. What it does is imported only when it is called, for
nobody who asks for help should wait for a database and a web server.
"""
