import pandas
from highwater import block

# The greatest share of flights that are 15 minutes late or more with which a day earns its rating.
LIMITS = {"A": 0.05, "B": 0.10, "C": 0.20, "D": 0.35, "E": 1.0}


@block
def rate(delays, *, log):
    ends = [-1.0, *LIMITS.values()]
    ratings = pandas.cut(delays["share_late"], ends, labels=list(LIMITS)).astype(str)
    log.info("rated days of airports", **{rating: int((ratings == rating).sum()) for rating in LIMITS})
    return delays.assign(rating=ratings)
