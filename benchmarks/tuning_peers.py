"""One peer's LoRA on given chats: `tuning_peers.py PEER FOLDER`. Runs in .venv-peers.

Knows nothing of ours. Reads FOLDER/given.json, writes the adapter to FOLDER/PEER and what it took
to FOLDER/PEER.json.
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any, TypeAlias

import torch
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

Given: TypeAlias = dict[str, Any]


def _lora(given: Given) -> LoraConfig:
    return LoraConfig(
        r=given["rank"],
        lora_alpha=given["alpha"],
        lora_dropout=given["dropout"],
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def _arguments(given: Given, folder: Path) -> dict[str, Any]:
    return {
        "output_dir": str(folder),
        "per_device_train_batch_size": given["examples_a_step"],
        "num_train_epochs": given["epochs"],
        "learning_rate": given["rate"],
        "lr_scheduler_type": "linear",
        "warmup_steps": 0.06,
        "weight_decay": 0.0,
        "save_strategy": "no",
        "report_to": [],
        "logging_steps": 1000,
        "seed": 0,
        "use_cpu": True,
        "disable_tqdm": True,
        "bf16": False,
    }


def trl(given: Given, folder: Path) -> Any:
    """SFTTrainer as its documentation has it for chats with a completion: its defaults."""
    from trl import SFTConfig, SFTTrainer

    model = AutoModelForCausalLM.from_pretrained(given["weights"], dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(given["weights"])
    rows = [
        {"prompt": row["messages"], "completion": [{"role": "assistant", "content": row["reply"]}]}
        for row in given["rows"]
    ]
    return SFTTrainer(
        model=model,
        args=SFTConfig(**_arguments(given, folder), max_length=given["window"]),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        peft_config=_lora(given),
    )


def trl_plain(given: Given, folder: Path) -> Any:
    """The same without gradient checkpointing, which saves memory and costs time."""
    trainer = trl(given, folder)
    trainer.args.gradient_checkpointing = False
    trainer.model.gradient_checkpointing_disable()
    return trainer


def peft(given: Given, folder: Path) -> Any:
    """peft with transformers' Trainer, labels by hand."""
    from transformers import DataCollatorForSeq2Seq, Trainer, TrainingArguments

    model = AutoModelForCausalLM.from_pretrained(given["weights"], dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(given["weights"])
    rows = []
    for row in given["rows"]:
        asked = tokenizer.apply_chat_template(
            row["messages"], add_generation_prompt=True, tokenize=False
        )
        prompt = tokenizer(asked, add_special_tokens=False)["input_ids"]
        said = tokenizer(row["reply"], add_special_tokens=False)["input_ids"]
        said = [*said, tokenizer.eos_token_id]
        rows.append({"input_ids": prompt + said, "labels": [-100] * len(prompt) + said})
    return Trainer(
        model=get_peft_model(model, _lora(given)),
        args=TrainingArguments(**_arguments(given, folder)),
        train_dataset=Dataset.from_list(rows),
        data_collator=DataCollatorForSeq2Seq(tokenizer, label_pad_token_id=-100),
    )


def main() -> None:
    peer, folder = sys.argv[1], Path(sys.argv[2])
    given = json.loads((folder / "given.json").read_text("utf-8"))
    torch.set_num_threads(given["threads"])
    made = {"trl": trl, "trl_plain": trl_plain, "peft": peft}[peer](given, folder / peer)
    started = time.perf_counter()
    made.train()
    seconds = time.perf_counter() - started
    made.save_model(str(folder / peer))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    (folder / f"{peer}.json").write_text(json.dumps({"seconds": seconds, "peak_mb": peak}))


if __name__ == "__main__":
    main()
