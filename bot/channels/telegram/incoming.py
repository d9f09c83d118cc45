"""What an update means: Telegram's words → ours. Pure; the effects are in `updates`."""

import re
from dataclasses import replace

from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberUpdated,
    MaybeInaccessibleMessage,
    Message,
    Update,
    User,
)
from telegram.constants import ChatMemberStatus, ChatType

from bot.address import Address, ChatKind
from bot.channels.base import Event, Incoming

ALLOWED = ["message", "callback_query", "my_chat_member"]
"""The kinds of updates that mean anything to us; Telegram sends no others."""

KINDS = {
    ChatType.PRIVATE: ChatKind.PRIVATE,
    ChatType.GROUP: ChatKind.GROUP,
    ChatType.SUPERGROUP: ChatKind.GROUP,
    ChatType.CHANNEL: ChatKind.CHANNEL,
}
ADMINS = frozenset({ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR})
_OUT = frozenset({ChatMemberStatus.LEFT, ChatMemberStatus.BANNED})
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]{1,64}))?(?:\s(.*))?", re.DOTALL)


def read_update(update: Update, me: User) -> Incoming | None:
    """None for what is not for us, or says nothing that we know."""
    if update.callback_query is not None:
        return _press(update.callback_query, me)
    if update.message is not None:
        return _message(update.message, me)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member, me)
    return None


def _press(query: CallbackQuery, me: User) -> Incoming | None:
    message = query.message
    if message is None or not isinstance(query.data, str):
        return None
    seen = _seen(message.chat, _topic(message), query.from_user, me)
    return replace(seen, action=query.data, message_id=str(message.message_id))


def _message(message: Message, me: User) -> Incoming | None:
    if message.from_user is None:
        return None
    seen = _seen(message.chat, _topic(message), message.from_user, me)
    if message.sender_chat is not None and message.sender_chat.id == message.chat.id:
        seen = replace(seen, is_admin=True)  # an administrator who stays anonymous
    if message.migrate_to_chat_id is not None:
        return replace(seen, event=Event.MOVED, words=str(message.migrate_to_chat_id))
    if message.chat_shared is not None:
        return replace(seen, event=Event.PICKED, words=str(message.chat_shared.chat_id))
    return _said(seen, message, me) if message.text else None


def _said(seen: Incoming, message: Message, me: User) -> Incoming | None:
    """A command of ours, words in a private chat, or a reply to us anywhere."""
    text, answered = message.text or "", message.reply_to_message
    if answered is not None and answered.from_user is not None and answered.from_user.id == me.id:
        seen = replace(seen, reply_to=str(answered.message_id))
    if (command := _COMMAND.fullmatch(text)) is not None:
        name, bot, words = command.groups()
        if bot and bot.lower() != (me.username or "").lower():
            return None
        return replace(seen, command=name.lower(), words=(words or "").strip())
    if seen.reply_to is None and seen.kind is not ChatKind.PRIVATE:
        return None
    return replace(seen, words=text.strip())


def _membership(change: ChatMemberUpdated, me: User) -> Incoming | None:
    seen = _seen(change.chat, None, change.from_user, me)
    was, is_ = (_is_in(member) for member in (change.old_chat_member, change.new_chat_member))
    if was == is_:
        return None
    return replace(seen, event=Event.JOINED if is_ else Event.LEFT)


def _is_in(member: ChatMember) -> bool:
    return member.status not in _OUT and getattr(member, "is_member", True)


def _seen(chat: Chat, topic: int | None, person: User, me: User) -> Incoming:
    """Where and who. A person's name is not kept: the chat with them needs none."""
    kind = KINDS.get(ChatType(chat.type), ChatKind.GROUP)
    is_private = kind is ChatKind.PRIVATE
    return Incoming(
        address=Address("telegram", str(chat.id), str(topic) if topic else None),
        kind=kind,
        title="" if is_private else chat.title or "",
        person=str(person.id),
        language=person.language_code,
        is_admin=True if is_private else None,
        door=f"https://t.me/{me.username}?start=" if me.username else None,
        share="https://t.me/share/url",
    )


def _topic(message: MaybeInaccessibleMessage) -> int | None:
    if isinstance(message, Message) and message.is_topic_message:
        return message.message_thread_id
    return None
