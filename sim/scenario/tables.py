"""What all tables of a file have in common: names, texts, numbers in their declared ranges."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from sim.declare import Declaration
from sim.errors import Misfit

_NAME = re.compile(r"[\w][\w .,'()&+-]{0,59}")


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name) or name.strip() != name or ".." in name:
        right = (
            "1 to 60 letters, digits, spaces or . , ' ( ) & + - _, beginning with a letter or digit, without two dots in a row"
        )
        raise Misfit("not a name", value=name, right=right)
    return name


def check_line(text: str) -> str:
    """Refuse text with control characters or line breaks."""
    if not text.isprintable():
        raise Misfit("not one line of text", value=text, right="one line without control characters")
    return text


def check_text(text: str) -> str:
    """Refuse text with control characters other than line breaks and tabs."""
    if not all(c.isprintable() or c in "\n\r\t" for c in text):
        raise Misfit("control characters in a text", value=text[:80], right="text and line breaks only")
    return text


Name = Annotated[str, AfterValidator(_check_name)]
Share = Annotated[float, Field(ge=0, le=1)]


class Strict(BaseModel):
    """Base of all tables: unknown keys, NaN and silent conversions are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True, frozen=True)


def numeric_fields(rows: list[Declaration], *, optional: bool) -> dict[str, Any]:
    """Turn declarations into fields of a model: numbers in their ranges; None where nothing is said, if `optional`."""
    fields: dict[str, Any] = {}
    for row in rows:
        d = row.declared
        constraint = Field(default=None if optional else row.default, ge=d.low, le=d.high, description=f"{d.meaning} [{d.unit}]")
        fields[row.name] = (float | None if optional else float, constraint)
    return fields


def made_table(name: str, fields: dict[str, Any], base: type[BaseModel] = Strict) -> Any:
    """Make a model from declarations and leave it in this module under its name, so that scenarios can be pickled."""
    made = create_model(name, __base__=base, __module__=__name__, **fields)
    globals()[name] = made
    return made
