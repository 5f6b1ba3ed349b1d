"""What the page's server keeps: a session as a result, results in one folder, and no image."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from disks import full_disk
from factories import make_run
from page_world import CAT, ROCKET, World, fault
from resnet_bench.results.files import load, written


def test_a_session_is_a_result_file_that_the_other_commands_read(world: World, tmp_path: Path) -> None:
    for photo in (CAT, ROCKET, CAT):
        world.classify(photo)
    assert world.server.unsaved_count == 3
    with world.client() as client:
        download = client.get("/session.json")
        name = client.post("/results").json()["name"]
    assert world.server.unsaved_count == 0
    assert "attachment" in download.headers["content-disposition"]
    (tmp_path / "download.json").write_bytes(download.content)
    for run in (load(tmp_path / "download.json"), load(world.folder / name)):
        assert run.settings.command == "serve"
        assert [ref.name for ref in run.images] == ["chelsea.png", "rocket.jpg"]
        assert len(run.samples) == 6
        assert (run.settings.cold, run.settings.runs) == (1, 2)
        assert run.finished


def test_images_are_on_no_disk(world: World, tmp_path: Path) -> None:
    world.classify(CAT)
    with world.client() as client:
        client.post("/results")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert b"PNG\r\n" not in files[0].read_bytes()


def test_the_history_shows_every_call_newest_first(world: World) -> None:
    with world.client() as client:
        assert "Nothing has been classified" in client.get("/history").text
        world.classify(CAT)
        world.classify(ROCKET)
        shown = client.get("/history").text
        listed = client.get("/classifications").json()
    table = shown[shown.index("<table") :]
    assert table.index("rocket.jpg") < table.index("chelsea.png")
    assert "--runs 60" in table  # how to do away with a doubt
    assert [(one["id"], one["image"]["name"]) for one in listed] == [(1, "chelsea.png"), (2, "rocket.jpg")]


def test_before_anything_is_classified_there_is_nothing_to_save(world: World) -> None:
    with world.client() as client:
        assert fault(client.get("/session.json"))[0] == 404
        assert fault(client.post("/results"))[0] == 409
    assert not world.folder.exists()


def test_saved_results_are_listed_and_drawn_and_nothing_else_of_the_disk_is(world: World, tmp_path: Path) -> None:
    world.classify(CAT)
    secret = tmp_path / "secret.json"
    with world.client() as client:
        name = client.post("/results").json()["name"]
        secret.write_bytes((world.folder / name).read_bytes())
        (world.folder / "link.json").symlink_to(secret)
        (world.folder / "broken.json").write_text('{"half":')
        (world.folder / "old.txt").write_text("no result")
        listing = client.get("/results").text
        assert name in listing
        assert "broken.json" in listing
        assert "link.json" not in listing
        assert "old.txt" not in listing
        report = client.get(f"/results/{name}")
        assert report.status_code == 200
        assert "chelsea.png" in report.text
        assert fault(client.get("/results/broken.json")) == (422, "ResultError")
        for outside in ("link.json", "..%2Fsecret.json", "%2Fetc%2Fpasswd", "nothing.json", "old.txt"):
            assert client.get(f"/results/{outside}").status_code == 404, outside


@pytest.mark.parametrize("when", ["", "yesterday", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_result_of_no_moment_does_not_keep_the_others_from_being_listed(steady: World, when: str) -> None:
    steady.folder.mkdir(exist_ok=True)
    (steady.folder / "whole.json").write_bytes(written(make_run(runs=1)))
    (steady.folder / "when.json").write_bytes(written(replace(make_run(runs=1), created_at=when)))
    with steady.client() as client:
        listing = client.get("/results").text
    assert 'data-result="whole.json"' in listing
    assert "it does not tell when it was made" in listing


@pytest.mark.parametrize("room", [0, 3000, 9000])
def test_a_session_that_finds_no_room_leaves_nothing_and_can_be_saved_later(world: World, room: int) -> None:
    world.classify(CAT)
    world.classify(ROCKET)
    with world.client() as client:
        with full_disk(room):
            answer = client.post("/results")
        assert fault(answer) == (422, "ResultError")
        assert "The session is here" in answer.json()["error"]["hint"]
        assert list(world.folder.iterdir()) == []
        assert world.server.unsaved_count == 2
        assert client.post("/results").status_code == 201
