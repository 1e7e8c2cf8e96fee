"""Scapy opens what the project's ESP seals: open_esp.py SEAL_RECORDS

Scapy's IPsec layer and Python's cryptography share no code with the project's record layer. For each format, every
record must give the plaintext that went in, under the headers of the RFCs and the project's endpoints, and be refused
with a byte of it flipped: any byte of the first record, every 97th of the others.
"""

import json
import logging
import subprocess
import sys
import warnings

logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
warnings.filterwarnings("ignore")  # of DES and MD5

from scapy.layers.inet import IP, UDP  # noqa: E402
from scapy.layers.ipsec import ESP, IPSecIntegrityError, SecurityAssociation  # noqa: E402

OUTSIDE = {"src": "192.0.2.1", "dst": "198.51.100.1"}
INSIDE = {"src": "10.0.0.1", "dst": "10.0.0.2"}
PORTS = {"sport": 4433, "dport": 40001}

CIPHERS = {"null": "NULL", "des-cbc": "DES", "3des-ede-cbc": "3DES", "aes-128-cbc": "AES-CBC",
           "aes-192-cbc": "AES-CBC", "aes-256-cbc": "AES-CBC"}
MACS = {"md5": "HMAC-MD5-96", "sha1": "HMAC-SHA1-96", "sha256": "SHA2-256-128"}
AEADS = {"aes-128-gcm": "AES-GCM", "aes-256-gcm": "AES-GCM", "aes-128-ccm": "AES-CCM", "aes-256-ccm": "AES-CCM",
         "chacha20-poly1305": "CHACHA20-POLY1305"}
# Suite to scapy's names of cipher and MAC.
SUITES = {f"{cipher}-hmac-{mac}": (CIPHERS[cipher], MACS[mac]) for cipher in CIPHERS for mac in MACS}
SUITES.update((suite, (name, None)) for suite, name in AEADS.items())

NOT_CHECKED = [
    "the bytes of the padding: scapy drops them unread",
    "sequence numbers seen before: scapy has no window",
]


class Failure(Exception):
    pass


def expect(holds, what):
    if not holds:
        raise Failure(what)


def association(protocol, suite, keys):
    cipher, mac = SUITES[suite]
    return SecurityAssociation(
        ESP, spi=keys["association"],
        crypt_algo=cipher, crypt_key=bytes.fromhex(keys["cipher_key"] + keys["implicit_iv"]),
        auth_algo=mac, auth_key=bytes.fromhex(keys["mac_key"]),
        tunnel_header=IP(**OUTSIDE) if protocol == "esp-tunnel" else None)


def packet(record):
    """A packet of the outer network, as it comes off the wire."""
    return IP(bytes(IP(proto="esp", id=1, **OUTSIDE) / record))


def check_opened(protocol, opened, plaintext):
    inside = protocol == "esp-tunnel"
    addresses = INSIDE if inside else OUTSIDE
    expect({name: opened.getfieldval(name) for name in addresses} == addresses, "addresses")
    if inside:
        again = opened.copy()
        del again.chksum, again.len
        expect(IP(bytes(again)) == opened, "checksum and length of the inner IPv4 header")
        expect(opened.version == 4 and opened.ihl == 5 and opened.ttl > 0, "fields of the inner IPv4 header")
    datagram = opened[UDP]
    expect({name: datagram.getfieldval(name) for name in PORTS} == PORTS, "ports")
    expect(datagram.len == 8 + len(plaintext) and datagram.chksum == 0, "the UDP header")
    expect(bytes(datagram.payload) == plaintext, "the plaintext")


def refused(sa, record):
    try:
        sa.decrypt(packet(record))
    except IPSecIntegrityError:
        return True
    except TypeError as error:
        return "does not match the SA spi" in str(error)
    return False


def check_format(seal_records, protocol, suite):
    """Returns how many records opened and how many flipped ones were refused."""
    lines = subprocess.run([seal_records, protocol, suite, "mac"], check=True, capture_output=True, text=True).stdout
    keys, *records = map(json.loads, lines.splitlines())
    expect(records, "there are records")
    sa = association(protocol, suite, keys)
    flips = 0
    for number, line in enumerate(records):
        record, plaintext = bytes.fromhex(line["record"]), bytes.fromhex(line["plaintext"])
        expect(ESP(record).seq == line["sequence"], "the sequence number")
        check_opened(protocol, sa.decrypt(packet(record)), plaintext)
        for place in range(0, len(record), 1 if number == 0 else 97):
            flipped = bytearray(record)
            flipped[place] ^= 1
            expect(refused(sa, bytes(flipped)), f"a record with byte {place} flipped is refused")
            flips += 1
    return len(records), flips


def main(seal_records):
    failures = 0
    for protocol in ("esp-transport", "esp-tunnel"):
        for suite in SUITES:
            try:
                opened, flips = check_format(seal_records, protocol, suite)
                print(f"{protocol} / {suite}: {opened} records opened, {flips} flipped ones refused")
            except Exception as error:  # whatever scapy raises, the format has failed
                failures += 1
                print(f"{protocol} / {suite}: FAILED: {type(error).__name__}: {error}")
    for what in NOT_CHECKED:
        print(f"not checked: {what}")
    print(f"{2 * len(SUITES) - failures} of {2 * len(SUITES)} formats passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
