"""What a person is shown: plain values, the same for the terminal, for `--json` and for a page.

Field names are the stable shape of `--json`. Times are seconds since the epoch, durations seconds.
"""
