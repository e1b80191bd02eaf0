"""Runs over archives."""

import json
import re
import sys
from pathlib import Path

import pytest
from samples import MORE, TEXT, bad_files, good_files, jsonl

from classifier.archive.run import run
from classifier.archive.work import Job
from classifier.errors import ArchiveError
from classifier.formats.sources import ReadingOptions, find_sources
from classifier.tagging.tagger import load

ROOT = Path(__file__).parents[2]


@pytest.fixture
def archive(version):
    """Run an archive with the small model, and return the summary and the lines."""

    def start(paths, folder, *, form="jsonl", on_progress=None, **options):
        job = Job(
            str(folder),
            form,
            ReadingOptions(options.pop("columns", {})),
            {"threshold": None, "issues": None, "top": options.pop("top", None)},
        )
        lines = []
        summary = run(
            load(version),
            list(find_sources(map(str, paths))),
            job,
            report=lines.append,
            warn=lines.append,
            progress=on_progress or (lambda *_: None),
            **options,
        )
        return summary, lines

    return start


@pytest.fixture
def small_parts(monkeypatch):
    """Cut inputs into parts of a few records."""
    monkeypatch.setattr("classifier.archive.work._PART", 300)
    monkeypatch.setattr("classifier.archive.work._PART_PARAGRAPHS", 5)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder by name."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def rows(n: int) -> bytes:
    """Return so many records, a few of which have no text."""
    texts = (f"{TEXT} {i}" if i % 10 else "" for i in range(n))
    return jsonl([{"id": str(i), "text": text} for i, text in enumerate(texts)])


def test_every_input_has_an_output(archive, tmp_path):
    """Good files of every kind each become one, and the summary counts them."""
    source = tmp_path / "in"
    source.mkdir()
    for name, data in good_files().items():
        (source / name).write_bytes(data)

    summary, lines = archive([source], tmp_path / "out")

    assert lines == []
    names = {name.split(".")[0] + ".jsonl" for name in good_files()}
    assert set(contents(tmp_path / "out")) == {*names, "_run.json"}
    records = [
        json.loads(line)
        for name in names
        for line in (tmp_path / "out" / name).read_text().splitlines()
    ]
    assert summary.n_inputs == len(names)
    assert summary.n_paragraphs == len(records)
    assert summary.n_tagged == sum(bool(record["issues"]) for record in records)
    assert all(TEXT in r["text"] or MORE in r["text"] for r in records[:2])


def test_bad_inputs_cost_themselves_alone(archive, tmp_path):
    """Each broken file gets a line and no output; nothing is left of it."""
    source = tmp_path / "in"
    source.mkdir()
    (source / "good.txt").write_text(TEXT)
    for name, (data, _) in bad_files().items():
        (source / name).write_bytes(data)

    summary, lines = archive([source], tmp_path / "out")

    assert set(contents(tmp_path / "out")) == {"good.jsonl", "_run.json"}
    assert summary.n_failed == len(bad_files())
    for name in bad_files():
        assert any(line.startswith(str(source / name)) for line in lines), name
    assert [p.name for p in (tmp_path / "out").iterdir() if p.name[0] == "."] == []


@pytest.mark.parametrize("form", ["jsonl", "json", "csv", "parquet"])
def test_parts_make_what_one_piece_makes(archive, tmp_path, form, monkeypatch):
    """However an input is cut, the output holds the same."""
    (tmp_path / "a.jsonl").write_bytes(rows(40))
    archive([tmp_path / "a.jsonl"], tmp_path / "whole", form=form)
    monkeypatch.setattr("classifier.archive.work._PART", 300)
    archive([tmp_path / "a.jsonl"], tmp_path / "parts", form=form)

    whole, parts = contents(tmp_path / "whole"), contents(tmp_path / "parts")

    if form != "parquet":
        assert whole == parts
        if form == "json":
            assert len(json.loads(whole["a.json"])) == 36
        return
    import pandas as pd

    assert len(parts) > 5
    frame = pd.read_parquet(tmp_path / "parts")
    pd.testing.assert_frame_equal(frame, pd.read_parquet(tmp_path / "whole"))
    assert len(frame) == 36


@pytest.mark.usefixtures("small_parts")
def test_of_many_problems_some_are_shown_and_all_counted(archive, tmp_path):
    """An input whose every record is bad does not fill the screen; none is silent."""
    (tmp_path / "a.jsonl").write_text('{"x": 1}\n' * 200)
    (tmp_path / "b.jsonl").write_text("\n")

    summary, lines = archive(
        [tmp_path / "a.jsonl", tmp_path / "b.jsonl"], tmp_path / "o"
    )

    assert (summary.n_problems, summary.n_failed) == (201, 2)
    assert len(lines) == 22
    assert lines[20].endswith("a.jsonl: more such lines are only counted")
    assert lines[21].endswith("b.jsonl: no article in it")


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_what_stands_before_a_damage_is_tagged(archive, tmp_path, form, n_jobs):
    """A file that is cut off gives what it holds, and is tried again till whole."""
    path, out = tmp_path / "a.csv", tmp_path / "out"
    good = "text,id\n" + "".join(f'"{TEXT}",{i}\n' for i in range(30))
    path.write_text(f'{good}"cut')

    def tagged() -> int:
        if form == "jsonl":
            return (out / "a.jsonl").read_bytes().count(b"\n")
        import pyarrow.parquet as pq

        return pq.read_table(out / "a").num_rows

    first, lines = archive([path], out, form=form, n_jobs=n_jobs)
    assert (tagged(), first.n_problems, first.n_failed) == (30, 1, 0)
    assert lines == [f"{path}:32: cut off: a quoted field has no end"]
    again, _ = archive([path], out, form=form, n_jobs=n_jobs, resume=True)
    assert (tagged(), again.n_problems, again.n_skipped) == (30, 1, 0)
    path.write_text(f"{good}{MORE.replace(',', '')},x\n")
    mended, _ = archive([path], out, form=form, n_jobs=n_jobs, resume=True)
    assert (tagged(), mended.n_problems) == (31, 0)
    last, _ = archive([path], out, form=form, n_jobs=n_jobs, resume=True)
    assert last.n_skipped == 1


def test_a_bad_file_leaves_no_mark_on_others(archive, tmp_path):
    """Files done with it in one go are whole, and not done again."""
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.txt").write_bytes(b"\x89PNG\x00")
    for number in range(9):
        (source / f"b{number}.jsonl").write_bytes(rows(3))

    archive([source], tmp_path / "out", n_jobs=2)
    summary, _ = archive([source], tmp_path / "out", n_jobs=2, resume=True)

    assert not list((tmp_path / "out").glob(".*"))
    assert (summary.n_skipped, summary.n_failed) == (9, 1)


def test_what_is_in_the_folder_stays(archive, tmp_path):
    """Neither hidden files nor an output's namesake are touched."""
    out = tmp_path / "out"
    out.mkdir()
    for name in (".env.template", ".env.defaults", "a.jsonl"):
        (out / name).write_text("mine")
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "b.txt").write_text(TEXT)

    with pytest.raises(ArchiveError, match=r"a\.jsonl is there already"):
        archive([tmp_path / "a.txt"], out)
    (out / "_run.json").unlink()
    archive([tmp_path / "b.txt"], out)

    mine = {name for name, data in contents(out).items() if data == b"mine"}
    assert mine == {".env.template", ".env.defaults", "a.jsonl"}


def test_half_a_character_is_no_reason_to_stop(archive, tmp_path):
    """What no file can hold is replaced, in texts and in titles."""
    record = (
        '{"id": "1", "title": "x \\ud83d", "text": "Tariffs \\ud83d", "paragraph": '
    )
    (tmp_path / "a.jsonl").write_text(f"{record}2}}\n{record}20240101000001}}\n")
    for form in ("jsonl", "parquet", "csv"):
        summary, lines = archive([tmp_path / "a.jsonl"], tmp_path / form, form=form)
        assert (summary.n_articles, lines) == (2, [])


class _StoppedError(Exception):
    """Stands for whatever ends a run."""


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
@pytest.mark.usefixtures("small_parts")
def test_a_stopped_run_goes_on_where_it_was(archive, tmp_path, form):
    """Resumed after any part, a run ends with the bytes of one never stopped."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_bytes(rows(40))
    paths = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    archive(paths, tmp_path / "whole", form=form)
    expected = contents(tmp_path / "whole")

    for after in (1, 4, 12):
        seen = []
        folder = tmp_path / f"stopped{after}"

        def stop(*_, seen=seen, after=after):
            seen.append(1)
            if len(seen) == after:
                raise _StoppedError

        with pytest.raises(_StoppedError):
            archive(paths, folder, form=form, on_progress=stop)
        assert contents(folder) != expected
        with pytest.raises(ArchiveError, match="go on with --resume"):
            archive(paths, folder, form=form)

        summary, _ = archive(paths, folder, form=form, resume=True)

        assert contents(folder) == expected
        assert summary.n_articles < 72  # what was there has not been tagged again


@pytest.mark.usefixtures("small_parts")
def test_an_input_that_changed_is_done_again(archive, tmp_path):
    """Parts of what an input was do not end up with parts of what it is."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(rows(40))
    calls = []

    def stop(*_):
        calls.append(1)
        if len(calls) == 3:
            raise _StoppedError

    with pytest.raises(_StoppedError):
        archive([path], tmp_path / "out", on_progress=stop)
    path.write_bytes(jsonl([{"id": "new", "text": MORE}]))

    archive([path], tmp_path / "out", resume=True)

    records = (tmp_path / "out" / "a.jsonl").read_text().splitlines()
    assert [json.loads(record)["article"] for record in records] == ["new"]


def test_a_folder_does_not_mix_runs(archive, tmp_path):
    """Another selection of tags is refused, and what differs is named."""
    (tmp_path / "a.txt").write_text(TEXT)
    archive([tmp_path / "a.txt"], tmp_path / "out")

    with pytest.raises(ArchiveError, match=r"another top \(None, now 2\)"):
        archive([tmp_path / "a.txt"], tmp_path / "out", resume=True, top=2)


def test_outputs_are_told_apart(archive, tmp_path):
    """Inputs that differ by their suffix keep it; the same name twice is refused."""
    for name in ("a.txt", "a.md", "b/a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TEXT)

    archive([tmp_path / "a.txt", tmp_path / "a.md"], tmp_path / "out")
    assert set(contents(tmp_path / "out")) == {
        "a.txt.jsonl",
        "a.md.jsonl",
        "_run.json",
    }
    with pytest.raises(ArchiveError, match=r"would both become a\.txt\.jsonl"):
        archive([tmp_path / "a.txt", tmp_path / "b" / "a.txt"], tmp_path / "out2")


@pytest.mark.usefixtures("small_parts")
def test_any_number_of_processes_gives_the_same_bytes(archive, tmp_path):
    """Two processes share the work and change nothing."""
    (tmp_path / "a.jsonl").write_bytes(rows(30))
    (tmp_path / "b.txt").write_text(TEXT)
    paths = [tmp_path / "a.jsonl", tmp_path / "b.txt"]
    alone, lines = archive(paths, tmp_path / "one", n_jobs=1)

    both, more = archive(paths, tmp_path / "two", n_jobs=2)

    # The parts were cut here, and tagged by processes that cut as they are used to.
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert (alone, sorted(lines)) == (both, sorted(more))
    assert len(lines) == 3


@pytest.mark.parametrize(("n_inputs", "takes_part"), [(1, True), (8, False)])
def test_who_gives_out_whole_inputs_does_nothing_else(
    archive, tmp_path, monkeypatch, n_inputs, takes_part
):
    """One that was at work on a large input would keep the others waiting."""
    asked = []

    def spy(work, tasks, n_jobs, **options):
        asked.append((n_jobs, options))
        yield from map(work, tasks)

    monkeypatch.setattr("classifier.archive.run.share", spy)
    source = tmp_path / "in"
    source.mkdir()
    for number in range(n_inputs):
        (source / f"{number}.jsonl").write_bytes(rows(3))

    archive([source], tmp_path / "out", n_jobs=2)

    assert asked == [(2, {"takes_part": takes_part})]


def test_files_named_by_urls_are_read_and_written(archive, tmp_path):
    """A file system that fsspec knows does as well as a folder."""
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.makedirs("/in/sub", exist_ok=True)
    for name, data in (("sub/a.jsonl", rows(40)), ("b.txt", TEXT.encode())):
        memory.pipe(f"/in/{name}", data)
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(data)
    try:
        for form in ("jsonl", "parquet"):
            archive(["memory://in"], f"memory://out-{form}", form=form)
            archive([tmp_path / "in"], tmp_path / form, form=form)

            root = f"/out-{form}/"
            found = {
                path.removeprefix(root): memory.cat(path) for path in memory.find(root)
            }
            expected = contents(tmp_path / form)
            assert set(found) == set(expected)
            if form == "jsonl":
                assert found["b.jsonl"] == expected["b.jsonl"].replace(
                    str(tmp_path / "in").encode(), b"memory://in"
                ).replace(b"memory://in", b"memory:///in")
    finally:
        memory.rm("/", recursive=True)


def test_a_large_run_is_compiled_to_its_end(archive, tmp_path, monkeypatch):
    """All inputs together decide, once: one that comes later is scored alike."""
    from classifier.model import compiled

    calls = []
    loop = compiled.evidence

    def spy(*arguments):
        calls.append(len(arguments[1]))
        return loop(*arguments)

    monkeypatch.setattr(compiled, "evidence", spy)
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_bytes(rows(20))
    paths = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    archive(paths, tmp_path / "small", n_jobs=1)
    assert not calls

    monkeypatch.setattr("classifier.archive.run._WORTH_COMPILING", 100)
    archive(paths[:1], tmp_path / "large", n_jobs=1)
    monkeypatch.undo()
    monkeypatch.setattr(compiled, "evidence", spy)
    assert calls == [18]
    archive(paths, tmp_path / "large", n_jobs=1, resume=True)

    assert calls == [18, 18]
    small, large = contents(tmp_path / "small"), contents(tmp_path / "large")
    assert small["b.jsonl"] == large["b.jsonl"]


def test_names_and_changes_are_the_same_behind_a_url(archive, tmp_path):
    """Names like patterns are names, and what has changed is done again."""
    import fsspec

    memory = fsspec.filesystem("memory")
    seen = []

    def look(_summary, _position, total):
        seen.append(total)

    def go(form, **options):
        url = f"memory://to-{form}"
        done, _ = archive(["memory://[in]"], url, form=form, **options)
        root = f"/to-{form}/"
        names = {path.removeprefix(root) for path in memory.find(root)}
        return done, {n for n in names if not n.rpartition("/")[2].startswith("_")}

    try:
        for form in ("jsonl", "parquet"):
            memory.pipe("/[in]/a [1]*.jsonl", rows(40))
            memory.pipe("/[in]/b?.txt", TEXT.encode())
            (_, made), (again, _) = (
                go(form, on_progress=look),
                go(form, resume=True),
            )
            memory.pipe("/[in]/a [1]*.jsonl", rows(50))
            changed, kept = go(form, resume=True)

            many = "a [1]*.jsonl" if form == "jsonl" else "a [1]*/part-00000.parquet"
            assert made == kept == {many, f"b?.{form}"}
            assert (again.n_skipped, changed.n_skipped) == (2, 1)
            assert changed.n_articles == 45
        assert set(seen) == {len(rows(40)) + len(TEXT)}
    finally:
        memory.rm("/", recursive=True)


def test_what_a_file_system_raises_is_a_line(archive, tmp_path):
    """Neither inputs nor outputs that nobody answers for end in a traceback."""
    import fsspec

    class Broken(fsspec.implementations.memory.MemoryFileSystem):
        protocol = "broken"

        def info(self, *_, **__):
            message = "no credentials\nat all"
            raise RuntimeError(message)

        _open = info

    fsspec.register_implementation("broken", Broken, clobber=True)
    (tmp_path / "a.txt").write_text(TEXT)

    with pytest.raises(OSError, match=r"_run.json: cannot write it: no credentials$"):
        archive([tmp_path / "a.txt"], "broken://x")
    summary, lines = archive(["broken://in"], tmp_path / "out")

    assert summary.n_failed == 1
    assert lines == ["broken://in: cannot open it: no credentials"]


def test_a_name_that_changed_is_no_second_output(archive, tmp_path):
    """An input whose output would have another name now is told, not tagged twice."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(TEXT)
    archive([tmp_path / "in"], tmp_path / "out")
    (tmp_path / "in" / "a.md").write_text(TEXT)

    with pytest.raises(ArchiveError, match=r"a\.jsonl is there.*remove a\.jsonl"):
        archive([tmp_path / "in"], tmp_path / "out", resume=True)

    (tmp_path / "out" / "a.jsonl").unlink()
    archive([tmp_path / "in"], tmp_path / "out", resume=True)
    assert set(contents(tmp_path / "out")) == {
        *("a.md.jsonl", "a.txt.jsonl"),
        "_run.json",
    }


def test_the_documents_example_runs(archive, tmp_path, monkeypatch):
    """DuckDB and pandas read the outputs as the documents show."""
    rows_ = [{"id": i, "date": f"2024-0{i}-02", "text": TEXT} for i in (1, 2, 2)]
    (tmp_path / "archive.jsonl").write_bytes(jsonl(rows_))
    archive([tmp_path / "archive.jsonl"], tmp_path / "tagged", form="parquet")
    page = (ROOT / "docs" / "archives.md").read_text()
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert code
    monkeypatch.chdir(tmp_path)
    names: dict = {}

    exec(compile(code[1], "archives.md", "exec"), names)  # noqa: S102 - our own text

    assert names["per_month"].fetchall() == [("2024-01", 1), ("2024-02", 2)]
    assert list(names["frame"]["issues"][0]) == ["taiwan"]
    assert sys.modules["duckdb"]
