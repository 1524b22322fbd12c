"""Writing and finding comments in a browser."""

from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

LESSON = "/courses/deep-learning/lessons/05-neuron-activation"


def open_discussion(page: Page, address: str = LESSON) -> Locator:
    """The discussion with its script running and the live connection open."""
    page.goto(address)
    expect(page.locator("html[data-live=joined]")).to_be_attached()
    expect(page.locator("[data-discussion][data-started]")).to_be_attached()
    return page.locator("[data-discussion]")


def write(page: Page, text: str) -> Locator:
    """Write a comment; returns it as shown in the list."""
    page.get_by_label("Your comment", exact=True).fill(text)
    page.get_by_role("button", name="Send the comment").click()
    return shown(page, text.partition("\n")[0])


def shown(page: Page, text: str) -> Locator:
    comment = page.locator(".comment").filter(has=page.locator(".comment-body", has_text=text)).last
    expect(comment).to_be_visible()
    return comment


def post(page: Page, text: str, **fields: str) -> str:
    """Post a comment on the class's board directly; returns its id."""
    answer = page.request.post(
        "/threads/class/comments",
        form={"body": text, "request_key": uuid4().hex} | fields,
        headers={"Sec-Fetch-Site": "same-origin"},
        max_redirects=0,
    )
    assert answer.status == 303, answer.text()
    return answer.headers["location"].removeprefix("/comments/")
