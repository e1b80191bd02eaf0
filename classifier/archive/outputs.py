"""Where an input's output stands, its parts, and what is known of them.

While an input is worked off its parts gather in a hidden folder beside its output, with
a note of what the input was; at its end they become the output.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from classifier.archive.folders import Folder, join_files
from classifier.errors import ArchiveError
from classifier.formats.sources import SINGLE, Source
from classifier.formats.streams import stat_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from classifier.archive.encoding import Format
    from classifier.tagging.tagger import Tagger

# What a folder of outputs was made by and with.
RUN_FILE = "_run.json"
# Beside the parts of an input: what it was when they were made.
_STATE_FILE = "_input"
# What an input was, where nothing tells.
_NOT_KNOWN = b"not known"


def folder_of_parts(name: str) -> str:
    """Return the folder in which the parts of an output are gathered."""
    parent, slash, last = name.rpartition("/")
    return f"{parent}{slash}.{last}.parts"


def name_of_part(part: int, form: Format) -> str:
    """Return the file name of a part."""
    return f"part-{part:05}{form.suffix}"


def name_outputs(sources: Iterable[Source], form: Format) -> list[tuple[Source, str]]:
    """Give each input the name of its output, in which no two are alike.

    The name is the input's without the suffix of its kind, or with it where two inputs
    differ by no more than that.
    """
    named = list(sources)
    stems = [_without_suffixes(source) for source in named]
    count = Counter(stems)
    names = [
        source.relative if count[stem] > 1 else stem
        for source, stem in zip(named, stems, strict=True)
    ]
    outputs: dict[str, Source] = {}
    for source, name in zip(named, names, strict=True):
        full = name + _suffix_of(source, form)
        if full in outputs:
            message = (
                f"{source.path} and {outputs[full].path} would both become {full}: "
                "give them in separate runs"
            )
            raise ArchiveError(message)
        outputs[full] = source
    for name, source in outputs.items():
        parents = name.split("/")[:-1]
        above = {"/".join(parents[: i + 1]) for i in range(len(parents))}
        if name == RUN_FILE or above & outputs.keys():
            message = (
                f"{source.path}: its output {name} would stand where something else "
                "does: give it in a separate run"
            )
            raise ArchiveError(message)
    return [(source, name) for name, source in outputs.items()]


def refuse_renamed(
    folder: Folder, form: Format, outputs: Iterable[tuple[Source, str]], where: str
) -> None:
    """Refuse to give an input a second output beside one of another name.

    An output's name changes as another input with the same name but for the suffix
    comes or goes.

    Raises
    ------
    ArchiveError
        If an output is there under the name that the input had before.
    """
    by_name = {name: source for source, name in outputs}
    for name, source in by_name.items():
        suffix = _suffix_of(source, form)
        for other in (source.relative, _without_suffixes(source)):
            former = other + suffix
            if former not in by_name and folder.has(former):
                message = (
                    f"{where}: {former} is there from an earlier run, and "
                    f"{source.path} would now become {name}: remove {former}, and go "
                    "on with --resume"
                )
                raise ArchiveError(message)


def is_done(folder: Folder, form: Format, source: Source, name: str) -> bool:
    """Tell whether an output is there, whole, and not older than its input."""
    if not folder.has(name) or folder.has(_mark_of(name)):
        return False
    if not form.is_joined and source.kind not in SINGLE:
        if not folder.has(f"{name}/{_STATE_FILE}"):
            return False
        with folder.read(f"{name}/{_STATE_FILE}") as file:
            return file.read() == _state(source)
    made = folder.changed(name)
    found = stat_source(source)
    if made is None or found is None or found.changed is None:
        return True
    return made >= found.changed


def find_parts(folder: Folder, source: Source, name: str) -> set[str]:
    """Return the parts of an input that an earlier run made.

    They go where the input has changed since.
    """
    hidden = folder_of_parts(name)
    state = _state(source)
    marker = f"{hidden}/{_STATE_FILE}"
    if folder.has(marker):
        with folder.read(marker) as file:
            before = file.read()
        if before == state and state != _NOT_KNOWN:
            return set(folder.names(hidden)) - {_STATE_FILE}
        folder.remove(hidden)
    folder.put(marker, lambda file: file.write(state))
    return set()


def finish(
    folder: Folder,
    form: Format,
    tagger: Tagger,
    name: str,
    parts: Sequence[str],
    *,
    is_whole: bool,
) -> bool:
    """Make an input's parts its output; tell whether there is one.

    Parameters
    ----------
    folder, form, tagger
        Where, in what form, and by what.
    name : str
        The output.
    parts : sequence of str
        The names of all its parts.
    is_whole : bool
        Whether the input was read to its end; if not, the output is marked, and a
        later run tries again.

    Raises
    ------
    ArchiveError
        If a part is gone.
    """
    hidden = folder_of_parts(name)
    gone = set(parts) - set(folder.names(hidden))
    if gone and not folder.has(hidden) and folder.has(name):
        return True  # another worker, taken for dead, has done it
    if gone:
        message = f"{name}: its part {min(gone)} is gone: go on with --resume"
        raise ArchiveError(message)
    if not parts:
        folder.remove(hidden)
        return False
    mark = _mark_of(name)
    if is_whole:
        folder.remove(mark)
    else:
        folder.put(mark, lambda file: file.write(b""))
    if form.is_joined:
        paths = [f"{hidden}/{part}" for part in parts]
        join_files(folder, paths, name, form.between, form.ends(tagger.issues))
        folder.remove(hidden)
    else:
        folder.remove(name)
        folder.move(hidden, name, _STATE_FILE)
    return True


def _suffix_of(source: Source, form: Format) -> str:
    """Return what stands behind the name of an output, nothing for a folder."""
    return "" if not form.is_joined and source.kind not in SINGLE else form.suffix


def _without_suffixes(source: Source) -> str:
    """Return an input's name below its folder without the suffixes of its kind."""
    if source.kind == "web":
        return source.relative
    cut = len(source.path) - len(source.stem)
    return source.relative[: len(source.relative) - cut].replace(os.sep, "/")


def _mark_of(name: str) -> str:
    """Return the file that says that an output lacks the end of its input."""
    parent, slash, last = name.rpartition("/")
    return f"{parent}{slash}.{last}.incomplete"


def _state(source: Source) -> bytes:
    """Return what tells whether an input has changed, as far as it is known."""
    found = stat_source(source)
    if found is None or found.changed is None:
        return _NOT_KNOWN
    return f"{found.size} bytes, changed at {found.changed}".encode()
