"""Who may do what: the one table. A route names its permission by a dependency (`app.accounts.dependencies`), a page shows the table
(/admin/permissions), and a test asks every route in every role.
"""

from collections.abc import Mapping
from enum import StrEnum

from app.core.i18n import N_


class Role(StrEnum):
    """Of an account, on the whole site. What somebody may do in a class is that class's matter: see ClassRole."""

    STUDENT = "student"
    ASSISTANT = "assistant"
    LECTURER = "lecturer"
    MODERATOR = "moderator"
    ADMIN = "admin"


class ClassRole(StrEnum):
    STUDENT = "student"
    ASSISTANT = "assistant"
    LECTURER = "lecturer"


class Permission(StrEnum):
    READ = "read"
    LEARN = "learn"
    MODERATE = "moderate"
    ANSWER = "answer"
    FEATURE = "feature"
    EDIT = "edit"
    TEACH = "teach"
    MANAGE = "manage"


class ClassPermission(StrEnum):
    ATTEND = "attend"
    SEE_MEMBERS = "see members"
    ANNOUNCE = "announce"
    RUN = "run"


STUDENT, ASSISTANT, LECTURER, MODERATOR, ADMIN = Role
# Roles that look after the class. They are shown by name.
STAFF = (ASSISTANT, LECTURER, MODERATOR, ADMIN)

# None is a visitor.
PERMISSIONS: Mapping[Permission, frozenset[Role | None]] = {
    Permission.READ: frozenset({None, *Role}),
    Permission.LEARN: frozenset(Role),
    Permission.MODERATE: frozenset(STAFF),
    Permission.ANSWER: frozenset({ASSISTANT, LECTURER, ADMIN}),
    Permission.FEATURE: frozenset({LECTURER, ADMIN}),
    Permission.EDIT: frozenset({LECTURER, ADMIN}),
    Permission.TEACH: frozenset({LECTURER, ADMIN}),
    Permission.MANAGE: frozenset({ADMIN}),
}

# In one's own classes; whoever is not in a class does not find it. Admins are lecturers of every class.
CLASS_PERMISSIONS: Mapping[ClassPermission, frozenset[ClassRole]] = {
    ClassPermission.ATTEND: frozenset(ClassRole),
    ClassPermission.SEE_MEMBERS: frozenset({ClassRole.ASSISTANT, ClassRole.LECTURER}),
    ClassPermission.ANNOUNCE: frozenset({ClassRole.ASSISTANT, ClassRole.LECTURER}),
    ClassPermission.RUN: frozenset({ClassRole.LECTURER}),
}

IN_WORDS: Mapping[Permission | ClassPermission, str] = {
    Permission.READ: N_("Read lessons, recipes and the board; answer questions; try a short training"),
    Permission.LEARN: N_("Train, write, check in, take notes; change and delete what is one’s own"),
    Permission.MODERATE: N_("Decide on reported and waiting comments; delete and restore comments"),
    Permission.ANSWER: N_("Replies are marked as answers"),
    Permission.FEATURE: N_("Feature and pin comments"),
    Permission.EDIT: N_("Write, publish and arrange lessons and courses"),
    Permission.TEACH: N_("Open classes, and run those of which one is a lecturer"),
    Permission.MANAGE: N_(
        "Manage people and all trainings, import columns, read the journal; see every class"
    ),
    ClassPermission.ATTEND: N_("Read the class’s page, its plan and its announcements"),
    ClassPermission.SEE_MEMBERS: N_("See who is in the class, their progress, and what the class finds hard"),
    ClassPermission.ANNOUNCE: N_("Write announcements"),
    ClassPermission.RUN: N_("Invite and remove people, appoint staff, change plan and dates, export grades"),
}


def may(role: str | None, permission: Permission) -> bool:
    """`role` is None for a visitor."""
    return role in PERMISSIONS[permission]
