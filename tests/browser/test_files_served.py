"""Files as nginx serves them: to people at another worker, and to a player that asks for a part of one."""

from playwright.sync_api import Browser, Locator, Response, expect

from tests.browser.conftest import needs_chromium
from tests.browser.files import document, picks, picture, sees_pictures, sees_ready
from tests.browser.films import film, sound
from tests.browser.members import sit_apart
from tests.browser.talkers import talk
from tests.browser.test_accessible import violations
from tests.browser.visitors import Visitor
from tests.support.stack import Stack

GAP = 8_000_000  # bytes; more than a player reads ahead
PLAY = """(player) => new Promise((resolve, reject) => {
  player.onended = () => resolve(player.duration);
  player.onerror = () => reject(new Error(player.error.message));
  player.play().catch(reject);
})"""
SEEK = """(player, time) => new Promise((resolve, reject) => {
  player.onseeked = () => resolve(player.currentTime);
  player.onerror = () => reject(new Error(player.error.message));
  player.currentTime = time;
})"""


def test_files_reach_people_at_another_worker_and_are_gone_for_both(
    browser: Browser, stack: Stack, room: str
) -> None:
    ana, ben = talk(browser, stack.url, room, "Ana", "Ben")
    sit_apart(ana, ben, stack)
    picks(ana, picture("the garden.png"), document("the plan.pdf"))
    sees_ready(ana, "the garden.png", "the plan.pdf")
    ana.says("from elsewhere")
    for person in (ana, ben):
        person.sees("from elsewhere")
        sees_pictures(person, "the garden.png")
    with ben.page.expect_download() as download:
        ben.log.get_by_role("link", name="the plan.pdf").click()
    assert download.value.path().read_bytes() == document("the plan.pdf")["buffer"]
    files = addresses(ben)
    assert len(files) == 3
    assert [status(ana, each) for each in files] == [200] * 3
    ana.deletes("from elsewhere")
    for person in (ana, ben):
        person.sees_in_order("Message deleted")
        expect(person.log.locator(".files")).to_have_count(0)
        assert [status(person, each) for each in files] == [404] * 3


def addresses(person: Visitor) -> list[str]:
    """Of all files that are shown, and of their thumbnails."""
    shown = person.log.locator(".files :is([href], [src])")
    return list(shown.evaluate_all("(all) => all.map((each) => each.href ?? each.src)"))


def status(person: Visitor, address: str) -> int:
    return person.page.request.get(address).status


@needs_chromium("tells what a player asks for")
def test_a_film_and_a_sound_play_where_they_are(browser: Browser, stack: Stack, room: str) -> None:
    """Who goes to the end of a film has only that brought, and not all that is before it."""
    ana, ben = talk(browser, stack.url, room, "Ana", "Ben")
    parts: list[Response] = []
    ben.page.on("response", lambda each: parts.append(each))
    picks(ana, film("a garden.webm", 4, GAP), sound("a bird.wav", 1))
    sees_ready(ana, "a garden.webm", "a bird.wav")
    ana.says("watch and listen")
    ben.sees("watch and listen")
    video, audio = ben.log.locator("video"), ben.log.locator("audio")
    expect(video).to_have_js_property("duration", 4)
    assert video.evaluate("(player) => [player.videoWidth, player.videoHeight]") == [64, 48]
    assert goes_to(video, 3) == 3
    assert video.evaluate(PLAY) == 4
    expect(audio).to_have_attribute("preload", "none")
    assert audio.evaluate(PLAY) == 1
    played = [each for each in parts if each.request.resource_type == "media"]
    assert {each.status for each in played} == {206}
    assert any(begins_at(each) > GAP // 2 for each in played)
    assert ben.complaints == []
    assert violations(ben) == []


def goes_to(player: Locator, seconds: float) -> float:
    return float(player.evaluate(SEEK, seconds))


def begins_at(part: Response) -> int:
    """The first byte of it."""
    return int(part.headers["content-range"].removeprefix("bytes ").partition("-")[0])
