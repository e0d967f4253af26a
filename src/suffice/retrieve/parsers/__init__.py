"""One file a document format: markdown, html, pdf and so on; each defines `create() -> Parser`.

Each also says which files it reads as a literal, `SUFFIXES = (".pdf",)`, on its first level. It is
read from the source text, because the process that sorts files by their endings must not import
the parsers' libraries; those are loaded in the parsing process alone.
"""
