"""Everybody's phones and mailboxes: what a provider was given, and what it answers."""

import re

from notifications.sms.base import Accepted

SIX_DIGITS = re.compile(r"\b\d{6}\b")


class Phones:
    name = "phones"

    def __init__(self):
        self.texts: list[tuple[str, str]] = []
        self.result = Accepted(provider_id="1")

    def send(self, message):
        self.texts.append((message.to, message.body))
        return self.result

    def code_on(self, number):
        return code_in([body for to, body in self.texts if to == number][-1])


class Mailboxes:
    name = "mailboxes"

    def __init__(self):
        self.mails: list = []
        self.result = Accepted(provider_id="1")

    def send(self, mail):
        self.mails.append(mail)
        return self.result

    def to(self, address):
        return [mail for mail in self.mails if mail.to == address]

    def code_at(self, address):
        return code_in(self.to(address)[-1].text)


def code_in(body):
    found = SIX_DIGITS.search(body)
    assert found, body
    return found[0]


def wrong_for(code):
    return "000000" if code != "000000" else "000001"
