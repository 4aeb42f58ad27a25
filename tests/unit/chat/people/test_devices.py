"""What browsers say of themselves."""

import pytest
from chat.people.devices import Device, user_agent

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X)"
SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", ("Firefox", "Linux")),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME}", ("Chrome", "Windows")),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Edg/140.0.0.0", ("Edge", "Windows")),
        (f"Mozilla/5.0 (Linux; Android 16) {CHROME}", ("Chrome", "Android")),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME}", ("Chrome", "ChromeOS")),
        (f"{MAC} {SAFARI} Version/26.0 Safari/605.1.15", ("Safari", "macOS")),
        (f"{IPHONE} {SAFARI} Version/26.0 Mobile/15E148 Safari/604.1", ("Safari", "iOS")),
        (f"{IPHONE} {SAFARI} FxiOS/140.0 Mobile/15E148 Safari/605.1.15", ("Firefox", "iOS")),
        ("python-requests/2.32", ("", "")),
        ("", ("", "")),
        ("<script>alert(1)</script>", ("", "")),
        ("x" * 8000 + "Firefox/140.0 Linux", ("", "")),
    ],
)  # fmt: skip
def test_a_browser_is_named_in_two_words_of_ours(said: str, device: tuple[str, str]) -> None:
    """Whatever else it says is not kept, and shown to nobody."""
    assert Device.of(said) == device


def test_a_request_may_say_nothing_of_its_browser() -> None:
    assert user_agent({"headers": []}) == ""
    assert user_agent({"headers": [(b"user-agent", b"Firefox/\xff"), (b"user-agent", b"two")]}) == "Firefox/ÿ"
