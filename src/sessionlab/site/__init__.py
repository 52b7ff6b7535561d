"""The course as a site: what its pages hold beyond what is written, free of any site builder.

`Site` gives the pages; `hook` tells them to MkDocs, and is the one file to change for another builder. It alone uses
`kept_pages`, which spares MkDocs the rendering of what did not change.
"""
