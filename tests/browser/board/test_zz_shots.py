from playwright.sync_api import Page

from tests.browser.board.talk import open_discussion

LONG = "\n\n".join(
    f"第 {n} 段：学习率太大时损失会爆炸，太小时又走得很慢，我把每一步都记了下来，想请大家看看。"
    for n in range(24)
)


def test_shots(student: Page) -> None:
    student.request.post("/preferences", form={"language": "zh"}, headers={"Sec-Fetch-Site": "same-origin"})
    open_discussion(student, "/board")
    form = student.locator("#form-comment")
    form.locator("[name=title]").fill("损失一直停在 2.303，怎么办？")
    form.locator("textarea").fill(LONG)
    form.locator("button[value=send]").click()
    student.wait_for_timeout(1500)
    form = student.locator("#form-comment")
    form.locator("textarea").fill("看看这段：\ndef f(x):\n    return x")
    form.locator("button[value=send]").click()
    student.wait_for_timeout(1000)
    for scheme in ("light", "dark"):
        for width in (360, 1440):
            student.emulate_media(color_scheme=scheme)
            student.set_viewport_size({"width": width, "height": 900})
            student.wait_for_timeout(300)
            student.screenshot(path=f"/tmp/board/board-{scheme}-{width}.png", full_page=True)
    student.emulate_media(color_scheme="light")
    student.set_viewport_size({"width": 1440, "height": 900})
    student.locator(".comment-menu summary").first.click()
    student.screenshot(path="/tmp/board/menu.png")
    student.goto("/search?q=学习率怎么选")
    student.screenshot(path="/tmp/board/search.png", full_page=True)
    student.goto("/courses/deep-learning/lessons/05-neuron-activation#end")
    student.wait_for_timeout(500)
    student.screenshot(path="/tmp/board/lesson-end.png")
