"""`baotong init`: from an address and a key to a configuration that works, by questions or by options."""
