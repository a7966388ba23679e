"""The one way to compile a kernel: what Python calls is kept on disk, what kernels call is not.

A compiled function has two lives. Called from Python it is turned into machine code, which is kept on disk
with a fingerprint of every source file that it was made from. Called from another kernel it is handed over as
it was lowered, neither optimised nor turned into machine code, since it will be optimised with its caller.
Left to itself numba does all of this for every function at every level of calls: it optimises a function that
lies ten calls deep ten times, and the kernels of the simulator took two minutes.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what `signal` wraps; its enums take longer than a small kernel
import threading
from collections.abc import Callable
from functools import cached_property
from types import FrameType
from typing import Any, TypeVar, cast

import numba
from numba.core import compiler, types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_machinery import register_pass
from numba.core.registry import CPUDispatcher
from numba.core.typed_passes import NativeLowering

from fangxian.base.source_fingerprint import fingerprint

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(**options: Any) -> Callable[[Kernel], Kernel]:  # noqa: ANN401 -- numba's own options
    """Return a decorator that compiles a function and keeps the machine code for the next process.

    Parameters
    ----------
    **options
        Passed to ``numba.njit``, e.g. ``nogil=True`` or ``forceinline=True``.

    Returns
    -------
    callable
        A decorator that keeps the function's type for the type checker.
    """

    def apply(function: Kernel) -> Kernel:
        return cast("Kernel", _Compiled(function, options))

    return apply


def compiled_lean(**options: Any) -> Callable[[Kernel], Kernel]:  # noqa: ANN401 -- numba's own options
    """Return a decorator for the inside of a kernel: arrays are neither made nor counted.

    Numba counts the references to every array of a record that is handed on; in a function of a few
    nanoseconds with forty arrays the counting takes ten times longer than the work. A function compiled with
    this works only on arrays it is given, slices of them included.

    Parameters
    ----------
    **options
        As for :func:`compiled`.

    Returns
    -------
    callable
        A decorator that keeps the function's type for the type checker.
    """
    return compiled(_nrt=False, error_model="numpy", nogil=True, **options)


class _Compiled(CPUDispatcher):  # type: ignore[misc]
    """What a kernel finds where it calls a function; a call from Python goes to `whole`."""

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        target = {"nopython": True, "boundscheck": None, **options}
        super().__init__(py_func=function, targetoptions=target, pipeline_class=_PartCompiler)
        self._options = options

    @cached_property
    def whole(self) -> CPUDispatcher:
        """The function compiled for Python, from disk where its sources are those that are kept with it."""
        dispatcher = numba.njit(cache=True, no_cfunc_wrapper=True, **self._options)(self.py_func)
        dispatcher._cache._cache_file._source_stamp = fingerprint(self.py_func.__code__.co_filename)
        return dispatcher

    def __call__(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 -- any kernel's
        """Call the function from Python; Ctrl-C is heard when its result has been handed over."""
        handler = _signal.getsignal(_signal.SIGINT)
        if not callable(handler) or threading.get_ident() != threading.main_thread().ident:
            return self.whole(*arguments, **named)
        heard: list[tuple[int, FrameType | None]] = []

        def wait(number: int, frame: FrameType | None) -> None:
            if _compiles(frame):
                handler(number, frame)
            else:
                heard.append((number, frame))

        _signal.signal(_signal.SIGINT, wait)
        try:
            result = self.whole(*arguments, **named)
        finally:
            _signal.signal(_signal.SIGINT, handler)
        if heard:
            handler(*heard[0])
        return result

    def get_call_template(self, arguments: Any, named: Any) -> Any:  # noqa: ANN401 -- numba's own types
        """Choose by the types of arguments: numba would compile once for every constant."""
        plain = tuple(types.unliteral(one) for one in arguments)  # type: ignore[attr-defined]
        return super().get_call_template(plain, named)

    def add_overload(self, result: Any) -> None:  # noqa: ANN401 -- numba's own type
        """Keep a result for kernels; there is no machine code that Python could call."""
        self.overloads[tuple(result.signature.args)] = result


def _compiles(frame: FrameType | None) -> bool:
    """Return whether numba is still compiling: that may be broken off.

    Once the machine code has run it may not: numba makes Python objects of the results without looking
    whether an exception came up in between, and the process dies of it.
    """
    while frame is not None:
        if frame.f_code.co_name == "_compile_for_args":
            return True
        frame = frame.f_back
    return False


class _PartCompiler(compiler.CompilerBase):  # type: ignore[misc]
    """Numba's steps, of which the last does not go on to machine code."""

    def define_pipelines(self) -> list[Any]:
        steps = compiler.DefaultPassBuilder.define_nopython_pipeline(self.state)
        steps.add_pass_after(_Lower, NativeLowering)
        steps.passes = [step for step in steps.passes if step[0] is not NativeLowering]
        steps.finalize()
        return [steps]


@register_pass(mutates_CFG=True, analysis_only=False)
class _Lower(NativeLowering):  # type: ignore[misc]
    """Writes LLVM's language and registers it under a key of its own, where numba has an address."""

    _name = "lower_as_a_part"

    def run_pass(self, state: Any) -> bool:  # noqa: ANN401 -- numba's own type
        state.library = _PartLibrary(state.targetctx.codegen(), state.func_id.func_qualname)
        flags = state.flags
        flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
        super().run_pass(state)
        state.library.finalize()
        key = object()
        state.cr = state.cr._replace(cfunc=key)
        state.targetctx.insert_user_function(key, state.cr.fndesc, [state.library])
        return True


class _PartLibrary(JITCodeLibrary):  # type: ignore[misc]
    """Code that waits to be optimised by the kernel that takes it in."""

    def _optimize_final_module(self) -> None:
        """Leave it to the kernel."""

    def _finalize_final_module(self) -> None:
        self._finalized = True
