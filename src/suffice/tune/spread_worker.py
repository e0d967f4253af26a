"""One process of a training that is spread: it joins the others and does its share.

    python -m suffice.tune.spread_worker ORDER

Started once a process by a launcher, `suffice tune --processes N` or, for several machines,
`accelerate launch` or torchrun: they say in RANK, WORLD_SIZE and MASTER_ADDR which one it is.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import msgspec
import torch
from torch import distributed

from suffice.errors import SufficeError, UsageError
from suffice.ports import TrainerOptions
from suffice.records import Json
from suffice.tune.make import LocalTrainer
from suffice.tune.spread import Order, Spread


@contextmanager
def joined() -> Iterator[Spread]:
    """This process among those that the launcher started."""
    if os.environ.get("ACCELERATE_USE_FSDP", "").lower() == "true":
        raise UsageError(
            "FSDP is not supported: every process holds the whole model. Launch without "
            "--use_fsdp, and take `method: qlora` or a smaller model where it does not fit"
        )
    if "WORLD_SIZE" not in os.environ:
        raise UsageError(
            "a process of a training is started by a launcher: `suffice tune --processes N`, or "
            "`accelerate launch -m suffice.tune.spread_worker ORDER`"
        )
    on_gpus = torch.cuda.is_available()
    if on_gpus:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    distributed.init_process_group("nccl" if on_gpus else "gloo")
    try:
        yield Spread(distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()


def main(file: Path) -> int:
    """Trains one's share; the first process keeps the adapter."""
    order = msgspec.json.decode(file.read_bytes(), type=Order)
    try:
        with joined() as spread:
            trainer = LocalTrainer(order.model, TrainerOptions(Path(order.folder), order.recipe))
            job = replace(trainer.job(order.examples, order.prompt), place=Path(order.place))
            job.learn(lambda step: _tell(asdict(step), spread), spread)
    except SufficeError as error:
        _write({"error": str(error)})
        return 1
    return 0


def _tell(said: Mapping[str, Json], spread: Spread) -> None:
    """Fails where nobody listens any more, which ends the training: it can be gone on with."""
    if spread.first:
        _write(said)


def _write(said: Mapping[str, Json]) -> None:
    """A line at once: several processes write to one place."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
