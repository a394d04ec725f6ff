"""The literature to cite: the tool, the methods of a study, and its data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hecsr import tables
from hecsr.errors import TableError
from hecsr.formula.printers.latex import escape
from hecsr.formula.published.literature import literature
from hecsr.report.entries import Entry
from hecsr.report.methods import ENGINES, tool, used
from hecsr.tables.reference import arxiv_number, parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.report.view import View

_HEAD: Final = """% The tool, the methods of this study, and the sources of its data.
% Sources of data have the fields that are stated with the data: a title is left out
% where none is, and a source in an uncertain form stands as a note. Where `annote`
% says that a reference was not read, look it up before you cite it.
% Needs \\usepackage{url}."""
_SEARCHED: Final = """% The sources of the other descriptors that entered the search; no
% formula printed rests on them."""
_KEY: Final = re.compile(r"[^A-Za-z0-9_:.-]+")
_ELEMENT: Final = re.compile(r"[A-Z][a-z]?")
_PROPERTY: Final = re.compile(r"table (elements|precursor_properties), property (\w+)")
_DOI: Final = re.compile(r"10\.\d{4,9}/[^\s,;]+")
_REPOSITORY: Final = re.compile(r"github:([\w.-]+/[\w.-]+)")
_ADDRESS: Final = re.compile(r"https?://[^\s,;]+")


@dataclass(frozen=True)
class Bibliography:
    """Entries in the order tool, methods, data; and which to cite for what.

    Attributes
    ----------
    engines
        Key of the method of each engine.
    data
        Keys of the sources of the rows.
    variables
        Keys of the sources of each descriptor of a chosen formula, by its name.
    searched
        Keys of the last entries: sources of the other descriptors that entered the
        search, which nothing above cites.
    """

    entries: tuple[Entry, ...]
    engines: Mapping[str, str]
    data: tuple[str, ...]
    variables: Mapping[str, tuple[str, ...]]
    searched: tuple[str, ...] = ()


def bibliography(view: View) -> Bibliography:
    """Return what a paper on the study cites."""
    entries: dict[str, Entry] = {}
    result = view.result
    for entry in (tool(result.versions.get("hecsr", "")), *used(view)):
        entries[entry.key] = entry
    by_doi = {e.fields["doi"].lower(): e.key for e in entries.values() if _doi(e)}

    def put(key: str, citation: str, doi: str) -> str:
        """Return the key of a source, a new entry where its DOI has none yet."""
        if key.startswith("hecsr_"):
            return "hecsr"  # a convention of this package
        if doi.lower() in by_doi:
            return by_doi[doi.lower()]
        safe = _KEY.sub("-", key).strip("-") or "source"
        free, n = safe, 1
        while free in entries and entries[free] != _source(free, key, citation, doi):
            n += 1
            free = f"{safe}-{n}"
        entries[free] = _source(free, key, citation, doi)
        if doi:
            by_doi[doi.lower()] = free
        return free

    data = tuple(put(s.key, s.citation, s.doi) for s in result.data.sources)
    for name, citation, doi in _rules(view):
        put(name, citation, doi)
    symbols = _symbols(view)
    variables = {}
    for chosen in view.chosen:
        for one in chosen.formula.variables:
            found = [put(*source) for source in _values(one, symbols)]
            variables[one.name] = tuple(dict.fromkeys(found))
    cited = len(entries)
    entering = set(result.descriptors.entering)
    for one in result.descriptors.computed:
        if one.name in entering:
            for source in _values(one, symbols):
                put(*source)
    searched = tuple(entries)[cited:]
    return Bibliography(tuple(entries.values()), ENGINES, data, variables, searched)


def to_bibtex(found: Bibliography) -> str:
    """Return the entries as the content of a ``.bib`` file."""
    parts = [_HEAD]
    for entry in found.entries:
        if found.searched and entry.key == found.searched[0]:
            parts.append(_SEARCHED)
        lines = [f"  {name} = {{{text}}}" for name, text in entry.fields.items()]
        parts.append(f"@{entry.kind}{{{entry.key},\n" + ",\n".join(lines) + "\n}")
    return "\n\n".join(parts) + "\n"


def _source(key: str, name: str, citation: str, doi: str) -> Entry:
    """Return the entry of a source of data; what is in doubt goes into a note."""
    note, locator = _known(name)
    fields: dict[str, str] = {}
    kind = "misc"
    found = parse_reference(citation)
    if found is not None:
        kind = "article"
        fields["author"] = " and ".join(
            [*map(_braced, found.authors), *(["others"] if found.others else [])]
        )
        remark = found.rest
        # what begins with a small letter describes the paper; a reference that was
        # not read may be worded from memory
        if found.title[:1].isupper() and "recalled" not in note:
            fields["title"] = f"{{{_braced(found.title)}}}"
        elif found.title:
            remark = "; ".join(filter(None, (found.title, remark)))
        fields["journal"] = _braced(found.journal)
        for part in ("volume", "pages", "year"):
            if value := getattr(found, part):
                fields[part] = value
        if remark:
            fields["note"] = _braced(remark)
    else:
        said = citation or (f"https://doi.org/{doi}" if doi else "")
        said = said or f"{name}: named so in the data table, without a reference"
        address = "" if doi else _address(locator)
        fields["key"] = _braced(name)
        fields["note"] = _braced(said)
        if address:
            fields["howpublished"] = rf"\url{{{address}}}"
    if number := arxiv_number(citation):
        fields |= {"eprint": number, "archiveprefix": "arXiv"}
    if doi:
        fields["doi"] = doi
    if note:
        fields["annote"] = _braced(note)
    return Entry(key, kind, fields)


def _known(name: str) -> tuple[str, str]:
    """Return the remark on a source and where it was read; nothing if unknown."""
    try:
        source = tables.citation(name)
    except TableError:
        return "", ""
    return source.note, source.locator


def _address(locator: str) -> str:
    if repository := _REPOSITORY.search(locator):
        return f"https://github.com/{repository[1]}"
    address = _ADDRESS.search(locator)
    return address[0] if address else ""


def _braced(text: str) -> str:
    """Escape a text for BibTeX, which counts braces even behind a backslash."""
    shown = escape(text)
    return shown.replace(r"\{", r"\textbraceleft{}").replace(
        r"\}", r"\textbraceright{}"
    )


def _doi(entry: Entry) -> str:
    return entry.fields.get("doi", "")


def _rules(view: View) -> Iterator[tuple[str, str, str]]:
    """Yield the sources of the published rules that took part."""
    known = literature()
    for one in view.result.competitors:
        stated = one.name.partition(", ")[0]
        if one.kind == "rule" and stated in known:
            for source in known[stated].sources:
                yield stated, source.citation, source.doi


def _symbols(view: View) -> frozenset[str]:
    compositions = view.result.predictions["composition"].unique()
    return frozenset(s for text in compositions for s in _ELEMENT.findall(str(text)))


def _values(
    descriptor: Descriptor, symbols: Iterable[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield the sources of the values or of the equation of a descriptor."""
    of_table = _PROPERTY.fullmatch(descriptor.source)
    if of_table is not None:
        for key in _keys(of_table[1], of_table[2], frozenset(symbols)):
            source = tables.citation(key)
            yield key, source.citation, source.doi
    elif doi := _DOI.match(descriptor.source):
        yield _by_doi(doi[0])


def _keys(table: str, name: str, symbols: frozenset[str]) -> list[str]:
    """Return the sources of a property of the elements, or of their compounds."""
    frame = tables.load(table)
    frame = frame[frame["property"] == name]
    if table == "elements":
        of = frame["symbol"]
    else:
        compounds = tables.load("precursor_compounds")
        metals = dict(zip(compounds["compound"], compounds["metal"], strict=True))
        of = frame["compound"].map(metals)
    keys = frame.loc[of.isin(symbols), "source"].dropna()
    return sorted({str(key) for key in keys})


def _by_doi(doi: str) -> tuple[str, str, str]:
    """Return what is known of a DOI: a source of the tables or of the literature."""
    frame = tables.sources()
    for row in frame[frame["doi"] == doi].to_dict("records"):
        return str(row["key"]), str(row["citation"]), doi
    for name, published in literature().items():
        for source in published.sources:
            if source.doi == doi:
                return name, source.citation, doi
    return f"doi-{doi}", "", doi
