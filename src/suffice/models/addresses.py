"""Where a URL leads: this machine, a host and port, or a proxy of the environment first.

Gateways take keys in a URL's query, so only `shown` of a URL ever stands in a message.
"""

import base64
import re
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from suffice.errors import UsageError


def split_url(url: str) -> SplitResult:
    """The parts of a URL that can be posted to. Refuses what would leak or cannot work."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # a bracket without its pair, a port that is no number
        parts, port = SplitResult("", "", "", "", ""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise UsageError(f"base_url {shown(url)!r} is not an http:// or https:// URL")
    if parts.username or parts.password:
        raise UsageError("base_url holds a name or password; put keys into the environment")
    return parts


def shown(url: str) -> str:
    """A URL without what may be secret: its query, its fragment, a name and password."""
    place = re.split(r"[?#]", url, maxsplit=1)[0]
    scheme, slashes, rest = place.rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{host.rpartition('@')[2]}{slash}{path}"


def below(url: str, path: str) -> str:
    """The URL of a path below a base: its query stays where queries stand, at the end."""
    parts = urlsplit(url)
    return parts._replace(path=f"{parts.path.rstrip('/')}{path}", fragment="").geturl()


def secrets_in(url: str) -> tuple[str, ...]:
    """What of a URL's query must not be told again, as it is sent and as a server may read it.

    A value of less than 8 characters is no key, and would be found in any number and word.
    """
    query = urlsplit(url).query
    raw = [pair.partition("=")[2] for pair in query.split("&")]
    values = {query, *raw, *map(unquote, raw), *map(unquote_plus, raw)}
    return tuple(sorted((each for each in values if len(each) >= 8), key=len, reverse=True))


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def host_and_port(parts: SplitResult) -> tuple[str, int]:
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def find_proxy(parts: SplitResult) -> SplitResult | None:
    """The proxy of the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY).

    This machine is never reached through one, whatever NO_PROXY says: no proxy could.
    """
    proxies = getproxies_environment()
    url = proxies.get(parts.scheme) or proxies.get("all")
    if not url or is_loopback(parts.geturl()):
        return None
    if proxy_bypass(parts.netloc):
        return None
    proxy = urlsplit(url if "://" in url else f"http://{url}")
    if proxy.scheme != "http" or not proxy.hostname:
        raise UsageError(
            f"the proxy {proxy.scheme}://{proxy.hostname} is not an http:// one; "
            "set HTTPS_PROXY to an http:// proxy or NO_PROXY to leave it out"
        )
    return proxy


def proxy_headers(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}
