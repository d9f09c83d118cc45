"""Asking a person to type something: the question is noted in the store, so that the reply finds its
way back after a restart too.
"""

from bot.address import ChatKind
from bot.channels.base import Answer, Typed
from bot.commands.base import Asked, chat_key
from bot.ledger import questions
from bot.message import Line, Part, Span
from bot.messages.actions import Action


def ask_to_type(asked: Asked, question: str, typed: Typed, action: Action) -> Answer:
    """Asks; the reply to the message will end `action`. In a group nobody's typing field is touched:
    whoever answers replies to the message.
    """
    _ = asked._
    lines = [Line((Span(question),))]
    is_alone = asked.incoming.kind is ChatKind.PRIVATE
    if not is_alone:
        lines.append(Line((Span(_("回复这条消息来回答。")),)))

    async def note(message_ids: tuple[str, ...]) -> None:
        async with asked.store.write() as tx:
            for message_id in message_ids[:1]:
                await questions.ask(tx, chat_key(asked.to), message_id, str(action), asked.now)

    return Answer((Part(tuple(lines)),), asks=typed if is_alone else None, then=note)
