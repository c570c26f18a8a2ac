"""The one Jinja environment: every generated text is a template of `templates/` filled in with plain values."""

from __future__ import annotations

from functools import cache

import jinja2

from tinyc.paths import data_dir


def render(template: str, **context: object) -> str:
    """The text of `templates/<template>`. Raises jinja2.UndefinedError where `context` lacks what it needs.

    Values are escaped in pages (.html.j2) only: text on its way into C, make or scripts passes `plain` before.
    """
    return _environment().get_template(template).render(**context)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(data_dir("templates")),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    return environment
