"""The five reports as tables, one file each."""
