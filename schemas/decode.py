"""From bytes to an event: msgspec where the bytes are right, pydantic to say what is wrong.

The pydantic models are the contract. For the common case a `msgspec.Struct` is derived from each of them, field
by field, and decodes in a third of the time; whatever it refuses goes to pydantic, whose word is final. So the two
can differ only where the fast one accepts what the model refuses, which `tests/schemas/test_decode.py` hunts for.
"""

from __future__ import annotations

import json
import types
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Union, cast, get_args, get_origin

import msgspec
from pydantic import AwareDatetime, BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from schemas.base import MAX_EVENT_BYTES
from schemas.envelope import Envelope, TypeName
from schemas.events import EVENTS, FAMILIES


class Unreadable(Exception):
    """Bytes that are no event we can judge: `code` names why, `detail` where."""

    def __init__(self, code: str, detail: str, head: dict[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.head = head or {}
        """The envelope's own members, as far as they could be read."""


def decode(value: bytes | None) -> Envelope:
    """The event in `value`, by its own type's model.

    Raises:
        Unreadable: NULL-VALUE, SIZE, UTF8, JSON, NOT-CLOUDEVENT, UNKNOWN-TYPE, UNKNOWN-VERSION or INVALID.
    """
    if value is None:
        raise Unreadable("NULL-VALUE", "a record without a value; a retraction is an event, never a null")
    if len(value) > MAX_EVENT_BYTES:
        raise Unreadable("SIZE", f"{len(value)} bytes, more than {MAX_EVENT_BYTES}")
    try:
        value.decode()  # msgspec does not look into members that nobody asked for
        return cast("Envelope", _ANY_EVENT.decode(value))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _explain(value)


def _explain(value: bytes) -> Envelope:
    """The slow way round: what pydantic makes of it, or the reason why it is nothing."""
    head = _parse(value)
    if not isinstance(head, dict) or "specversion" not in head:
        raise Unreadable("NOT-CLOUDEVENT", "no JSON object with a specversion")
    name = TypeName.parse(str(head.get("type", "")))
    model = EVENTS.get(str(head.get("type", "")))
    if model is None and name is not None and name.family in FAMILIES and _verb_is_known(name):
        raise Unreadable("UNKNOWN-VERSION", f"type {head['type']}: version {name.version} is not known here", head)
    if model is None:
        raise Unreadable("UNKNOWN-TYPE", f"type {str(head.get('type'))[:200]!r}", head)
    try:
        return model.model_validate_json(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = "/" + "/".join(str(part) for part in first["loc"])
        raise Unreadable("INVALID", f"{place}: {first['msg']}", head) from error


def _parse(value: bytes) -> object:
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        raise Unreadable("UTF8", f"byte {error.start} is no UTF-8") from error
    try:
        return json.loads(text)
    except RecursionError as error:
        raise Unreadable("JSON", "nested too deeply") from error
    except ValueError as error:
        raise Unreadable("JSON", str(error)[:200]) from error


def _verb_is_known(name: TypeName) -> bool:
    return any(TypeName.parse(known) == TypeName(name.family, name.verb, 1) for known in EVENTS)


@cache
def _struct(model: type[BaseModel], tag: str | None = None) -> type[msgspec.Struct]:
    """The struct with the fields of `model`; `tag` is the value of `type` that picks it from a union."""
    fields = [
        (name, _annotation(info), _default(info))
        for name, info in model.model_fields.items()
        if not tag or name != "type"
    ]
    required = [field[:2] for field in fields if field[2] is msgspec.NODEFAULT]
    optional = [field for field in fields if field[2] is not msgspec.NODEFAULT]
    return msgspec.defstruct(
        model.__name__, [*required, *optional], frozen=True, kw_only=True,
        tag_field="type" if tag else None, tag=tag, namespace={"type": property(lambda _: tag)} if tag else None,
    )  # fmt: skip


def _default(info: FieldInfo) -> object:
    if info.default is PydanticUndefined:
        return msgspec.NODEFAULT
    return msgspec.field(default_factory=dict) if info.default == {} else info.default


def _annotation(info: FieldInfo) -> object:
    return _bounded(_convert(info.annotation), info.metadata)


def _convert(annotation: Any) -> Any:
    """`annotation` with every model in it made a struct."""
    origin, args = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _struct(annotation)
    if annotation is AwareDatetime:
        return _aware()
    if origin is Annotated:
        return _bounded(_convert(args[0]), args[1:])
    if origin in (Union, types.UnionType):
        return Union[tuple(_convert(arg) for arg in args)]  # noqa: UP007 - built at run time
    if origin is tuple:
        return types.GenericAlias(tuple, (_convert(args[0]), ...))
    if origin is dict:
        return types.GenericAlias(dict, (_convert(args[0]), _convert(args[1])))
    return annotation


def _bounded(annotation: Any, metadata: Any) -> Any:
    """`annotation` with pydantic's limits as msgspec's."""
    limits: dict[str, Any] = {}
    for item in metadata:
        for part in item.metadata if isinstance(item, FieldInfo) else (item,):
            for name in ("ge", "le", "min_length", "max_length", "pattern"):
                if (value := getattr(part, name, None)) is not None:
                    limits[name] = value.replace("$", r"\Z") if name == "pattern" else value
    return Annotated[annotation, msgspec.Meta(**limits)] if limits else annotation


def _aware() -> Any:
    """An instant with its offset; a time without one is refused."""
    return Annotated[datetime, msgspec.Meta(tz=True)]


_ANY_EVENT: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
    Union[tuple(_struct(model, name) for name, model in EVENTS.items())]  # noqa: UP007 - built at run time
)
