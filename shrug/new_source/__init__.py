"""`shrug new-source`: the files of a source, to be filled in; in the checkout or as a package."""
