"""A certificate of a private authority is believed where the file of that authority is named, and nowhere else."""

from __future__ import annotations

import ipaddress
import itertools
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk.adapters import enrolment
from kiosk.adapters.backoffice_http import HttpBackOffice
from kiosk.adapters.signing import Signer

DAY = timedelta(days=1)


class HereClock:
    def wall(self) -> datetime:
        return datetime.now(UTC)

    def correct(self, by_s: float) -> None:
        raise AssertionError("the server sent no time")


@dataclass(frozen=True)
class Authority:
    """Signs certificates for loopback."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def write(self, path: Path) -> Path:
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def server(self, folder: Path) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        made = _builder("an office", self.certificate.subject, key.public_key())
        made = made.add_extension(address, critical=False).add_extension(issuer, critical=False)
        (folder / "server.pem").write_bytes(
            made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        return context


def _builder(name: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    return made.serial_number(x509.random_serial_number()).not_valid_before(now - DAY).not_valid_after(now + DAY)


def authority(name: str) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        _builder(name, own, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    return Authority(key, made.add_extension(usage, critical=True).sign(key, hashes.SHA256()))


class Answers(BaseHTTPRequestHandler):
    """Of health, and of an enrolment code that it does not know."""

    def do_GET(self) -> None:
        self._answer(200, {"status": "ok"})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(401, {"code": "code_wrong"})

    def _answer(self, status: int, body: dict[str, str]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that does not believe the certificate hangs up."""


@dataclass(frozen=True)
class TlsOffice:
    url: str
    ca_file: Path
    other_ca_file: Path


@pytest.fixture
def office(tmp_path: Path) -> Iterator[TlsOffice]:
    own, other = authority("the district's own"), authority("somebody else's")
    server = Quiet(("127.0.0.1", 0), Answers)
    server.socket = own.server(tmp_path).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    url = f"https://127.0.0.1:{server.server_address[1]}"
    yield TlsOffice(url, own.write(tmp_path / "own.pem"), other.write(tmp_path / "other.pem"))
    server.shutdown()
    server.server_close()
    thread.join()


def asked(office: TlsOffice, ca_file: Path | None) -> int:
    numbers = itertools.count(1)
    signer = Signer("KP-007-1", bytes(32))
    client = HttpBackOffice(office.url, signer, lambda: next(numbers), HereClock(), timeout_s=5.0, ca_file=ca_file)
    return client.health().status


def test_the_authority_that_is_named_is_believed_and_no_other(
    office: TlsOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked(office, office.ca_file) == 200
    assert asked(office, office.other_ca_file) == 0
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(office.ca_file))
    assert asked(office, None) == 0, "the environment of a process says nothing about whom to believe"


def test_an_enrolment_goes_by_the_same_authority_and_spends_no_code_on_another(office: TlsOffice) -> None:
    with pytest.raises(enrolment.EnrolmentError, match="Ask the operator for a new one"):
        enrolment.enrol(office.url, "AB3DEFGHJK", office.ca_file)
    for ca_file in (None, office.other_ca_file):
        with pytest.raises(enrolment.EnrolmentError, match=r"is not believed.*ca_file.*The code was not used"):
            enrolment.enrol(office.url, "AB3DEFGHJK", ca_file)


@pytest.mark.parametrize("url", ["http://office.example", "http://10.0.0.1:8600", "ftp://127.0.0.1", "notaurl"])
def test_no_code_is_sent_in_the_clear(url: str) -> None:
    with pytest.raises(enrolment.EnrolmentError, match="Nothing was sent"):
        enrolment.enrol(url, "AB3DEFGHJK")
