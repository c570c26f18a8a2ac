"""The README's picture is what its script draws, and names parts of tinyc that exist."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from scripts.pipeline import ARROWS, BOX, BOX_HEIGHT, BOXES, HEIGHT, TARGET, WIDTH, picture
from tests.test_layering import ALLOWED


def test_the_committed_picture_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == picture(), "run `make docs`"


def test_it_loads_nothing_and_stays_within_its_frame() -> None:
    root = ET.fromstring(picture())
    assert not [element for element in root.iter() if "href" in " ".join(element.attrib)]
    for box in BOXES:
        assert 0 <= box.left <= WIDTH - BOX
        assert 0 <= box.top <= HEIGHT - BOX_HEIGHT


def test_its_rooms_exist() -> None:
    rooms = {room for arrow in ARROWS for room in arrow.rooms}
    assert rooms <= ALLOWED.keys()
    assert {"frontends", "passes", "kernels", "schedule", "codegen", "emulate", "verify"} <= rooms
