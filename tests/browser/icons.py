"""The icons as PNG, drawn from web/static/icon.svg; run it again when that changes.

    python -m tests.browser.icons
    optipng -o7 web/static/icons/*.png

The second command halves them without a loss. A browser loads the largest one with the first visit.
"""

from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import EXECUTABLE, OPTIONS

STATIC = Path(__file__).parents[2] / "web/static"
# Name: size, and whether the system cuts its own shape out of it, which may take a fifth of each side.
ICONS = {"180": (180, True), "192": (192, False), "512": (512, False), "512-maskable": (512, True)}


def main() -> None:
    (STATIC / "icons").mkdir(exist_ok=True)
    svg = (STATIC / "icon.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=OPTIONS)
        page = browser.new_page()
        for name, (size, whole) in ICONS.items():
            page.set_viewport_size({"width": size, "height": size})
            drawn = svg.replace('rx="8"', "") if whole else svg
            page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{drawn}")
            page.screenshot(path=STATIC / "icons" / f"{name}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
