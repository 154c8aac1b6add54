"""A DNS server on loopback that knows a few name servers and nothing else."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.rrset

from bootstrap.cloud.delegation import Dns


@contextmanager
def serving(delegated: Mapping[str, Sequence[str]], rcode: int = dns.rcode.NXDOMAIN) -> Iterator[Dns]:
    """A resolver that is led to it; what is not `delegated` is answered by `rcode`."""

    class Answer(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, socket = self.request
            query = dns.message.from_wire(wire)
            answer = dns.message.make_response(query)
            name = query.question[0].name
            servers = delegated.get(name.to_text(omit_final_dot=True))
            if servers is None:
                answer.set_rcode(dns.rcode.Rcode(rcode))
            elif servers:
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "NS", *(f"{s}." for s in servers)))
            socket.sendto(answer.to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Dns(("127.0.0.1",), server.server_address[1])
        finally:
            server.shutdown()
            thread.join()
