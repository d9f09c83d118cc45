"""Our WebSub hub (https://www.w3.org/TR/websub/), for our own feeds only.

    POST /hub ──requests, callbacks──▶ intent ──(pace)──▶ verify ──challenge──▶ subscriber
    publisher ──bell──▶ what each subscriber is owed ──(pace)──▶ deliver ──▶ 2xx: it has it
                                                            └── else: later, until its lease ends

A subscriber is a row that names the content it has or is owed, by its tag. Whatever feed has another
tag is owed, so no crash between publishing and telling loses anything. Rows are claimed, fenced and
settled by the outbox that the chats' deliveries use. Hubs of others are told by the same rows.
"""

from feeds.hub.service import Hub

__all__ = ["Hub"]
