"""Data frozen for good: a dataclass, with what its properties say, as the plain values that JSON can keep.

What is printed, what is read on a screen and what the fingerprint is of are the same values.
"""

import dataclasses
import datetime as dt
import hashlib
import json


def frozen(value):
    """Dataclasses become dictionaries of their fields and properties; tuples become lists; days and instants text."""
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        names += [name for name in dir(type(value)) if isinstance(getattr(type(value), name), property)]
        return {name: frozen(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {str(key): frozen(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [frozen(each) for each in value]
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)


def fingerprint(data) -> str:
    """The SHA-256 of frozen data as canonical JSON."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
