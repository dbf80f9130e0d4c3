"""ZIP files, checked before anything reads them: sizes declared and real, members, names, nesting, encryption."""

import io
import stat
import zipfile

from estate.sandbox import UnreadableFile

MAXIMUM_MEMBERS = 200
MAXIMUM_UNPACKED_BYTES = 256 * 1024 * 1024
MAXIMUM_RATIO = 100
SMALL_BYTES = 1024 * 1024
"""Below this a high ratio does no harm: a file of spaces compresses a thousandfold."""
CHUNK_BYTES = 1024 * 1024
NESTED = "The ZIP holds another ZIP. Send the inner one by itself."


def check_archive(
    content: bytes, *, may_nest: bool = True, maximum_bytes: int = MAXIMUM_UNPACKED_BYTES
) -> zipfile.ZipFile:
    """The archive, once it is known to be harmless; else one sentence."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise UnreadableFile(
            "The file is not a readable ZIP or spreadsheet. It may be damaged: save and send it again."
        ) from None
    if len(members) > MAXIMUM_MEMBERS:
        raise UnreadableFile(f"The file packs more than {MAXIMUM_MEMBERS} files. Send only the ones that are needed.")
    _check_names(members)
    if not may_nest and any(name.casefold().endswith(".zip") for name in archive.namelist()):
        raise UnreadableFile(NESTED)
    declared = sum(member.file_size for member in members)
    _check_size(declared, len(content), maximum_bytes)
    real = sum(_unpacked_size(archive, member, may_nest, maximum_bytes) for member in members)
    _check_size(real, len(content), maximum_bytes)
    return archive


def _check_names(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename.casefold() for member in members]
    if len(set(names)) != len(names):
        raise UnreadableFile("The ZIP holds two files of the same name. Pack it again.")
    for member in members:
        parts = member.filename.replace("\\", "/").split("/")
        if parts[0] == "" or ".." in parts or ":" in parts[0] or "\0" in member.orig_filename:
            raise UnreadableFile(
                "The ZIP holds a file with an absolute or relative path. Pack it again without folders."
            )
        if member.flag_bits & 0x1:
            raise UnreadableFile("The file is protected by a password. Save it without one.")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise UnreadableFile("The ZIP holds a link to another file. Pack it again with the files themselves.")


def _check_size(unpacked: int, packed: int, maximum_bytes: int) -> None:
    if unpacked > maximum_bytes:
        raise UnreadableFile(
            f"The file unpacks to more than {maximum_bytes // 1024**2} MiB. Split it into smaller files."
        )
    if unpacked > SMALL_BYTES and unpacked > MAXIMUM_RATIO * packed:
        raise UnreadableFile(
            "The file unpacks to more than a hundred times its size, as a trap would. It was not opened."
        )


def _unpacked_size(archive: zipfile.ZipFile, member: zipfile.ZipInfo, may_nest: bool, maximum_bytes: int) -> int:
    """The real size of one member, unpacked in pieces."""
    size = 0
    try:
        with archive.open(member) as file:
            while piece := file.read(CHUNK_BYTES):
                if not size and not may_nest and piece.startswith((b"PK\x03\x04", b"PK\x05\x06")):
                    raise UnreadableFile(NESTED)
                size += len(piece)
                if size > maximum_bytes:
                    break
    except Exception as error:
        if isinstance(error, UnreadableFile):
            raise
        # zlib, bz2 and lzma each have an error of their own.
        raise UnreadableFile("The file is damaged: what it packs can't be unpacked. Save and send it again.") from None
    return size
