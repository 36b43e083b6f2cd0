"""What each framework writes beside its usual files: older shapes, evaluation, repeats, thinking apart."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from echoformat.completion import Completion
from echoformat.errors import UsageError
from echoformat.rollouts import ReadReport, read_rollouts


def write(path: Path, *rows: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def write_parquet(path: Path, rows: list[dict[str, Any]]) -> Path:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return path


def read(path: Any, reader: str, **arguments: Any) -> tuple[list[Completion], ReadReport]:
    log = read_rollouts(path, **arguments)
    assert set(log.readers.values()) == {reader}
    return list(log), log.report


def said(role: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


QUESTION = said("user", "How many?")


# TRL


def trl_rows(step: int, text: str, **more: Any) -> list[dict[str, Any]]:
    own = {"accuracy_reward": 1.0, "style": 0.25, "advantage": 0.5, **more}
    return [{"step": step, "prompt": f"p{i}", "completion": f"{text}{i}", **own} for i in range(3)]


def test_trl_total_is_the_sum_of_functions_of_any_name(tmp_path: Path) -> None:
    path = write_parquet(
        tmp_path / "completions" / "completions_00001.parquet", trl_rows(1, "a", entropy=3.0)
    )
    rows, _ = read(path, "trl")
    assert rows[0].rewards == {"accuracy_reward": 1.0, "style": 0.25}
    assert (rows[0].reward, rows[0].correct, rows[0].extras) == (
        1.25,
        True,
        {"advantage": 0.5, "entropy": 3.0},
    )


def test_trl_repeated_generation_is_dropped_and_told(tmp_path: Path) -> None:
    for step, text in ((1, "a"), (2, "a"), (3, "b"), (4, "b")):
        write_parquet(tmp_path / f"completions_{step:05d}.parquet", trl_rows(step, text))
    rows, report = read(tmp_path, "trl")
    assert [row.step for row in rows] == [1, 1, 1, 3, 3, 3]
    assert sum(report.repeats.values()) == 6
    assert any("dropped 6 rows as repeats" in line for line in report.lines())


def test_trl_equal_texts_of_other_problems_are_no_repeats(tmp_path: Path) -> None:
    for step in (1, 2):
        rows = [{**row, "prompt": f"{step} {row['prompt']}"} for row in trl_rows(step, "collapsed")]
        write_parquet(tmp_path / f"completions_{step:05d}.parquet", rows)
    assert len(read(tmp_path, "trl")[0]) == 6


def test_trl_evaluation_over_training_is_known_from_the_trainers_history(tmp_path: Path) -> None:
    for step in (1, 2):
        write_parquet(tmp_path / "completions" / f"completions_{step:05d}.parquet", trl_rows(step, str(step)))
    history = {"log_history": [{"step": 1, "loss": 0.1}, {"step": 2, "eval_reward": 0.5}]}
    write(tmp_path / "checkpoint-2" / "trainer_state.json", history)
    rows, report = read(tmp_path / "completions", "trl")
    assert [row.split for row in rows] == ["train"] * 3 + ["eval"] * 3
    assert report.eval_only_steps == [2]


def test_trl_reasoning_is_joined_or_kept_apart(tmp_path: Path) -> None:
    answer = said("assistant", "It is 4.", reasoning_content="2 + 2 = 4")
    row = {"step": 1, "prompt": [QUESTION], "completion": [answer], "accuracy_reward": 1.0, "advantage": 0.0}
    path = write_parquet(tmp_path / "completions_00001.parquet", [row])
    (joined,) = read(path, "trl")[0]
    assert joined.text == "<think>\n2 + 2 = 4\n</think>\nIt is 4." and joined.reasoning == "2 + 2 = 4"
    (apart,) = read(path, "trl", reasoning="apart")[0]
    assert apart.text == "It is 4." and apart.reasoning == "2 + 2 = 4"
    with pytest.raises(UsageError, match="'join'"):
        read_rollouts(path, reasoning="both")


def test_only_the_policys_turns_count(tmp_path: Path) -> None:
    talk = [said("assistant", "call"), said("tool", "\\boxed{7}"), said("assistant", "done")]
    row = {"step": 1, "prompt": [QUESTION], "completion": talk, "r": 1.0, "advantage": 0.0}
    (got,) = read(write_parquet(tmp_path / "completions_00001.parquet", [row]), "trl")[0]
    assert got.text == "call\ndone" and got.prompt == "How many?"


def test_trl_without_an_advantage(tmp_path: Path) -> None:
    row = {"step": 3, "prompt": "p", "completion": "c"}
    (got,) = read(write_parquet(tmp_path / "completions_00003.parquet", [row]), "trl")[0]
    assert (got.step, got.text, got.reward) == (3, "c", None)


# verl


def test_verl_training_and_validation_are_one_run(tmp_path: Path) -> None:
    row = {"input": "p", "output": "o", "score": 1.0, "step": 5}
    write(tmp_path / "rollout_data_dir" / "5.jsonl", row)
    write(tmp_path / "validation_data_dir" / "5.jsonl", {**row, "reward": 1.0})
    rows, _ = read(tmp_path, "verl")
    assert sorted((row.run, row.split, row.step) for row in rows) == [("", "", 5), ("", "eval", 5)]


def test_verl_scalars_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "exp.jsonl", {"step": 1, "data": {"actor/entropy": 0.5}})
    write(tmp_path / "1.jsonl", {"input": "p", "output": "o", "score": 1.0, "step": 1})
    rows, report = read(tmp_path, "verl")
    assert len(rows) == 1 and "columns: data, step" in report.passed_over[str(tmp_path / "exp.jsonl")]


# NeMo-RL


def test_nemo_rl_takes_every_second_turn_of_texts_without_roles(tmp_path: Path) -> None:
    row = {"content": [["p", "first", "tool says", "second"]], "rewards": [0.5], "token_ids": [[1]], "idx": 0}
    (got,) = read(write(tmp_path / "train_data_step7.jsonl", row), "nemo_rl")[0]
    assert (got.prompt, got.text, got.step, got.reward, got.split) == ("p", "first\nsecond", 7, 0.5, "train")


# prime-rl and verifiers


def trace(text: str, **more: Any) -> dict[str, Any]:
    nodes = [
        {"message": QUESTION, "sampled": False},
        {"message": said("assistant", text, reasoning_content="hm"), "sampled": True, "parent": 0},
    ]
    rewards = {"correct": {"score": 1.0, "weight": 1.0}, "format": {"score": 1.0, "weight": 0.1}}
    return {"nodes": nodes, "rewards": rewards, "num_output_tokens": 5, "stop_condition": "done", **more}


def test_bare_trace_of_verifiers_02(tmp_path: Path) -> None:
    (got,) = read(write(tmp_path / "traces.jsonl", trace("4")), "verifiers")[0]
    assert got.text == "<think>\nhm\n</think>\n4"
    assert (got.reward, got.correct, got.tokens, got.truncated) == (1.1, True, 5, False)


def test_prime_rl_all_holds_effective(tmp_path: Path) -> None:
    episode = {"traces": [trace("4")], "run": {"work": {"type": "train", "step": 3}}}
    for kind in ("all", "effective"):
        write(tmp_path / "rollouts" / "step_3" / "train" / kind / "traces.jsonl", episode)
    rows, report = read(tmp_path, "verifiers")
    assert [(row.step, row.split) for row in rows] == [(3, "train")]
    assert list(report.passed_over.values()) == ["the same rollouts stand in all/"]


def test_older_prime_rl_rollouts(tmp_path: Path) -> None:
    row = {
        "example_id": 3,
        "prompt": [QUESTION],
        "completion": [said("assistant", "4")],
        "reward": 1.0,
        "metrics": {"correct_answer": 1.0},
        "answer": "4",
        "is_truncated": True,
        "token_usage": {"completion_tokens": 9},
    }
    write(tmp_path / "rollouts" / "step_2" / "train_rollouts.jsonl", row)
    write(tmp_path / "rollouts" / "step_2" / "eval_rollouts_gsm.jsonl", row)
    rows, _ = read(tmp_path, "verifiers_results")
    assert sorted(row.split for row in rows) == ["eval", "train"]
    got = rows[0]
    assert (got.step, got.problem, got.correct, got.truncated, got.tokens) == (2, "3", True, True, 9)


def test_verifiers_results_know_the_step_from_the_models_name(tmp_path: Path) -> None:
    row = {
        "example_id": 0,
        "prompt": [QUESTION],
        "completion": "4",
        "reward": 0.0,
        "total_ms": 1.5,
        "num_turns": 1.0,
    }
    path = write(tmp_path / "evals" / "abc" / "results.jsonl", row)
    (path.parent / "metadata.json").write_text(json.dumps({"model": "org/name-step40"}))
    (got,) = read(path, "verifiers_results")[0]
    assert (got.step, got.split, got.rewards) == (40, "eval", {"reward": 0.0})


# SkyRL, slime, AReaL, ms-swift, Atropos


def test_skyrl_without_a_step(tmp_path: Path) -> None:
    row = {"input_prompt": "p", "output_response": "o", "score": [0.0, 1.0], "stop_reason": "length"}
    (got,) = read(write(tmp_path / "dumped_evals" / "eval_only" / "x.jsonl", row), "skyrl")[0]
    assert (got.step, got.reward, got.truncated, got.split) == (None, 1.0, True, "eval")


def test_slime_evaluation_and_reward_dictionaries(tmp_path: Path) -> None:
    sample = {
        "prompt": [QUESTION],
        "response": "r",
        "reward": {"score": 1.0, "len": 3},
        "status": "truncated",
        "response_length": 4,
    }
    with zipfile.ZipFile(tmp_path / "eval_12.pt", "w") as archive:
        archive.writestr(
            "eval_12/data.pkl", pickle.dumps({"rollout_id": 12, "samples": [sample]}, protocol=2)
        )
    (got,) = read(tmp_path / "eval_12.pt", "slime")[0]
    assert (got.step, got.split, got.reward, got.truncated, got.tokens) == (12, "eval", 1.0, True, 4)


def test_areal_without_a_numbered_folder(tmp_path: Path) -> None:
    row = {
        "task_id": 1,
        "prompt": "p",
        "completion": "c",
        "reward": 1.0,
        "tail_version": 6,
        "seqlen": 10,
        "prompt_len": 4,
    }
    (got,) = read(write(tmp_path / "x.jsonl", row), "areal")[0]
    assert (got.step, got.tokens) == (6, 6)


def test_ms_swift_of_megatron(tmp_path: Path) -> None:
    row = {
        "gen_step": [4, 4],
        "prompt": ["p", "p"],
        "completion": ["a", "b"],
        "Acc": [0.0, 1.0],
        "entropy": [1.0, 2.0],
    }
    rows, _ = read(write(tmp_path / "completions.jsonl", row), "ms_swift")
    assert [(row.step, row.text, row.reward, row.correct) for row in rows] == [
        (4, "a", 0.0, False),
        (4, "b", 1.0, True),
    ]


class Letters:
    """A tokenizer whose ids are letters."""

    def decode(self, ids: list[int]) -> str:
        return "".join(map(chr, ids))


def test_atropos_token_ids_with_a_tokenizer(tmp_path: Path) -> None:
    prompt, answer = list(map(ord, "p?")), list(map(ord, "four"))
    group = {
        "tokens": [prompt + answer],
        "masks": [[-100] * 2 + answer],
        "scores": [-1.0],
        "messages": None,
    }
    path = write(tmp_path / "groups.jsonl", group)
    (got,) = read(path, "atropos", tokenizer=Letters(), step_from="line")[0]
    assert (got.prompt, got.text, got.reward, got.step) == ("p?", "four", -1.0, 0)
    with pytest.raises(UsageError, match="token ids only"):
        read_rollouts(path)


def test_tokenizer_json_is_read_without_a_tokenizer_library(tmp_path: Path) -> None:
    spec = {
        "model": {"vocab": {"We": 3, "Ġadd": 4, "Ċ": 5, "Ã": 6, "¤": 7}},
        "added_tokens": [
            {"id": 1, "content": "<eos>", "special": True},
            {"id": 2, "content": "<x>", "special": False},
        ],
        "decoder": {"type": "ByteLevel"},
    }
    (tmp_path / "tokenizer.json").write_text(json.dumps(spec))
    row = {
        "prompt_tokens": [3],
        "response_tokens": [3, 4, 5, 6, 7, 2, 1],
        "step": 2,
        "finish_reason": "length",
    }
    path = write(tmp_path / "log" / "run_rollouts_000000.jsonl", row)
    (got,) = read(path, "open_instruct", tokenizer=str(tmp_path))[0]
    assert (got.text, got.prompt, got.tokens, got.truncated) == ("We add\nä<x>", "We", 7, True)
    with pytest.raises(UsageError, match=r"tokenizer\.json"):
        list(read_rollouts(path, tokenizer=str(tmp_path / "nowhere")))
    with pytest.raises(UsageError, match="no decode"):
        list(read_rollouts(path, tokenizer=7))


# evaluation harnesses


@pytest.mark.parametrize(
    "arguments",
    [[["p", {"do_sample": False}]], {"gen_args_0": {"arg_0": "p", "arg_1": {"temperature": 0.0}}}],
    ids=["pairs", "mapping"],
)
def test_lm_eval_counts_a_document_once(tmp_path: Path, arguments: Any) -> None:
    row = {
        "doc_id": 0,
        "arguments": arguments,
        "resps": [["r"]],
        "metrics": ["exact_match"],
        "exact_match": 1.0,
    }
    name = "ckpt-50"
    path = write(
        tmp_path / name / "samples_x.jsonl", {**row, "filter": "strict"}, {**row, "filter": "flexible"}
    )
    (got,), report = read(path, "lm_eval")
    assert (got.step, got.prompt, got.text, got.correct) == (50, "p", "r", True)
    assert sum(report.repeats.values()) == 1 and report.decoding == "greedy"


def test_lm_eval_likelihoods_are_no_completions(tmp_path: Path) -> None:
    path = write(tmp_path / "samples_x.jsonl", {"doc_id": 0, "arguments": [], "resps": [[-1.5, False]]})
    with pytest.raises(UsageError, match="no rollouts found"):
        read_rollouts(path)


def test_lighteval_of_flat_columns(tmp_path: Path) -> None:
    row = {"predictions": ["a"], "full_prompt": "p", "metrics": {"exact_match": 1.0}, "gold": ["g"]}
    path = write_parquet(tmp_path / "checkpoint-8" / "details_x.parquet", [row])
    (got,) = read(path, "lighteval")[0]
    assert (got.step, got.text, got.correct) == (8, "a", True)


def test_lighteval_reprs_are_literals_and_never_run(tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    attack = f"[__import__('pathlib').Path({str(proof)!r}).touch()]"
    rows = [
        {"predictions": text, "full_prompt": "p", "metrics": "{}"}
        for text in ("['a', 'b']", attack, "[" * 9000)
    ]
    got, _ = read(write_parquet(tmp_path / "details_x.parquet", rows), "lighteval")
    assert [one.text for one in got] == ["a", "b", attack, "[" * 9000]
    assert not proof.exists()


def inspect_page(**sample: Any) -> dict[str, Any]:
    message = said("assistant", [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "4"}])
    own = {
        "id": "s1",
        "epoch": 1,
        "input": "How many?",
        "output": {
            "choices": [{"message": message, "stop_reason": "max_tokens"}],
            "usage": {"output_tokens": 3},
        },
        "scores": {"match": {"value": "C"}},
        **sample,
    }
    return {"eval": {"model": "x/ckpt-step-30", "tags": []}, "samples": [own]}


def test_inspect_reasoning_parts_attachments_and_errors(tmp_path: Path) -> None:
    (got,) = read(write(tmp_path / "a.json", inspect_page()), "inspect_ai")[0]
    assert got.text == "<think>\nhm\n</think>\n4"
    assert (got.step, got.correct, got.truncated, got.tokens, got.problem) == (30, True, True, 3, "s1")
    kept = {"output": {"choices": [{"message": said("assistant", "attachment://k", reasoning="why")}]}}
    page = inspect_page(**kept, attachments={"k": "long"})
    (got,) = read(write(tmp_path / "b.json", page), "inspect_ai")[0]
    assert got.text == "<think>\nwhy\n</think>\nlong"
    page = inspect_page(output={"choices": []}, scores={}, error={"message": "boom"})
    (got,), report = read(write(tmp_path / "c.json", page), "inspect_ai")
    assert (got.text, got.correct, got.extras["error"]) == (None, None, {"message": "boom"})
    assert report.missing_text == 1


def zstd_zip(path: Path, members: dict[str, Any]) -> Path:
    """A zip as inspect writes it: members of method 93, which the standard library does not write."""
    zstandard = pytest.importorskip("zstandard")
    out, central = io.BytesIO(), b""
    for name, value in members.items():
        data = json.dumps(value).encode()
        packed = zstandard.ZstdCompressor().compress(data)
        fixed = struct.pack(
            "<HHHHHIIIHH", 20, 0, 93, 0, 0, zlib.crc32(data), len(packed), len(data), len(name), 0
        )
        central += b"PK\1\2" + struct.pack("<H", 20) + fixed + struct.pack("<HHHII", 0, 0, 0, 0, out.tell())
        central += name.encode()
        out.write(b"PK\3\4" + fixed + name.encode() + packed)
    start = out.tell()
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(central), start, 0)
    path.write_bytes(out.getvalue() + central + b"PK\5\6" + end)
    return path


def test_inspect_zip_of_zstd_and_of_deflate_members(tmp_path: Path) -> None:
    page = inspect_page()
    head = {"eval": {"metadata": {"global_step": 7}, "model": "m"}, "plan": {"config": {"temperature": 0}}}
    members = {"header.json": head, "samples/s1_epoch_1.json": page["samples"][0]}
    zstd_zip(tmp_path / "zstd.eval", members)
    with zipfile.ZipFile(tmp_path / "deflate.eval", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in members.items():
            archive.writestr(name, json.dumps(value))
        archive.writestr("samples/bad.json", "{")
    for name, faulty in (("zstd.eval", False), ("deflate.eval", True)):
        (got,), report = read(tmp_path / name, "inspect_ai")
        assert (got.step, got.text, report.decoding) == (7, "<think>\nhm\n</think>\n4", "greedy")
        assert report.faulty is faulty


def test_simple_evals(tmp_path: Path) -> None:
    page = {"score": 0.5, "metrics": {}, "htmls": [], "convos": [[QUESTION, said("assistant", "4")]]}
    path = write(tmp_path / "math_ckpt-step100_x_allresults.json", page)
    (got,) = read(path, "simple_evals")[0]
    assert (got.step, got.prompt, got.text, got.source[-3:]) == (100, "How many?", "4", "[0]")


def test_opencompass_predictions_of_several(tmp_path: Path) -> None:
    page = {
        "0": {"prediction": ["a", "b"], "origin_prompt": [{"role": "HUMAN", "prompt": "p"}]},
        "1": {"prediction": "c"},
    }
    rows, _ = read(write(tmp_path / "predictions" / "model-step5" / "x.json", page), "opencompass")
    assert [(row.text, row.step, row.sample) for row in rows] == [("a", 5, 0), ("b", 5, 1), ("c", 5, 0)]


def test_nemo_skills_chunks_and_thinking(tmp_path: Path) -> None:
    row = {
        "problem": "p",
        "generation": "4",
        "_full_generation": "<think>hm</think>4",
        "expected_answer": "4",
    }
    for name in (
        "output-rs0.jsonl",
        "output-rs0_chunk_0.jsonl",
        "output-rs1_chunk_0.jsonl",
        "output-rs1.jsonl-async",
    ):
        write(tmp_path / name, row)
    rows, report = read(tmp_path, "nemo_skills")
    assert [row.text for row in rows] == ["<think>hm</think>4"] * 3
    assert list(report.passed_over) == [str(tmp_path / "output-rs0_chunk_0.jsonl")]
    assert report.decoding == "sampled"
    assert [row.text for row in read(tmp_path, "nemo_skills", reasoning="apart")[0]] == ["4"] * 3


def test_qwen_math_of_a_training_run(tmp_path: Path) -> None:
    row = {
        "question": "p",
        "gt": "4",
        "code": ["a", "b"],
        "score": [True, False],
        "finish_reason": ["stop", "length"],
    }
    path = write(tmp_path / "global_step_20" / "math500" / "test_x_-1_seed0_t1.0_s0_e-1.jsonl", row)
    rows, report = read(path, "qwen_math")
    assert [(row.step, row.correct, row.truncated) for row in rows] == [(20, True, False), (20, False, True)]
    assert report.decoding == "sampled"


# tables and saved datasets


def test_wandb_steps_as_text_and_wide_tables(tmp_path: Path) -> None:
    table = {"columns": ["step", "prompt", "completion", "my_reward"], "data": [["3", "p", "c", 0.5]]}
    rows, _ = read(write(tmp_path / "completions_0_ab12.table.json", table), "wandb")
    assert [(row.step, row.reward) for row in rows] == [(3, 0.5)]


def test_saved_datasets_and_their_caches(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"step": [1], "completion": ["a"]})
    for split in ("train", "test"):
        folder = tmp_path / "saved" / split
        folder.mkdir(parents=True)
        for name in ("data-00000-of-00001.arrow", "cache-0123.arrow"):
            with pyarrow.ipc.new_stream(folder / name, table.schema) as stream:
                stream.write_table(table)
        write(folder / "state.json", {"_data_files": [{"filename": "data-00000-of-00001.arrow"}]})
    rows, report = read(tmp_path / "saved", "hf_saved")
    assert sorted((row.run, row.split) for row in rows) == [("", "eval"), ("", "train")]
    assert sum("cache" in reason for reason in report.passed_over.values()) == 2


# rows under names of anyone's choosing


def test_generated_texts_with_the_step_in_the_name(tmp_path: Path) -> None:
    path = tmp_path / "completions_step25.json"
    path.write_text(json.dumps([{"generated": "a"}, {"generated": "b"}]))
    assert [(row.step, row.text) for row in read(path, "generic")[0]] == [(25, "a"), (25, "b")]


def test_outputs_with_lists_beside_them(tmp_path: Path) -> None:
    row = {"question": "p", "outputs": ["a", "b"], "has_code": [True, False], "scores": [0, 1]}
    rows, _ = read(write(tmp_path / "x.jsonl", row), "generic")
    assert [(row.text, row.reward, row.extras["has_code"]) for row in rows] == [
        ("a", 0.0, True),
        ("b", 1.0, False),
    ]


def test_groups_of_records(tmp_path: Path) -> None:
    row = {
        "step": 2,
        "prompt": "p",
        "completions": [{"text": "a", "reward": 1.0}, {"text": "b", "reward": 0.0}],
    }
    rows, _ = read(write(tmp_path / "x.jsonl", row), "generic")
    assert [(row.step, row.prompt, row.text, row.reward) for row in rows] == [
        (2, "p", "a", 1.0),
        (2, "p", "b", 0.0),
    ]


def test_whole_conversations(tmp_path: Path) -> None:
    row = {"messages": [QUESTION, said("assistant", "4")], "reward": 1}
    (got,) = read(write(tmp_path / "x.jsonl", row), "generic")[0]
    assert (got.prompt, got.text) == ("How many?", "4")


def test_study_evaluations_keep_greedy_and_sampled_apart(tmp_path: Path) -> None:
    row = {"question": "p", "answer": "4", "completions": [{"output": "a", "acc": 1.0}]}
    metrics = {"gsm8k": 1.0, "text_count": 1}
    for number in (1, 64):
        write(tmp_path / "global_step300" / f"eval_gsm8k_{number}.json", row, metrics)
    rows, report = read(tmp_path, "zhao2025")
    assert [(row.step, row.extras["decoding"]) for row in rows] == [(300, "greedy"), (300, "sampled")]
    assert report.decoding == "greedy and sampled" and not report.faulty


def test_remote_files_come_through_fsspec(tmp_path: Path) -> None:
    memory = pytest.importorskip("fsspec").filesystem("memory")
    folder = f"/{tmp_path.name}"
    for step in (10, 2):
        memory.pipe(
            f"{folder}/step_{step}/rollouts.jsonl", json.dumps({"response": f"at {step}"}).encode() + b"\n"
        )
    memory.pipe(f"{folder}/readme.md", b"# nothing")
    for path in (f"memory:/{folder}", f"memory:/{folder}/*/rollouts.jsonl"):
        rows, _ = read(path, "generic")
        assert [(row.step, row.text) for row in rows] == [(2, "at 2"), (10, "at 10")]
    assert read(f"memory:/{folder}/step_2/rollouts.jsonl", "generic")[0][0].text == "at 2"
    with pytest.raises(UsageError, match="nowhere"):
        read_rollouts(f"memory:/{folder}/nowhere.jsonl")


def test_study_columns(tmp_path: Path) -> None:
    row = {
        "run_id": "kl0",
        "step": 3,
        "epoch": 0.5,
        "problem_id": "p7",
        "prompt": "p",
        "completion": "c",
        "answer": 4,
        "reward": 1,
        "truncated": False,
        "n_tokens": 12,
        "kl_coef": 0.1,
        "mixture": {"tinygsm": 0.5},
    }
    log = read_rollouts(write(tmp_path / "x.jsonl", row, {**row, "reward": 0, "answer": 5, "epoch": 0.6}))
    first, second = log
    assert (first.run, first.step, first.problem, first.tokens, first.truncated) == (
        "kl0",
        3,
        "p7",
        12,
        False,
    )
    assert (first.correct, second.correct, second.sample) == (True, False, 1)
    assert log.metadata == {"kl0": {"kl_coef": 0.1, "mixture": {"tinygsm": 0.5}}}
    assert first.extras["answer"] == 4
