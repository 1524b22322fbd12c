"""Comment forms: drafts, previews, refused or lost submissions, mentions, and all of it without JavaScript."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.board.talk import LESSON, open_discussion, post, shown, write
from tests.browser.conftest import Complaints, NewPage, sign_up
from tests.browser.test_accessibility import faults_of
from tests.factories import PASSWORD

REPLY = re.compile("Your reply to")


@pytest.fixture
def reader(new_page: NewPage) -> Page:
    """A second student, in a browser of their own."""
    page = new_page()
    sign_up(page)
    return page


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


@pytest.mark.parametrize("button", ["Send the comment", "Preview"])
def test_a_lost_network_keeps_the_form_and_says_so(
    student: Page, complaints: Complaints, button: str
) -> None:
    complaints.expect("ERR_FAILED")
    open_discussion(student, "/board")
    text = student.get_by_label("Your comment", exact=True)
    text.fill(f"On a train, about to press {button}")
    student.route("**/threads/class/comments", lambda route: route.abort())
    student.get_by_role("button", name=button).click()
    expect(student.get_by_role("alert")).to_contain_text("could not be sent")
    expect(text).to_have_value(f"On a train, about to press {button}")
    student.unroute("**/threads/class/comments")
    student.goto("/settings")
    student.goto("/board")
    expect(text).to_have_value(f"On a train, about to press {button}")
    expect(student.locator(".comment-body", has_text=f"about to press {button}")).to_have_count(0)


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
    page.get_by_role("button", name="Save the change").click()
    expect(page.locator(":target")).to_contain_text("is it now")


def keeps(words: str) -> Callable[[Response], bool]:
    """The answer to a draft of just these words: a busy page may have sent an earlier one, too."""

    def is_it(answer: Response) -> bool:
        sent = parse_qs(answer.request.post_data or "") if answer.url.endswith("/board/drafts") else {}
        return sent.get("body") == [words]

    return is_it


def test_a_draft_survives_a_reload(student: Page) -> None:
    open_discussion(student)
    with student.expect_response(keeps("half a thought")):
        student.get_by_label("Your comment", exact=True).press_sequentially("half a thought")
    student.reload()
    expect(student.get_by_label("Your comment", exact=True)).to_have_value("half a thought")


def test_what_was_typed_just_before_leaving_is_there_again(student: Page) -> None:
    open_discussion(student, "/board")
    student.get_by_label("Your comment", exact=True).fill("typed, and gone at once")
    student.goto("/settings")
    student.goto("/board")
    text = student.get_by_label("Your comment", exact=True)
    expect(text).to_have_value("typed, and gone at once")
    open_discussion(student, "/board")
    text.fill("typed, and asked for again at once")
    student.reload()
    expect(text).to_have_value("typed, and asked for again at once")
    text.fill("typed, and sent at once")
    text.press("Control+Enter")
    shown(student, "typed, and sent at once")
    student.reload()
    expect(text).to_have_value("")


def test_another_form_or_cancel_loses_no_answer(student: Page, reader: Page) -> None:
    post(student, "one to be answered at length")
    open_discussion(reader, "/board?order=newest")
    comment, text = shown(reader, "one to be answered at length"), reader.get_by_label(REPLY)
    reply, quote = comment.get_by_role("link", name="Reply"), comment.get_by_role("link", name="Quote")
    reply.click()
    text.fill("a thoughtful answer")
    quote.click()
    expect(text).to_have_value("> one to be answered at length\n\na thoughtful answer")
    text.fill("a better answer")
    with reader.expect_response(keeps("a better answer")):
        comment.get_by_role("button", name="Cancel").click()
    reply.click()
    expect(text).to_have_value("a better answer")


def test_no_other_form_opens_over_words_that_cannot_be_kept(
    student: Page,
    reader: Page,
    complaints: Complaints,
) -> None:
    complaints.expect("ERR_FAILED")
    post(student, "one to be answered on a train")
    open_discussion(reader, "/board?order=newest")
    comment, text = shown(reader, "one to be answered on a train"), reader.get_by_label(REPLY)
    comment.get_by_role("link", name="Reply").click()
    reader.route("**/board/drafts", lambda route: route.abort())
    text.fill("nobody has this but the page")
    comment.get_by_role("link", name="Quote").click()
    expect(comment.get_by_role("alert")).to_contain_text("could not be sent")
    expect(text).to_have_value("nobody has this but the page")


# Mentions


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


def test_people_are_offered_after_a_chinese_character_too(student: Page, reader: Page) -> None:
    post(student, "I am here to be thanked")
    reader.clock.install()
    open_discussion(reader, "/board")
    text = reader.get_by_label("Your comment", exact=True)
    offered = reader.locator(".mention-list [role=option]")
    asked: list[str] = []
    reader.on(
        "request", lambda request: asked.append(request.url) if "/board/people" in request.url else None
    )
    text.press_sequentially("me@")
    reader.clock.run_for(1000)  # longer than the script's debounce delay
    assert asked == []
    text.fill("")
    text.press_sequentially("谢谢@")
    expect(offered.first).to_be_visible()
    expect(offered.first.locator(".person-leaf .person-blade").first).to_be_visible()
    assert len(asked) == 1


def test_the_list_of_people_says_what_it_is_and_goes_when_the_caret_leaves_the_name(
    student: Page,
    reader: Page,
) -> None:
    post(student, "I am here to be mentioned again")
    open_discussion(reader, "/board")
    text = reader.get_by_label("Your comment", exact=True)
    text.press_sequentially("Hello @")
    offered = reader.get_by_role("listbox", name="People")
    expect(offered).to_be_visible()
    expect(text).to_have_role("combobox")
    for name, value in {"expanded": "true", "autocomplete": "list", "haspopup": "listbox"}.items():
        expect(text).to_have_attribute(f"aria-{name}", value)
    first = offered.get_by_role("option").first
    expect(text).to_have_attribute("aria-activedescendant", first.get_attribute("id"))
    assert not faults_of(reader)
    text.press("Home")
    text.press("Enter")
    expect(text).to_have_value("\nHello @")
    expect(offered).to_be_hidden()
    expect(text).to_have_role("textbox")
    assert text.get_attribute("aria-expanded") is None


# Without JavaScript


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


def test_quotations_reports_more_replies_and_the_newest_work_without_javascript(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    sign_up(page)
    first = post(page, "Words worth quoting, older than others")
    for number in range(5):
        post(page, f"Answer number {number} to those words", reply_to=first)
    post(page, "The newest of all on this board")
    other = new_page(java_script_enabled=False)
    sign_up(other)
    other.goto("/board")
    other.get_by_role("link", name="Newest").click()
    expect(other).to_have_url(re.compile("order=newest"))
    texts = other.locator("[data-comments] > .comment > .comment-self .comment-body").all_inner_texts()
    assert texts[:2] == ["The newest of all on this board", "Words worth quoting, older than others"]
    comment = other.locator(f"#comment-{first}")
    expect(comment.locator(".comment-replies .comment")).to_have_count(3)
    comment.get_by_role("link", name="More replies").click()
    expect(other.locator(".comment-replies .comment-body").last).to_have_text(
        "Answer number 4 to those words"
    )
    other.go_back()
    comment.get_by_role("link", name="Quote").first.click()
    text = other.get_by_label(REPLY)
    expect(text).to_have_value("> Words worth quoting, older than others\n\n")
    text.fill(f"{text.input_value()}So they are.")
    other.get_by_role("button", name="Reply", exact=True).click()
    expect(other.locator(".comment:target blockquote")).to_have_text("Words worth quoting, older than others")
    other.goto(f"/comments/{first}")
    comment.get_by_label("More", exact=True).first.click()
    comment.get_by_role("link", name="Report").first.click()
    other.get_by_label("advertising or spam").check()
    other.get_by_role("button", name="Report").click()
    expect(other.locator("main")).to_contain_text("Thank you")


def open_board_as(page: Page, name: str) -> None:
    form = {"name": name, "password": PASSWORD}
    answer = page.request.post(
        "/sign-in", form=form, headers={"Sec-Fetch-Site": "same-origin"}, max_redirects=0
    )
    assert answer.status == 303, answer.text()
    open_discussion(page, "/board")


def test_what_one_began_to_write_is_not_shown_to_who_signs_in_next_in_the_same_tab(
    new_page: NewPage, complaints: Complaints
) -> None:
    complaints.expect_lost_session()
    page = new_page()
    first = sign_up(page)
    text = page.get_by_label("Your comment", exact=True)
    open_discussion(page, "/board")
    text.fill("Between you and me, I did not")
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")
    sign_up(page)
    open_discussion(page, "/board")
    expect(text).to_have_value("")
    with page.expect_navigation():
        # Navigate from a timer, so that the call returns before its page is gone.
        page.evaluate("setTimeout(() => history.go(-2))")
    expect(page.locator("textarea", has_text="Between you and me")).to_have_count(0)
    open_board_as(page, first)
    expect(text).to_have_value("Between you and me, I did not")


def test_a_page_left_open_keeps_nothing_under_the_name_of_who_signed_in_meanwhile(
    new_page: NewPage, complaints: Complaints
) -> None:
    complaints.expect("status of 409")
    complaints.expect_lost_session()
    page = new_page()
    sign_up(page)
    text = page.get_by_label("Your comment", exact=True)
    open_discussion(page, "/board")
    second = sign_up(page)  # in another tab, for example
    with page.expect_response("**/board/drafts") as kept:
        text.fill("Still the words of the first one")
    assert kept.value.status == 409
    open_board_as(page, second)
    expect(text).to_have_value("")


def test_too_long_a_text_is_counted_and_comes_back_whole(student: Page) -> None:
    open_discussion(student)
    text = student.get_by_label("Your comment", exact=True)
    long = "字" * 4001
    text.fill(long)
    expect(student.get_by_text("4,001 characters; the limit is 4,000.")).to_be_visible()
    student.get_by_role("button", name="Send the comment").click()
    expect(student.get_by_text("you have used 4001")).to_be_visible()
    expect(text).to_have_value(long)
    text.fill("a" * 2500)
    expect(student.get_by_text("2,500 of 4,000 characters")).to_be_visible()
    text.fill("short again")
    expect(student.locator(".field-count")).to_be_hidden()


def test_code_is_offered_a_block_and_the_toolbar_makes_one(student: Page) -> None:
    open_discussion(student)
    text = student.get_by_label("Your comment", exact=True)
    text.fill("Why?\ndef f(self):\n    return self.__x__")
    student.get_by_role("button", name="Send the comment").click()
    student.get_by_role("button", name="Make it a code block").click()
    code = student.get_by_role("region", name="Preview").locator("pre")
    expect(code).to_have_text("def f(self):\n    return self.__x__\n")
    student.get_by_role("button", name="Send the comment").click()
    expect(shown(student, "Why?").locator("pre")).to_have_text("def f(self):\n    return self.__x__\n")
    text.fill("print(1)\nx = 2")
    text.press("ControlOrMeta+a")
    student.get_by_role("button", name="Code", exact=True).click()
    expect(text).to_have_value("```python\nprint(1)\nx = 2\n```")


def test_a_pasted_picture_is_refused_with_a_sentence(student: Page) -> None:
    open_discussion(student)
    text = student.get_by_label("Your comment", exact=True)
    text.evaluate(
        """field => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(8)], "image.png", { type: "image/png" }));
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    expect(student.get_by_role("alert")).to_contain_text("Comments cannot hold pictures")
    text.fill("then in words")
    expect(student.get_by_role("alert")).to_have_count(0)
