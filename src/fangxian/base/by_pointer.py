"""Handing a large record of arrays from kernel to kernel as one pointer.

Numba hands on a record by its fields: seven words for every array. A record of sixty arrays is then copied by
every call, and compiling a dozen functions that hand it on takes minutes. Here the record is written to
memory once, and a function that is given the pointer reads what it uses.
"""

from __future__ import annotations

from typing import Any

from numba.core import cgutils, types
from numba.extending import intrinsic


@intrinsic  # type: ignore[untyped-decorator]
def pointer_to(_context: Any, record: Any) -> Any:  # noqa: ANN401 -- numba's own types
    """Return a pointer to a copy of a named tuple, good until the calling function returns.

    The arrays themselves are not copied. The caller must hold the record for as long as the pointer is used.
    """

    def generate(context: Any, builder: Any, called: Any, arguments: Any) -> Any:  # noqa: ANN401 -- the same
        data = context.data_model_manager[called.args[0]].as_data(builder, arguments[0])
        return cgutils.alloca_once_value(builder, data)

    return types.CPointer(record)(record), generate  # type: ignore[attr-defined]


@intrinsic  # type: ignore[untyped-decorator]
def record_at(_context: Any, pointer: Any) -> Any:  # noqa: ANN401 -- the same
    """Return the named tuple behind a pointer from :func:`pointer_to`; fields not used cost nothing."""

    def generate(context: Any, builder: Any, called: Any, arguments: Any) -> Any:  # noqa: ANN401 -- the same
        model = context.data_model_manager[called.args[0].dtype]
        return model.load_from_data_pointer(builder, arguments[0])

    return pointer.dtype(pointer), generate
