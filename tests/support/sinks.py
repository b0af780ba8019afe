"""Where notices come out: a mail server and a webhook's server, local and real, that fail when they are told to."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.waiting import free_port


@dataclass
class MailSink:
    """Mails that a server took; `answers` are given to the next recipients before it takes any more."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    after_data: list[str] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - as aiosmtpd calls it
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.after_data:
            return self.after_data.pop(0)
        made = message_from_bytes(envelope.content, policy=default)
        assert isinstance(made, EmailMessage)
        self.mails.append(made)
        self.recipients += envelope.rcpt_tos
        self.secured.append(session.ssl is not None)
        return "250 taken"

    def texts(self) -> list[str]:
        """What the mails say."""
        return [mail.get_content() for mail in self.mails]


@contextmanager
def mail_sink(
    tls: ssl.SSLContext | None = None, *, implicit: ssl.SSLContext | None = None, password: str = ""
) -> Iterator[MailSink]:
    """A mail server on this machine; with `tls` it takes nothing before STARTTLS, with `password` only from `duban`."""
    sink = MailSink(free_port())

    def known(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        return AuthResult(success=(given.login, given.password) == (b"duban", password.encode()))

    controller = Controller(
        sink, hostname="127.0.0.1", port=sink.port, tls_context=tls, require_starttls=tls is not None,
        ssl_context=implicit, server_hostname="m", authenticator=known if password else None,
        auth_required=bool(password),
    )  # fmt: skip
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


@dataclass
class Call:
    """One request that a webhook's server had."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HookSink:
    """Requests that a server had; `answers` (status, headers) are given in their order, then 204."""

    port: int
    calls: list[Call] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    body: bytes = b""
    hold: threading.Event | None = None
    """While it is there and not set, no answer is given."""

    def answer(self, *statuses: int, **headers: str) -> None:
        """What the next requests are answered."""
        self.answers += [
            (status, {name.replace("_", "-"): text for name, text in headers.items()}) for status in statuses
        ]


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is meant."""


@contextmanager
def hook_sink(tls: ssl.SSLContext | None = None) -> Iterator[HookSink]:
    """A webhook's server on this machine."""
    sink = HookSink(0)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            sink.calls.append(Call(self.path, {name.lower(): text for name, text in self.headers.items()}, body))
            if sink.hold is not None:
                sink.hold.wait(30)
            status, headers = sink.answers.pop(0) if sink.answers else (204, {})
            self._say(status, headers)

        def _say(self, status: int, headers: dict[str, str]) -> None:
            try:
                self.send_response(status)
                for name, text in headers.items():
                    self.send_header(name, text)
                if status != 204:
                    self.send_header("Content-Length", str(len(sink.body)))
                self.end_headers()
                if status != 204:
                    self.wfile.write(sink.body)
            except (ConnectionError, ssl.SSLError):
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = _Quiet(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    sink.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        if sink.hold is not None:
            sink.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def raw_server(said: bytes, *, greets: bool = False) -> Iterator[int]:
    """Says these bytes to whoever comes, and hangs up; it speaks first where it `greets`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_say, args=(listening, said, greets), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


def _say(listening: socket.socket, said: bytes, greets: bool) -> None:
    caller, _ = listening.accept()
    with caller, suppress(OSError):
        if not greets:
            caller.recv(65_536)
        caller.sendall(said)
        caller.shutdown(socket.SHUT_WR)
        while caller.recv(65_536):
            pass


@dataclass(frozen=True)
class Papers:
    """A certificate of one's own: the file that signs it, and a server's context."""

    cafile: Path
    server: ssl.SSLContext


def papers(folder: Path, names: Sequence[str] = ("localhost", "127.0.0.1")) -> Papers:
    """A certificate for these names, which signs itself; it is good from yesterday to tomorrow."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sink")])
    alternatives = [_alternative(each) for each in names]
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1)).not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    cafile, keyfile = folder / "sink.pem", folder / "sink.key"
    cafile.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    keyfile.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cafile, keyfile)
    return Papers(cafile, context)


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
