"""Asking for memory before it is needed, so that a kernel does not wait for what it will touch next."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic


@intrinsic  # type: ignore[untyped-decorator]
def prefetch(_context: Any, array: Any, index: Any) -> Any:  # noqa: ANN401 -- numba's own types
    """Start to load the cache line of one element of a contiguous one-dimensional array; changes nothing.

    Parameters
    ----------
    array : array [n]
        One dimension, contiguous.
    index : int
        Element, 0 to n - 1; not checked.
    """
    signature = types.void(array, types.intp)

    def generate(context: Any, builder: Any, called: Any, arguments: Any) -> Any:  # noqa: ANN401 -- the same
        holder = context.make_array(called.args[0])(context, builder, arguments[0])
        pointer = builder.bitcast(builder.gep(holder.data, [arguments[1]]), cgutils.voidptr_t)
        flag = ir.IntType(32)
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, flag, flag, flag]),
            "llvm.prefetch.p0",
        )
        builder.call(function, [pointer, flag(0), flag(3), flag(1)])
        return context.get_dummy_value()

    return signature, generate
