from fastapi import Request
from starlette.datastructures import UploadFile

from app.authoring.pictures import service
from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.web.fields import number_from
from app.web.security.csrf import checked_form


async def uploaded(request: Request) -> bytes | Invalid:
    """Dependency: the content of the form's file `picture`, or why it is refused (the route shows that on its page)."""
    declared = number_from(
        request.headers.get("content-length", ""), otherwise=service.MOST_BYTES + service.FORM_BYTES + 1
    )
    if declared > service.MOST_BYTES + service.FORM_BYTES:
        return service.too_large()
    file = (await checked_form(request)).get("picture")
    if not isinstance(file, UploadFile) or not file.size:
        return service.refused(_("Please choose a picture first."))
    return await file.read(service.MOST_BYTES + 1)
