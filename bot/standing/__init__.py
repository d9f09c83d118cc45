"""How everything stands, read from the store at once: for `baotong status` and for /status in the chat.

store, settings ──gather──▶ report ──needs──▶ what needs a hand
└──document──▶ JSON
"""
