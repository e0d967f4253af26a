"""One file a document format: markdown, html, pdf and so on; each defines `create() -> Parser`."""
