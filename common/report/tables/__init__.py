"""The five reports as tables, one file each."""

from common.report.tables import common, r000, r001, r002, r003, r004


def reports():
    """All reports, 000 to 004, then what holds for all of them."""
    return [module.REPORT for module in (r000, r001, r002, r003, r004, common)]
