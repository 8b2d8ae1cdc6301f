"""`kiosk enrol` and the terminal's questions to the real office, over TLS of the office's own authority."""

from __future__ import annotations

import ipaddress
import itertools
import shutil
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from office_support import real_office
from office_support.relay import Relay

from kiosk.__main__ import main as kiosk
from kiosk.adapters.backoffice_http import HttpBackOffice
from kiosk.adapters.settings.config import load_terminal
from kiosk.adapters.signing import Signer
from kiosk.adapters.store.kiosk_key import read_hex_key

ROOT = Path(__file__).resolve().parents[2]
SEQ = itertools.count(1)


@dataclass(frozen=True)
class Authority:
    """A private one, and a server's certificate of it."""

    certificate: Path
    chain: Path

    def serves(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain)
        return context


def authority(folder: Path, name: str, host: str = "127.0.0.1") -> Authority:
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} root")])
    ours = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)

    def build(subject: x509.Name, public: ec.EllipticCurvePublicKey, is_root: bool) -> x509.CertificateBuilder:
        usage = x509.KeyUsage(not is_root, False, False, False, False, is_root, is_root, False, False)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(root)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        )

    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    top = build(root, root_key.public_key(), True).sign(root_key, hashes.SHA256())
    leaf = build(ours, key.public_key(), False).add_extension(names, critical=False).sign(root_key, hashes.SHA256())
    certificate, chain = folder / f"{name}-ca.pem", folder / f"{name}.pem"
    certificate.write_bytes(top.public_bytes(Encoding.PEM))
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain.write_bytes(plain + leaf.public_bytes(Encoding.PEM))
    return Authority(certificate, chain)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("ours"), "office")


def health(office: Any, url: str, ca_file: Path | None) -> int:
    signer = Signer(real_office.DEVICE, read_hex_key(office.key_file))
    return HttpBackOffice(url, signer, lambda: next(SEQ), real_office.HereClock(), ca_file=ca_file).health().status


def test_a_terminal_is_enrolled_and_served_over_tls_of_the_offices_own_authority(
    office: Any,
    ours: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    folder = tmp_path / "config"
    folder.mkdir()
    shutil.copy(ROOT / "config" / "terminal.toml", folder)
    shutil.copy(ours.certificate, folder / "office-ca.pem")
    where = ("--data", str(office.data))
    code = office._command("device", "code", "XA-001-1", "--site", "350213001001", "--site-no", "001", *where)
    code = code.splitlines()[0]
    with Relay(office.url, tls=ours.serves()) as relay:
        line = ["enrol", code, "--server", relay.url, "--config", str(folder)]
        assert kiosk(line) == 1
        assert "is not believed" in capsys.readouterr().err
        assert kiosk([*line, "--ca-file", "office-ca.pem"]) == 0, capsys.readouterr().err
        terminal = load_terminal(folder / "terminal.toml")
        assert (terminal.backoffice.url, terminal.backoffice.ca_file) == (relay.url, "office-ca.pem")
        signer = Signer(terminal.terminal.device, read_hex_key(folder / terminal.backoffice.key_file))
        authority_file = folder / terminal.backoffice.ca_file
        client = HttpBackOffice(
            terminal.backoffice.url, signer, lambda: next(SEQ), real_office.HereClock(), ca_file=authority_file
        )
        assert client.health().status == 200


def test_a_certificate_of_another_host_is_not_believed(office: Any, tmp_path: Path) -> None:
    elsewhere = authority(tmp_path, "elsewhere", host="10.0.0.7")
    with Relay(office.url, tls=elsewhere.serves()) as relay:
        assert health(office, relay.url, elsewhere.certificate) == 0
