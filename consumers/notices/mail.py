"""Mail by SMTP: one server for all mailboxes, TLS unless the operators chose otherwise."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage

import sqlalchemy as sa

from bus.city import Packs
from consumers.notices.addresses import Mailbox, Smtp
from consumers.notices.letters import Letterhead, letter
from consumers.notices.shelf import Parcel, Shelf, of_targets
from consumers.notices.ways import REPRIEVE, Outcome

PERMANENT = 500
"""From here on a reply says that trying again is of no use (RFC 5321 §4.2.1)."""
_ANSWERS = 8
"""That a server gives for one mail: connection, EHLO twice, STARTTLS, AUTH, MAIL, RCPT, DATA."""


class Mail:
    """The way to every mailbox."""

    name = "mail"

    def __init__(self, smtp: Smtp, mailboxes: Sequence[Mailbox], packs: Packs, head: Letterhead) -> None:
        self._smtp = smtp
        self.patience = _ANSWERS * smtp.timeout + REPRIEVE
        self._mailboxes = {each.id: each for each in mailboxes}
        self._packs = packs
        self._head = head

    @property
    def mine(self) -> sa.ColumnElement[bool]:
        """What goes to a mailbox."""
        return of_targets(sorted(self._mailboxes))

    def shut(self, parcel: Parcel, shelf: Shelf) -> None:
        """Mail is always tried."""

    def note(self, shelf: Shelf, outcome: Outcome, at: datetime) -> None:
        """Nothing to remember."""

    def carry(self, parcel: Parcel, at: datetime) -> Outcome:
        """Hand it to the server; its word that it has the mail is the end of our part."""
        pack = self._packs.at(parcel.arrival).pack
        address = self._mailboxes[parcel.target].address
        made = letter(parcel, pack, self._head, address, at)
        try:
            return self._hand_over(made, address)
        except smtplib.SMTPRecipientsRefused as error:
            code = next((refused[0] for refused in error.recipients.values()), 0)
            return Outcome("refused" if code >= PERMANENT else "later", f"recipient refused: {code}")
        except smtplib.SMTPDataError as error:
            refused = error.smtp_code >= PERMANENT
            return Outcome("refused" if refused else "later", f"mail refused: {error.smtp_code}")
        except smtplib.SMTPResponseException as error:
            return Outcome("later", f"{type(error).__name__}: {error.smtp_code}")
        except (smtplib.SMTPException, OSError) as error:
            return Outcome("later", _said(error), answered=False)

    def close(self) -> None:
        """Nothing is held: each mail has a connection of its own."""

    def _hand_over(self, made: EmailMessage, address: str) -> Outcome:
        server = self._connect()
        try:
            if self._smtp.security == "starttls":
                server.starttls(context=self._context())
            if self._smtp.username:
                server.login(self._smtp.username, self._smtp.password)
            server.send_message(made, from_addr=self._head.sender, to_addrs=[address])
            with suppress(smtplib.SMTPException, OSError):
                server.quit()  # the server has the mail already
        finally:
            server.close()
        return Outcome("delivered", "the mail server has it")

    def _connect(self) -> smtplib.SMTP:
        smtp = self._smtp
        me = smtp.sender.partition("@")[2]
        if smtp.security == "tls":
            return smtplib.SMTP_SSL(smtp.host, smtp.port, me, timeout=smtp.timeout, context=self._context())
        return smtplib.SMTP(smtp.host, smtp.port, me, timeout=smtp.timeout)

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._smtp.cafile or None)


def _said(error: Exception) -> str:
    """The kind of a failure and its number; what a server wrote stays out."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate refused: {error.verify_message}"[:200]
    number = getattr(error, "errno", None)
    return type(error).__name__ + (f" {number}" if number else "")
