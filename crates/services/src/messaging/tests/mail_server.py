"""A mail server for tests: aiosmtpd on loopback, which keeps what it gets.

    mail_server.py FOLDER [--auth USER:PASSWORD] [--tls]

Prints its port and serves until its standard input ends. Of every message it
writes FOLDER/<number>.json, as Python's own e-mail package and icalendar read
it, and of every recipient that it was asked about a line of FOLDER/asked. What
it does depends on the first word of the recipient's address.
"""

import argparse
import asyncio
import email
import email.policy
import json
import pathlib
import ssl
import sys

import icalendar
import trustme
from aiosmtpd.smtp import SMTP, AuthResult

ANSWERS = {
    "nobody": "550 5.1.1 There is nobody of that name here",
    "gone": "550 No such user",
    "full": "552 5.2.2 Mailbox full",
    "stranger": "550 5.7.1 Relaying denied",
    "busy": "451 4.3.0 Please try again later",
}

AT_THE_END = {
    "spam": "554 5.7.1 This looks like spam",
    "later": "451 4.7.0 Please try again later",
}


def moment(value):
    return value.dt.strftime("%Y-%m-%dT%H:%M:%S%z")


def calendar(text):
    read = icalendar.Calendar.from_ical(text)
    events = []
    for event in read.walk("VEVENT"):
        attendee, organizer = event.get("ATTENDEE"), event.get("ORGANIZER")
        events.append({
            "uid": str(event["UID"]),
            "sequence": int(event["SEQUENCE"]),
            "status": str(event.get("STATUS")),
            "starts": moment(event["DTSTART"]),
            "ends": moment(event["DTEND"]),
            "stamp": moment(event["DTSTAMP"]),
            "summary": str(event["SUMMARY"]),
            "description": str(event["DESCRIPTION"]),
            "organizer": str(organizer),
            "organizer_name": organizer.params["CN"],
            "attendee": str(attendee),
            "attendee_name": attendee.params["CN"],
        })
    return {"method": str(read["METHOD"]), "events": events}


def reading(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = []
    for part in message.walk():
        if part.is_multipart():
            parts.append({"type": part.get_content_type()})
            continue
        content = part.get_content()
        if isinstance(content, bytes):
            content = content.decode()
        said = {"type": part.get_content_type(), "text": content.replace("\r\n", "\n")}
        said["method"] = part.get_param("method")
        said["file"] = part.get_filename()
        if part.get_content_type() in ("text/calendar", "application/ics"):
            said["calendar"] = calendar(content)
        parts.append(said)
    headers = {name.lower(): str(value) for name, value in message.items()}
    return {"headers": headers, "parts": parts, "raw": raw.decode("ascii", "replace")}


class Desk:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        with open(self.folder / "asked", "a") as asked:
            asked.write(address + "\n")
        answer = ANSWERS.get(address.split("@")[0].split("-")[0])
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0].split("-")[0]
        if name == "slow":
            await asyncio.sleep(0.7)
        if name in AT_THE_END:
            return AT_THE_END[name]
        said = reading(envelope.content)
        said["from"], said["to"] = envelope.mail_from, envelope.rcpt_tos
        said["is_encrypted"] = session.ssl is not None
        (self.folder / f"{self.count:04}.part").write_text(json.dumps(said))
        (self.folder / f"{self.count:04}.part").rename(self.folder / f"{self.count:04}.json")
        self.count += 1
        if name == "hangup":
            server.transport.abort()
        return "250 2.0.0 OK"


def certificate():
    """One that nobody vouches for."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


async def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("folder", type=pathlib.Path)
    asked.add_argument("--auth")
    asked.add_argument("--tls", action="store_true")
    asked = asked.parse_args()

    def is_known(server, session, envelope, mechanism, given):
        said = f"{given.login.decode()}:{given.password.decode()}"
        return AuthResult(success=said == asked.auth, handled=False)

    desk = Desk(asked.folder)
    options = {"auth_require_tls": False, "enable_SMTPUTF8": False}
    if asked.auth:
        options |= {"authenticator": is_known, "auth_required": True}
    if asked.tls:
        options |= {"tls_context": certificate()}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(desk, loop=loop, **options), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
