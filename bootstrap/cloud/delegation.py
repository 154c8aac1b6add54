"""Who the public DNS says answers for a domain, and whom Route 53 keeps for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

#: Seconds for one question, all repetitions included.
_PATIENCE = 5.0


@dataclass(frozen=True)
class Delegation:
    """The name servers found, in lower case without a dot at the end; `trouble` says why there are none."""

    servers: frozenset[str] = frozenset()
    trouble: str = ""


@dataclass(frozen=True)
class HostedZone:
    """A public zone of this account, and the name servers that Route 53 gave it."""

    id: str
    name: str
    servers: frozenset[str] = frozenset()


class Resolver(Protocol):
    """Whoever can say which name servers answer for a domain."""

    def delegation(self, domain: str) -> Delegation:
        """What the DNS says now; never raises for what the DNS answers."""
        ...


@dataclass(frozen=True)
class Dns:
    """This machine's resolvers, or those named."""

    addresses: tuple[str, ...] = ()
    port: int = 53

    def delegation(self, domain: str) -> Delegation:
        import dns.exception
        import dns.resolver

        try:
            asked = dns.resolver.Resolver(configure=not self.addresses)
            if self.addresses:
                asked.nameservers, asked.port = list(self.addresses), self.port
            answer = asked.resolve(f"{domain}.", "NS", lifetime=_PATIENCE)
        except dns.resolver.NXDOMAIN:
            return Delegation(trouble="the domain does not exist")
        except dns.resolver.NoAnswer:
            return Delegation(trouble="the domain has no name servers of its own")
        except dns.resolver.NoNameservers:
            return Delegation(trouble="the servers that it is delegated to do not answer for it")
        except dns.exception.Timeout:
            return Delegation(trouble=f"no answer within {_PATIENCE:g} s")
        except (dns.exception.DNSException, OSError) as error:
            return Delegation(trouble=str(error) or type(error).__name__)
        return Delegation(frozenset(plain(str(record.target)) for record in answer))


def plain(name: str) -> str:
    """A DNS name as people write it; Route 53 spells an asterisk in octal."""
    return name.lower().rstrip(".").replace("\\052", "*")


def hosted(route53: Any, domain: str) -> tuple[HostedZone, ...]:
    """The account's public zones of exactly that name; there should be one. The caller explains errors."""
    listed = route53.list_hosted_zones_by_name(DNSName=domain, MaxItems="100")["HostedZones"]
    found = [z for z in listed if plain(z["Name"]) == plain(domain) and not z["Config"].get("PrivateZone")]
    return tuple(_zone(route53, zone["Id"], domain) for zone in found)


def _zone(route53: Any, zone_id: str, domain: str) -> HostedZone:
    answer = route53.get_hosted_zone(Id=zone_id)
    servers = answer.get("DelegationSet", {}).get("NameServers", [])
    return HostedZone(zone_id.rpartition("/")[2], plain(domain), frozenset(plain(s) for s in servers))
