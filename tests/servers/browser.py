"""A headless Chromium, driven over the WebDriver protocol as any browser test would.

Skips where there is none: `apt install chromium chromium-driver`, or CHROMIUM and CHROMEDRIVER.
"""

import os
import shutil
import socket
import subprocess
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

_KEY = "element-6066-11e4-a52e-4f735466cecf"  # what the protocol calls an element


class Browser:
    """One window."""

    def __init__(self, base: str) -> None:
        self._base = base

    def open(self, path: Path) -> None:
        self._post("url", {"url": path.resolve().as_uri()})

    def run(self, script: str, *arguments: object) -> Any:
        """What a function body returns, run from outside of the page's own policy."""
        return self._post("execute/sync", {"script": script, "args": list(arguments)})

    def type(self, selector: str, keys: str) -> None:
        self._post(f"element/{self._find(selector)}/value", {"text": keys})

    def click(self, selector: str) -> None:
        self._post(f"element/{self._find(selector)}/click", {})

    def resize(self, width: int, height: int) -> None:
        self._post("window/rect", {"width": width, "height": height})

    def screenshot(self) -> bytes:
        return b64decode(httpx2.get(f"{self._base}/screenshot", timeout=60).json()["value"])

    def logged(self) -> list[str]:
        """What the console was told that is worse than a note."""
        found = self._post("se/log", {"type": "browser"})
        return [each["message"] for each in found if each["level"] in ("SEVERE", "WARNING")]

    def _find(self, selector: str) -> str:
        found = self._post("element", {"using": "css selector", "value": selector})
        return str(found[_KEY])

    def _post(self, place: str, body: object) -> Any:
        return _post(f"{self._base}/{place}", body)


@contextmanager
def browser(*flags: str) -> Iterator[Browser]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")
    driver = os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("no Chromium with its driver: apt install chromium chromium-driver")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [driver, f"--port={port}", "--silent"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        base = f"http://127.0.0.1:{port}"
        _await(base)
        asked = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        options = {"binary": chromium, "args": [*asked, *flags]}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        made = _post(f"{base}/session", {"capabilities": {"alwaysMatch": wanted}})
        session = f"{base}/session/{made['sessionId']}"
        try:
            yield Browser(session)
        finally:
            httpx2.delete(session, timeout=60)
    finally:
        running.terminate()
        running.wait()


def _post(url: str, body: object) -> Any:
    answer = httpx2.post(url, json=body, timeout=60)
    told = answer.json()["value"]
    if answer.status_code >= 400:
        raise RuntimeError(f"{told['error']}: {told['message']}")
    return told


def _await(base: str) -> None:
    for _ in range(100):
        try:
            httpx2.get(f"{base}/status", timeout=1)
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("chromedriver did not start")
