"""Where the runs of an ensemble take place: in this process, on the local cores, or on a Dask cluster.

Whatever the executor, results are the same to the bit: a run depends on its task and nothing else.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor as PoolExecutor
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Any, Protocol

from fangxian.base.errors import InvalidInput
from fangxian.studies.rehearsal.play import Rehearsal
from fangxian.studies.rehearsal.stage import Result, Stage, Task


class Executor(Protocol):
    """Does tasks and hands results over as they come, in any order."""

    def run(self, stage: Stage, tasks: Sequence[Task]) -> Iterator[Result]:
        """Yield a result for each task; closing the iterator stops the rest."""
        ...


class InProcess:
    """One run after the other, here."""

    def run(self, stage: Stage, tasks: Sequence[Task]) -> Iterator[Result]:
        """Yield results in the order of the tasks."""
        worker = _Worker(stage)
        for task in tasks:
            yield worker.do(task)


class LocalPool:
    """Runs on the cores of this machine: in this process, which is ready at once, and in others beside it.

    Parameters
    ----------
    jobs : int
        Processes, this one included; at least 1.
    """

    def __init__(self, jobs: int) -> None:
        if jobs < 1:
            raise ValueError(f"LocalPool: jobs must be at least 1 (got {jobs}); give a number of processes")
        self.jobs = jobs

    def run(self, stage: Stage, tasks: Sequence[Task]) -> Iterator[Result]:
        """Yield results as they come; the stage is written once and read by each other process."""
        others = min(self.jobs, len(tasks)) - 1
        if others == 0:
            yield from InProcess().run(stage, tasks)
            return
        with tempfile.TemporaryDirectory(prefix="fangxian-stage-") as folder:
            path = Path(folder) / "stage.pickle"
            path.write_bytes(pickle.dumps(stage, protocol=pickle.HIGHEST_PROTOCOL))
            pool = ProcessPoolExecutor(
                max_workers=others,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_open_stage,
                initargs=(str(path),),
            )
            try:
                yield from _Shared(pool, tasks).results(_Worker(stage), others)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


class DaskCluster:
    """Runs on a Dask cluster.

    Parameters
    ----------
    client : distributed.Client
        Connected to it.
    """

    def __init__(self, client: Any) -> None:  # noqa: ANN401 -- distributed is an extra
        self.client = client

    @classmethod
    def at(cls, address: str) -> DaskCluster:
        """Connect to the scheduler at an address, e.g. ``tcp://10.0.0.5:8786``.

        Raises
        ------
        InvalidInput
            If the extra is not installed, or nothing answers.
        """
        try:
            import distributed
        except ImportError as error:
            raise InvalidInput(
                {"zh": "没有安装 Dask。", "en": "Dask is not installed."},
                {"zh": "请安装 fangxian[cluster]。", "en": "Install fangxian[cluster]."},
            ) from error
        try:
            return cls(distributed.Client(address, timeout=10))
        except (OSError, ValueError) as error:
            raise InvalidInput(
                {"zh": f"连不上集群 {address}:{error}", "en": f"Cannot reach the cluster {address}: {error}"},
                {
                    "zh": "请核对地址，确认调度器在运行。",
                    "en": "Check the address and that a scheduler runs.",
                },
            ) from error

    def run(self, stage: Stage, tasks: Sequence[Task]) -> Iterator[Result]:
        """Yield results as they come; the stage is sent to each worker once."""
        import distributed

        [sent] = self.client.scatter([pickle.dumps(stage)], broadcast=True, hash=False)
        futures = [self.client.submit(_on_cluster, sent, task, pure=False) for task in tasks]
        try:
            for future in distributed.as_completed(futures):
                yield future.result()
        finally:
            self.client.cancel(futures)


class _Worker:
    """Keeps the scenario that it made ready last, since tasks come scenario by scenario."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._ready: tuple[int, Rehearsal] | None = None

    def do(self, task: Task) -> Result:
        if self._ready is None or self._ready[0] != task.scenario:
            self._ready = None
            self._ready = (task.scenario, self.stage.ready(task.scenario))
        return self.stage.do(task, self._ready[1])


_workers: dict[str, _Worker] = {}


def _open_stage(path: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides; a run in progress ends whole
    _workers["here"] = _Worker(_unpacked(Path(path).read_bytes()))


def _in_pool(task: Task) -> Result:
    return _workers["here"].do(task)


def _on_cluster(stage: bytes, task: Task) -> Result:
    key = str(hash(stage))
    if key not in _workers:
        _workers.clear()
        _workers[key] = _Worker(_unpacked(stage))
    return _workers[key].do(task)


def _unpacked(packed: bytes) -> Stage:
    """Return a stage as it was packed; a copy forgets which arrays are read-only, and kernels mind."""
    stage: Stage = pickle.loads(packed)  # noqa: S301 -- packed by the parent, over its own file or link
    for array in stage.town.population.arrays().values():
        array.setflags(write=False)
    return stage


class _Shared:
    """Tasks of which the pool takes those in front and this process those at the back.

    Another process takes seconds to import what it needs, during which this one has done its first runs; of
    two plans each process then makes one ready.
    """

    def __init__(self, pool: PoolExecutor, tasks: Sequence[Task]) -> None:
        self.pool, self.left = pool, deque(tasks)
        self.count = len(tasks)
        self.came: SimpleQueue[Future[Result]] = SimpleQueue()
        self._giving = Lock()

    def results(self, here: _Worker, others: int) -> Iterator[Result]:
        """Yield a result for each task, and leave none to be begun when the reader stops."""
        try:
            for _ in range(others):
                self._give()
            for _ in range(self.count):
                mine = self._mine() if self.came.empty() else None
                yield here.do(mine) if mine is not None else self.came.get().result()
        finally:
            with self._giving:  # the pool's own thread may have taken a task that it has not handed over yet
                self.left.clear()

    def _mine(self) -> Task | None:
        try:
            return self.left.pop()
        except IndexError:
            return None

    def _give(self) -> None:
        """Give the pool one task; the next follows when it is done, so that none waits behind another."""
        with self._giving:
            try:
                task = self.left.popleft()
            except IndexError:
                return
            given = self.pool.submit(_in_pool, task)
        given.add_done_callback(self._take)

    def _take(self, future: Future[Result]) -> None:
        self.came.put(future)
        self._give()
