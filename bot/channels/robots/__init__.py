"""Group robots of work chats: a key that posts to one group, and says nothing back but a code."""
