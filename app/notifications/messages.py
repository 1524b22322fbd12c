"""The text of a notification, in the reader's language: the same on the page and in mail. Names are those that readers may see."""

from collections.abc import Mapping
from typing import Any

from app.accounts.names import public_name, titled
from app.board.models import CommentState
from app.board.text.mentions import mentioned_in
from app.core.i18n import N_, in_language, ngettext
from app.core.i18n import gettext as _
from app.jobs.models import Job, JobState
from app.jobs.sweeps.presenters import as_text, in_words
from app.notifications.models import Kind, Notification
from app.recipes.recipe import all_recipes
from app.web.templating import percent

# What a moderator, or a rule, did to one's comment.
DECISIONS = {
    "approve": N_("Everybody can see your comment now."),
    "reject": N_("Your comment was rejected."),
    "withhold": N_("Your comment is withheld until a moderator has looked at it."),
    "hold": N_("Your comment is withheld until a moderator has looked at it."),
    "delete": N_("A moderator has deleted your comment."),
    "restore": N_("Your comment is back."),
    "undo": N_("A decision about your comment was undone."),
}
# A kind's name on the settings page.
KINDS = {
    Kind.REPLY: N_("Somebody replies to you"),
    Kind.MENTION: N_("Somebody mentions you"),
    Kind.ANSWER: N_("A lecturer answers you"),
    Kind.FOLLOWED: N_("Somebody replies in a discussion that you follow"),
    Kind.FEATURED: N_("Your comment is featured"),
    Kind.LIKE: N_("Somebody likes your comment"),
    Kind.CHEER: N_("Somebody cheers your check-in"),
    Kind.JOB: N_("Your training has ended"),
    Kind.REVIEW: N_("There are questions to review"),
    Kind.MODERATION: N_("A moderator has reviewed your comment"),
    Kind.CLASS: N_("Your class has news, or you are invited to one"),
    Kind.TO_MODERATE: N_("Comments are withheld or reported"),
    Kind.PUBLICATION: N_("A scheduled lesson was not published"),
}
_TALK = {
    Kind.REPLY: N_("{name} replied to you."),
    Kind.MENTION: N_("{name} mentioned you."),
    Kind.ANSWER: N_("{name}, a lecturer, answered you."),
    Kind.FOLLOWED: N_("{name} replied in a discussion that you follow."),
}


def sentence(told: Notification) -> str:
    """Needs the actor and the job loaded."""
    kind = Kind(told.kind)
    if kind in _TALK:
        name = public_name(told.actor)
        return _(_TALK[kind]).format(name=name if kind == Kind.ANSWER else titled(name))
    if kind in {Kind.LIKE, Kind.CHEER}:
        return _gathered(kind, told)
    if kind == Kind.JOB:
        if not told.job:
            return ""
        return _sweep(told.job, told.details) if "sweep" in told.details else _job(told.job)
    if kind == Kind.TO_MODERATE:
        return _to_moderate(int(told.details.get("count", 0)))
    if kind == Kind.PUBLICATION:
        title = told.details.get("title", "")
        return _("“{title}” was not published as scheduled.").format(title=title)
    if kind == Kind.CLASS:
        is_invitation = told.details.get("act") == "invited"
        words = (
            N_("You are invited to the class “{title}”.")
            if is_invitation
            else N_("New in the class “{title}”: {text}")
        )
        return _(words).format(title=told.details.get("title", ""), text=told.details.get("text", ""))
    if kind == Kind.MODERATION:
        return _(DECISIONS.get(told.details["act"], KINDS[kind]))
    if kind == Kind.FEATURED:
        return _("Your comment was featured.")
    return _("Some questions you have answered are due for review today.")


def names_somebody(told: Notification) -> bool:
    """Whether its sentence says who did it: who moderates stays unsaid."""
    return Kind(told.kind) in {*_TALK, Kind.LIKE, Kind.CHEER}


def address(told: Notification) -> str:
    """The path of the page it is about; empty if that can no longer be seen."""
    if told.kind == Kind.JOB:
        return f"/sweeps/{told.details['sweep']}" if "sweep" in told.details else f"/jobs/{told.job_id}"
    if told.kind == Kind.REVIEW:
        return "/review"
    if told.kind == Kind.TO_MODERATE:
        return "/moderation"
    if told.kind == Kind.CLASS:
        return "/classes" if told.details.get("act") == "invited" else f"/classes/{told.details['class']}"
    if told.kind == Kind.PUBLICATION:
        return f"/authoring/lessons/{told.details['lesson']}"
    if told.kind == Kind.CHEER:
        return f"/check-ins/{told.check_in_id}"
    return f"/comments/{told.comment_id}" if is_there(told) else ""


def withdrawal(told: Notification) -> str:
    """Why it no longer applies, as a sentence; then it is neither quoted nor mailed. Empty if it still does."""
    kind, comment = Kind(told.kind), told.comment
    if comment is None or kind == Kind.MODERATION:
        return ""
    if not is_there(told):
        return _("This comment is no longer there.")
    if kind == Kind.MENTION and told.user_id not in mentioned_in(comment.html):
        return _("It does not mention you any more.")
    if kind == Kind.FEATURED and not comment.is_featured:
        return _("It is not featured any more.")
    return ""


def is_there(told: Notification) -> bool:
    """Whether its reader can open the comment: also one's own after a moderator's decision."""
    if told.comment is None or not told.is_place_open:
        return False
    return told.kind == Kind.MODERATION or told.comment.state == CommentState.VISIBLE


def is_quoted(told: Notification) -> bool:
    """A comment deleted by its author is not quoted even to the author."""
    if told.comment is None or not is_there(told) or withdrawal(told):
        return False
    return told.comment.state != CommentState.DELETED or told.details.get("act") == "delete"


def _gathered(kind: Kind, told: Notification) -> str:
    name, others = titled(public_name(told.actor)), max(0, len(told.actors) - 1)
    if kind == Kind.LIKE:
        if not others:
            return _("{name} likes your comment.").format(name=name)
        text = ngettext(
            "{name} and {count} other like your comment.",
            "{name} and {count} others like your comment.",
            others,
        )
    else:
        if not others:
            return _("{name} cheers your check-in.").format(name=name)
        text = ngettext(
            "{name} and {count} other cheer your check-in.",
            "{name} and {count} others cheer your check-in.",
            others,
        )
    return text.format(name=name, count=others)


def _to_moderate(count: int) -> str:
    if not count:
        return _("No comments are waiting for a moderator any more.")
    text = ngettext(
        "{count} withheld or reported comment is waiting for a moderator.",
        "{count} withheld or reported comments are waiting for a moderator.",
        count,
    )
    return text.format(count=count)


def _sweep(best: Job, details: Mapping[str, Any]) -> str:
    """`best` is one of its trainings: the best if any has succeeded."""
    title, recipe = _title(best), all_recipes().get(best.recipe)
    if details["value"] is None:
        return _("Your sweep “{title}” has ended: {count} runs, none with a result.").format(
            title=title, count=details["count"]
        )
    values = [
        as_text(in_words(recipe, name, best.hyperparameters.get(name, ""))) for name in details["settings"]
    ]
    return _("Your sweep “{title}” is done: {count} runs, best {value} at {values}.").format(
        title=title, count=details["count"], value=details["value"], values=_(", ").join(values)
    )


def _title(job: Job) -> str:
    recipe = all_recipes().get(job.recipe)
    return in_language(job.lab["title"]) if job.lab else in_language(recipe.title) if recipe else job.recipe


def _job(job: Job) -> str:
    title = _title(job)
    if job.state == JobState.FAILED:
        return _("Your training “{title}” has failed.").format(title=title)
    if job.test_accuracy is None:
        ended = N_("Your training “{title}” is done.")
        reached = N_("Your training “{title}” is done, and its goal is met.")
    else:
        ended = N_("Your training “{title}” is done: test accuracy {value}.")
        reached = N_("Your training “{title}” is done: test accuracy {value}, goal met.")
    has_goal = job.goal_reached_at is not None and bool((job.lab or {}).get("goal"))
    return _(reached if has_goal else ended).format(title=title, value=percent(job.test_accuracy))
