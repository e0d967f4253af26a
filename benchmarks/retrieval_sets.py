"""The public retrieval sets as (documents, queries, judgements). Knows nothing of any search."""

import csv
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

DATA = Path(os.environ.get("SUFFICE_DATA", Path(__file__).parents[2] / "shared" / "data"))


@dataclass(frozen=True)
class Collection:
    """`judged` holds each query's documents with how good they are, 0 and less left out."""

    name: str
    titles: Mapping[str, str]
    texts: Mapping[str, str]
    queries: Mapping[str, str]
    judged: Mapping[str, Mapping[str, int]]


def collections() -> list[Collection]:
    """Those that are there; the others are named."""
    found = []
    for name, read in READERS.items():
        if (DATA / name).is_dir():
            found.append(read(DATA / name))
        else:
            print(f"{DATA / name} is absent: {name} is not measured; set SUFFICE_DATA")
    return found


def scifact(folder: Path) -> Collection:
    rows = _lines(folder / "corpus.jsonl")
    asked = {row["_id"]: row["text"] for row in _lines(folder / "queries.jsonl")}
    judged: dict[str, dict[str, int]] = {}
    with (folder / "qrels" / "test.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if int(row["score"]) > 0:
                judged.setdefault(row["query-id"], {})[row["corpus-id"]] = int(row["score"])
    return Collection(
        "scifact",
        {row["_id"]: row["title"] for row in rows},
        {row["_id"]: row["text"] for row in rows},
        {name: asked[name] for name in judged},
        judged,
    )


def cranfield(folder: Path) -> Collection:
    """The judgements use a query's ordinal, not its number; 1 is the best grade, 4 the least."""
    titles: dict[str, str] = {}
    texts: dict[str, str] = {}
    for part in (folder / "cran.all.1400").read_text("utf-8").split("\n.I "):
        number = part.removeprefix(".I ").split("\n", 1)[0].strip()
        title = _field(part, "T", "A")
        body = _field(part, "W", None)
        titles[number] = title
        texts[number] = body.removeprefix(title).strip() or title
    parts = (folder / "cran.qry").read_text("utf-8").split("\n.I ")
    queries = {str(n): _field(part, "W", None) for n, part in enumerate(parts, start=1)}
    judged: dict[str, dict[str, int]] = {}
    for line in (folder / "cranqrel").read_text("utf-8").splitlines():
        query, document, grade = (int(each) for each in line.split()[:3])
        if 1 <= grade <= 4:
            judged.setdefault(str(query), {})[str(document)] = 5 - grade
    return Collection("cranfield", titles, texts, {q: queries[q] for q in judged}, judged)


def xquad(folder: Path) -> Collection:
    titles: dict[str, str] = {}
    texts: dict[str, str] = {}
    queries: dict[str, str] = {}
    judged: dict[str, dict[str, int]] = {}
    for article in json.loads((folder / "xquad.en.json").read_text("utf-8"))["data"]:
        for place, paragraph in enumerate(article["paragraphs"]):
            name = f"{article.get('title', '')}-{len(texts)}-{place}"
            titles[name], texts[name] = "", paragraph["context"]
            for asked in paragraph["qas"]:
                queries[asked["id"]], judged[asked["id"]] = asked["question"], {name: 1}
    return Collection("xquad", titles, texts, queries, judged)


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _field(part: str, name: str, following: str | None) -> str:
    end = rf"\n\.{following}\n" if following else r"\Z"
    found = re.search(rf"\n\.{name}\n(.*?)(?:{end})", part, re.DOTALL)
    return " ".join(found[1].split()) if found else ""


READERS: dict[str, Callable[[Path], Collection]] = {
    "scifact": scifact,
    "cranfield": cranfield,
    "xquad": xquad,
}
