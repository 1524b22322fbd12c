"""Comments as readers write and read them: two people at once, by mouse and keyboard, and without JavaScript."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import injections
from tests.browser.conftest import Complaints, NewPage, sign_up

LESSON = "/courses/deep-learning/lessons/05-neuron-activation"


def open_discussion(page: Page, address: str = LESSON) -> Locator:
    """The discussion with its script at work and the live connection open."""
    with page.expect_response(re.compile(r"/live\?topics=")):
        page.goto(address)
    expect(page.locator("[data-discussion][data-started]")).to_be_attached()
    return page.locator("[data-discussion]")


def write(page: Page, text: str) -> Locator:
    """Write a comment; returns it as it stands in the list."""
    page.get_by_label("Your comment", exact=True).fill(text)
    page.get_by_role("button", name="Send the comment").click()
    return shown(page, text.partition("\n")[0])


def shown(page: Page, text: str) -> Locator:
    comment = page.locator(".comment").filter(has=page.locator(".comment-body", has_text=text)).last
    expect(comment).to_be_visible()
    return comment


@pytest.fixture
def reader(new_page: NewPage) -> Page:
    """A second student, in a browser of their own."""
    page = new_page()
    sign_up(page)
    return page


def test_a_comment_is_sent_without_a_reload_and_the_form_is_empty_again(student: Page) -> None:
    open_discussion(student)
    student.evaluate("window.isTheSamePage = true")
    write(student, "Why does a sigmoid saturate so early?")
    expect(student.get_by_label("Your comment", exact=True)).to_have_value("")
    assert student.evaluate("window.isTheSamePage")
    student.reload()
    shown(student, "Why does a sigmoid saturate so early?")


def test_ctrl_enter_sends(student: Page) -> None:
    open_discussion(student)
    text = student.get_by_label("Your comment", exact=True)
    text.fill("Sent from the keyboard alone")
    text.press("Control+Enter")
    shown(student, "Sent from the keyboard alone")


def test_a_refused_comment_keeps_its_text_and_says_why(student: Page) -> None:
    open_discussion(student)
    student.get_by_label("Your comment", exact=True).fill("short")
    student.get_by_role("button", name="Send the comment").click()
    expect(student.get_by_text("Please say a little more")).to_be_visible()
    expect(student.get_by_label("Your comment", exact=True)).to_have_value("short")


def test_a_preview_shows_what_the_server_will_show(student: Page) -> None:
    open_discussion(student)
    student.get_by_label("Your comment", exact=True).fill("so $x^2$ is **it** here")
    student.get_by_role("button", name="Preview").click()
    preview = student.get_by_role("region", name="Preview")
    expect(preview.locator("strong")).to_have_text("it")
    expect(preview.locator("math")).to_be_visible()
    expect(student.get_by_label("Your comment", exact=True)).to_have_value("so $x^2$ is **it** here")


@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without script"])
def test_a_change_can_be_previewed_before_it_is_kept(new_page: NewPage, has_script: bool) -> None:
    page = new_page(java_script_enabled=has_script)
    sign_up(page)
    page.goto("/board")
    said = f"Said before I looked closely, {'with' if has_script else 'without'} a script"
    comment = write(page, said)
    comment.get_by_label("More").click()
    comment.get_by_role("link", name="Edit").click()
    text = page.get_by_label("Comment", exact=True)
    expect(text).to_have_value(said)
    text.fill("so $x^2$ is **it** now")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="Preview").locator("strong")).to_have_text("it")
    expect(text).to_have_value("so $x^2$ is **it** now")
    page.get_by_role("button", name="Keep the change").click()
    expect(page.locator(":target")).to_contain_text("is it now")


def test_a_draft_survives_a_reload(student: Page) -> None:
    open_discussion(student)
    with student.expect_response("**/board/drafts"):
        student.get_by_label("Your comment", exact=True).press_sequentially("half a thought")
    student.reload()
    expect(student.get_by_label("Your comment", exact=True)).to_have_value("half a thought")


def test_a_new_comment_is_announced_to_another_reader_and_moves_nothing(student: Page, reader: Page) -> None:
    open_discussion(reader)
    open_discussion(student)
    place = reader.get_by_role("heading", name="Discussion")
    place.scroll_into_view_if_needed()
    before = place.bounding_box()
    write(student, "Does anybody read along with me?")
    button = reader.get_by_role("button", name="1 new comment – show")
    expect(button).to_be_visible()
    assert place.bounding_box() == before
    expect(reader.get_by_text("Does anybody read along with me?")).to_have_count(0)
    button.click()
    shown(reader, "Does anybody read along with me?")
    expect(button).to_be_hidden()


def test_ones_own_comment_is_not_announced(student: Page, reader: Page) -> None:
    open_discussion(student)
    open_discussion(reader)
    write(student, "I know that I wrote this myself")
    # The other page has heard of it: so has this one.
    expect(reader.get_by_role("button", name="1 new comment – show")).to_be_visible()
    expect(student.locator("[data-show-new]:visible")).to_have_count(0)


def test_a_page_that_was_away_offers_what_it_missed(student: Page, reader: Page) -> None:
    open_discussion(student)
    open_discussion(reader)
    reader.evaluate("dispatchEvent(new Event('pagehide'))")
    write(student, "You were away when I said this")
    reader.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    reader.get_by_role("button", name="1 new comment – show").click()
    shown(reader, "You were away when I said this")


def test_two_people_talk_and_each_sees_the_other_without_a_reload(student: Page, reader: Page) -> None:
    open_discussion(student)
    open_discussion(reader)
    question = write(student, "What is the derivative of a ReLU at zero?")
    reader.get_by_role("button", name="new comment").click()
    asked = shown(reader, "What is the derivative of a ReLU at zero?")
    asked.get_by_role("link", name="Reply").click()
    reader.get_by_label(re.compile("Your reply to")).fill("It has none; one simply takes zero.")
    reader.get_by_role("button", name="Reply", exact=True).click()
    expect(shown(reader, "one simply takes zero").locator("..")).to_have_class(re.compile("comment-replies"))
    student.get_by_role("button", name="new comment").click()
    expect(question.locator(".comment-replies")).to_contain_text("one simply takes zero")


def test_a_reader_likes_a_comment_once_and_takes_it_back(student: Page, reader: Page) -> None:
    open_discussion(student)
    write(student, "Something that one may well like")
    open_discussion(reader)
    like = shown(reader, "Something that one may well like").get_by_role("button", name="Like")
    like.dblclick()
    expect(like).to_have_attribute("aria-pressed", "true")
    expect(like).to_contain_text("1")
    like.click()
    expect(like).to_have_attribute("aria-pressed", "false")


def test_a_mention_is_completed_by_keyboard_and_shows_a_masked_name(student: Page, reader: Page) -> None:
    open_discussion(student)
    write(student, "I am here to be mentioned")
    open_discussion(reader)
    text = reader.get_by_label("Your comment", exact=True)
    text.press_sequentially("Hello @")
    offered = reader.locator(".mention-list")
    expect(offered.get_by_role("option").first).to_be_visible()
    assert offered.bounding_box()["y"] >= text.bounding_box()["y"] + text.bounding_box()["height"] - 1
    text.press("Enter")
    text.press_sequentially("how are you today?")
    expect(text).to_have_value(re.compile(r"^Hello @\*. how are you today\?$"))
    reader.get_by_role("button", name="Preview").click()
    expect(reader.get_by_role("region", name="Preview").locator("a.mention")).to_be_visible()
    reader.get_by_role("button", name="Send the comment").click()
    mention = shown(reader, "how are you today?").locator("a.mention")
    expect(mention).to_have_text(re.compile(r"^@\*.$"))


def test_a_quotation_waits_in_the_reply_form(student: Page, reader: Page) -> None:
    open_discussion(student)
    write(student, "words that are worth quoting")
    open_discussion(reader)
    shown(reader, "words that are worth quoting").get_by_role("link", name="Quote").click()
    expect(reader.get_by_label(re.compile("Your reply to"))).to_have_value(
        "> words that are worth quoting\n\n"
    )


def test_more_comments_come_in_below_and_the_focus_goes_along(student: Page) -> None:
    open_discussion(student, "/board")
    fields = student.evaluate(
        "() => Object.fromEntries(new FormData(document.querySelector('[data-comment-form]')))"
    )
    for number in range(24):
        form = fields | {
            "body": f"remark number {number}",
            "request_key": f"remark-{number:03}-{fields['request_key']}"[:40],
        }
        answer = student.request.post(
            "/threads/class/comments", form=form, headers={"Sec-Fetch-Site": "same-origin"}, max_redirects=0
        )
        assert answer.status == 303, answer.text()
    open_discussion(student, "/board?order=newest")
    items = student.locator("[data-comments] > .comment")
    expect(items).to_have_count(20)
    student.get_by_role("link", name="More comments").click()
    expect(items.nth(20)).to_be_focused()
    texts = items.locator(".comment-body").all_inner_texts()
    assert texts[:24] == [f"remark number {number}" for number in reversed(range(24))]


def test_a_link_to_a_comment_marks_it(student: Page, new_page: NewPage) -> None:
    open_discussion(student)
    comment = write(student, "Look at exactly this comment")
    address = comment.locator(".comment-time").first.get_attribute("href")
    visitor = new_page()
    visitor.goto(address)
    expect(visitor.locator(":target")).to_contain_text("Look at exactly this comment")


def test_everything_works_without_javascript(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    sign_up(page)
    page.goto(LESSON)
    page.get_by_label("Your comment", exact=True).fill("Written without any script")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="Preview")).to_contain_text("Written without any script")
    page.get_by_role("button", name="Send the comment").click()
    comment = shown(page, "Written without any script")
    comment.get_by_role("link", name="Reply").first.click()
    page.get_by_label(re.compile("Your reply to")).fill("And answered without one, too")
    page.get_by_role("button", name="Reply", exact=True).click()
    shown(page, "And answered without one, too")
    other = new_page(java_script_enabled=False)
    sign_up(other)
    other.goto(LESSON)
    shown(other, "Written without any script").get_by_role("button", name="Like").first.click()
    liked = shown(other, "Written without any script").get_by_role("button", name="Like").first
    expect(liked).to_have_attribute("aria-pressed", "true")


def test_no_payload_of_script_runs_in_a_comment(student: Page, complaints: Complaints) -> None:
    """All payloads, in a few long comments, seen by their author and by a visitor."""
    student.add_init_script("window.ran = []; window.pwned = () => window.ran.push(location.href);")
    student.route(re.compile(re.escape(injections.OUTSIDE)), lambda route: route.abort())
    open_discussion(student, "/board")
    fields = student.evaluate(
        "() => Object.fromEntries(new FormData(document.querySelector('[data-comment-form]')))"
    )
    for number in range(0, len(injections.PAYLOADS), 40):
        body = "\n\n".join(injections.PAYLOADS[number : number + 40])[:3900]
        form = fields | {
            "body": f"payloads {number}\n\n{body}",
            "request_key": f"payload-{number}-{fields['request_key']}"[:40],
        }
        answer = student.request.post(
            "/threads/class/comments", form=form, headers={"Sec-Fetch-Site": "same-origin"}, max_redirects=0
        )
        assert answer.status == 303, answer.text()
    open_discussion(student, "/board?order=newest")
    for number in range(0, len(injections.PAYLOADS), 40):
        expect(student.locator(".comment-body", has_text=f"payloads {number}").first).to_be_attached()
    assert student.evaluate("window.ran") == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_discussion_fits_a_phone(new_page: NewPage, theme: str) -> None:
    page = new_page(width=360, theme=theme)
    sign_up(page)
    open_discussion(page)
    write(page, "A long line of code\n\n```python\n" + "x = 1; " * 40 + "\n```")
    box = shown(page, "A long line of code").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 360
