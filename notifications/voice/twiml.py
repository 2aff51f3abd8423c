"""What Twilio is to do in a call, as TwiML (https://www.twilio.com/docs/voice/twiml)."""

import re
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

#: Seconds after the last word in which a key may still be pressed.
WAIT_FOR_KEY_S: Final = 8
#: Whoever has just picked up hears half of it: everything is said twice.
TIMES: Final = 2
LANGUAGE: Final = "en-GB"

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")


def ask(words: str, *, action: str) -> str:
    """Say it twice and wait for one key; the key, or that there was none, is posted to `action`."""
    response = Element("Response")
    gather = SubElement(
        response,
        "Gather",
        input="dtmf",
        numDigits="1",
        # Otherwise # would end the waiting, and say nothing.
        finishOnKey="",
        timeout=str(WAIT_FOR_KEY_S),
        action=action,
        method="POST",
        actionOnEmptyResult="true",
    )
    for _ in range(TIMES):
        _say(gather, words)
        SubElement(gather, "Pause", length="1")
    return _text(response)


def say(words: str) -> str:
    """Say it, and put the telephone down."""
    response = Element("Response")
    _say(response, words)
    SubElement(response, "Hangup")
    return _text(response)


def _say(parent: Element, words: str) -> None:
    # Names are somebody's own words: what XML cannot hold would end the call with an error.
    SubElement(parent, "Say", language=LANGUAGE).text = _NOT_XML.sub(" ", words)


def _text(response: Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>' + tostring(response, encoding="unicode")
