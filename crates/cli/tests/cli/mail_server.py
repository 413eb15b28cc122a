"""A mail server of aiosmtpd that takes mail by STARTTLS and from who signs in, and prints each as a line of JSON."""

import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

certificate, key = sys.argv[1:]


def sign_in(server, session, envelope, mechanism, data):
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"hr@acme.example", b"s3cret/word")
    return AuthResult(success=is_right, handled=False)


class Handler:
    async def handle_DATA(self, server, session, envelope):
        text = envelope.content.decode()
        mail = {"to": envelope.rcpt_tos, "text": text, "encrypted": session.ssl is not None, "user": session.authenticated}
        print(json.dumps(mail), flush=True)
        return "250 taken"


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)


def conversation():
    rules = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": sign_in}
    return SMTP(Handler(), **rules)


async def main():
    server = await asyncio.get_running_loop().create_server(conversation, host="127.0.0.1", port=0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
