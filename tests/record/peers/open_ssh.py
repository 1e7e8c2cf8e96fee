#!/usr/bin/python3
"""Opens SSH packets that seal_records prints, with the packet code of asyncssh and paramiko: open_ssh.py SEAL_RECORDS

asyncssh: its encryption and MAC classes, taken through a packet as its connection does. paramiko: its Packetizer, fed
as from a socket. Neither shares code with the project. Both take the bare ciphers from python3-cryptography, that is
from libcrypto; ChaCha20-Poly1305 is put together in asyncssh's own Python. Every packet must yield the payload that was
sealed, and a packet with one bit flipped must be refused.
"""

import itertools
import json
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")  # ciphers that cryptography has deprecated

import asyncssh
import paramiko
from asyncssh.encryption import get_encryption, get_encryption_params
from cryptography.hazmat.primitives.ciphers import Cipher

LENGTH_SIZE = 4

# The project's names of ciphers and MACs, and SSH's.
CIPHERS = {
    "null": "none",
    "rc4": "arcfour",
    "3des-ede-cbc": "3des-cbc",
    "aes-128-cbc": "aes128-cbc",
    "aes-192-cbc": "aes192-cbc",
    "aes-256-cbc": "aes256-cbc",
}
MACS = {"hmac-md5": "hmac-md5", "hmac-sha1": "hmac-sha1", "hmac-sha256": "hmac-sha2-256"}
AEADS = {
    "aes-128-gcm": "aes128-gcm@openssh.com",
    "aes-256-gcm": "aes256-gcm@openssh.com",
    "chacha20-poly1305": "chacha20-poly1305@openssh.com",
}


class Refused(Exception):
    """A peer does not take a packet."""


def formats():
    """Every SSH format: suite, whether encrypt-then-MAC, SSH's names of cipher and MAC."""
    for (ours, cipher), (our_mac, mac), etm in itertools.product(CIPHERS.items(), MACS.items(), (False, True)):
        if ours != "rc4" or our_mac == "hmac-sha1":
            yield f"{ours}-{our_mac}", etm, cipher, mac
    for ours, cipher in AEADS.items():
        yield ours, False, cipher, ""


def asyncssh_cannot(cipher):
    return "has no cipher 'none'" if cipher == "none" else ""


def paramiko_cannot(cipher):
    if "@" in cipher:
        return "Packetizer has no AEAD"
    return "" if cipher == "none" or cipher in paramiko.Transport._cipher_info else f"has no {cipher}"


def open_with_asyncssh(cipher, mac, etm, keys, records):
    name = cipher.encode()
    mac_name = (mac + ("-etm@openssh.com" if etm else "")).encode()
    key_size, iv_size, block_size, mac_key_size, mac_size, _ = get_encryption_params(name, mac_name)
    implicit_iv = keys["implicit_iv"]
    sizes = (len(keys["cipher_key"]), len(keys["mac_key"]))
    if sizes != (key_size, mac_key_size) or (implicit_iv and len(implicit_iv) != iv_size):
        raise Refused("keys of other sizes")
    encryption = get_encryption(name, keys["cipher_key"], implicit_iv, mac_name, keys["mac_key"], etm)
    first_size = max(8, block_size)
    for sequence, record in records:
        first, length = encryption.decrypt_header(sequence, record[:first_size], LENGTH_SIZE)
        end = LENGTH_SIZE + int.from_bytes(length, "big")
        if end + mac_size != len(record):
            raise Refused("packet_length does not fit")
        body = encryption.decrypt_packet(sequence, first, record[first_size:end], LENGTH_SIZE, record[end:])
        if body is None:
            raise Refused("MAC")
        yield body[1 : len(body) - body[0]]


class Wire:
    """What Packetizer takes for a socket."""

    def __init__(self, records):
        self.rest = b"".join(record for _, record in records)

    def recv(self, size):
        now, self.rest = self.rest[:size], self.rest[size:]
        return now


def open_with_paramiko(cipher, mac, etm, keys, records):
    packetizer = paramiko.packet.Packetizer(Wire(records))
    engine, block_size = None, 8
    if cipher != "none":
        info = paramiko.Transport._cipher_info[cipher]
        block_size = info["block-size"]
        engine = Cipher(info["class"](keys["cipher_key"]), info["mode"](keys["implicit_iv"])).decryptor()
    digest = paramiko.Transport._mac_info[mac]["class"]
    packetizer.set_inbound_cipher(engine, block_size, digest, digest().digest_size, keys["mac_key"], etm)
    packetizer._Packetizer__sequence_number_in = records[0][0]
    for _ in records:
        try:
            message_type, message = packetizer.read_message()
        except IndexError:  # a payload without the byte of a message type: verified and deciphered, then not read
            yield b""
        except (paramiko.SSHException, EOFError) as error:
            raise Refused(error) from error
        else:
            yield bytes([message_type]) + message.asbytes()


def flipped(records):
    """The same records, the lowest bit of the last one's last byte flipped."""
    sequence, record = records[-1]
    return records[:-1] + [(sequence, record[:-1] + bytes([record[-1] ^ 1]))]


def check(open_with, form, keys, records, payloads):
    try:
        if list(open_with(*form, keys, records)) != payloads:
            return "FAILED: other payloads"
    except Refused as why:
        return f"FAILED: refused ({why})"
    try:
        list(open_with(*form, keys, flipped(records)))
        return "FAILED: a flipped bit was taken"
    except Refused:
        return f"{len(records)} packets"


def sealed(seal_records, suite, etm):
    lines = subprocess.run(
        [seal_records, "ssh-2", suite, "etm" if etm else "mac"], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    keys = json.loads(lines[0])
    for secret in ("cipher_key", "mac_key", "implicit_iv"):
        keys[secret] = bytes.fromhex(keys[secret])
    lines = [json.loads(line) for line in lines[1:]]
    records = [(line["sequence"], bytes.fromhex(line["record"])) for line in lines]
    return keys, records, [bytes.fromhex(line["plaintext"]) for line in lines]


def main():
    print(f"asyncssh {asyncssh.__version__}, paramiko {paramiko.__version__}")
    failed, by_neither = 0, []
    for suite, etm, cipher, mac in formats():
        keys, records, payloads = sealed(sys.argv[1], suite, etm)
        form = (cipher, mac, etm)
        in_asyncssh, in_paramiko = asyncssh_cannot(cipher), paramiko_cannot(cipher)
        if in_asyncssh and in_paramiko:
            by_neither.append(suite)
        in_asyncssh = in_asyncssh or check(open_with_asyncssh, form, keys, records, payloads)
        in_paramiko = in_paramiko or check(open_with_paramiko, form, keys, records, payloads)
        failed += "FAILED" in in_asyncssh + in_paramiko
        print(f"{suite + (', etm' if etm else ''):31} asyncssh: {in_asyncssh:22} paramiko: {in_paramiko}")
    print("opened by neither:", ", ".join(by_neither) or "no format")
    return 1 if failed or by_neither else 0


if __name__ == "__main__":
    sys.exit(main())
