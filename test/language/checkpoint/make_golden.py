"""Makes the small checkpoints neox/, llama/ and llama-tied/, and checkpoint.golden.json with their logits and tokens.

    python3 -m venv /tmp/hf && /tmp/hf/bin/pip install torch==2.13.0 transformers==5.24.0 tokenizers==0.23.3
    /tmp/hf/bin/python test/language/checkpoint/make_golden.py            draws, computes and rewrites the files
    /tmp/hf/bin/python test/language/checkpoint/make_golden.py --check    compares, to 1e-6, and writes nothing

The models are random and far from their starting weights, so that every part matters. Logits are those of every
seventh token of the vocabulary.
"""

import argparse
import json
import tempfile
from pathlib import Path

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoModelForCausalLM, GPTNeoXConfig, LlamaConfig

FOLDER = Path(__file__).parent
LEARNED = [
    "The train of thought that the others thought through: there, then, another.",
    "Over the river and over the other river, in the winter, in the spring.",
    "    def over(there):\n        return there + 1\n",
    "Über den Fluss, über die Brücke, für die anderen.",
]
TEXTS = [
    "",
    " ",
    "the river",
    "Over the river there's another, isn't there? I'D SAY it'ſ so, we'll see.",
    "  two  spaces   three\n\nlines\r\n\ttabs \n",
    "Über die Brücke: größer, cafe\u0301 and café, naïve",
    "emoji 👩‍👩‍👧 and 🙂, 中文字, عربى",
    "1234567 and 3.14, 10,000!",
    "    return there + 1",
    "<|endoftext|> within <|endoftext|>the<|end_of_text|> text <|endof",
    "a\u00a0b\u2003c\u0085d\ufeffe\u001cf",
    "ends in spaces   ",
    "the" * 60,
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "ﬁ ½ ² Ⅳ ١٢٣ \u1100\u1161 \u212b",
]
LLAMA_3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
TOKENS = [[0, 40, 260, 13, 77, 262, 5], [3, 3, 281, 100, 9, 250, 270]]
VOCABULARY = 288


def neox_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    trained(tokenizer, ["<|endoftext|>", "<|padding|>"], 282)
    tokenizer.add_tokens([AddedToken(" " * count, normalized=True) for count in (4, 3, 2)])
    return tokenizer


def llama_tokenizer():
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    split = pre_tokenizers.Split(Regex(LLAMA_3), behavior="isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    trained(tokenizer, [], 286)
    tokenizer.add_special_tokens(["<|begin_of_text|>", "<|end_of_text|>"])
    template = processors.TemplateProcessing(
        single="<|begin_of_text|> $A", special_tokens=[("<|begin_of_text|>", 286)]
    )
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    return tokenizer


def trained(tokenizer, special, size):
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(LEARNED, trainer)


def configs():
    shared = {"vocab_size": VOCABULARY, "num_hidden_layers": 2, "max_position_embeddings": 32}
    yield "neox", torch.bfloat16, neox_tokenizer(), "1GB", GPTNeoXConfig(
        **shared,
        hidden_size=16,
        num_attention_heads=2,
        intermediate_size=40,
        rotary_pct=0.5,
        use_parallel_residual=True,
        tie_word_embeddings=False,
        bos_token_id=0,
        eos_token_id=0,
    )
    yield "llama", torch.float16, llama_tokenizer(), "12KB", LlamaConfig(
        **shared,
        hidden_size=16,
        num_attention_heads=4,
        num_key_value_heads=2,
        intermediate_size=24,
        rms_norm_eps=1e-6,
        rope_theta=500.0,
        tie_word_embeddings=False,
        bos_token_id=286,
        eos_token_id=[287, 286],
    )
    yield "llama-tied", torch.float32, llama_tokenizer(), "1GB", LlamaConfig(
        **{**shared, "num_hidden_layers": 1},
        hidden_size=8,
        num_attention_heads=2,
        num_key_value_heads=1,
        intermediate_size=12,
        attention_bias=True,
        mlp_bias=True,
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 10.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8,
        },
        tie_word_embeddings=True,
        bos_token_id=286,
        eos_token_id=287,
    )


def drawn(config, kind, seed):
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            is_norm = "norm" in name and name.endswith("weight")
            scale = 0.7 if "embed" in name or "lm_head" in name else 0.3
            weight.copy_((1 if is_norm else 0) + scale * torch.randn(weight.shape))
    return model.to(kind)


def made(folder):
    golden = {"texts": TEXTS, "tokens": TOKENS, "models": {}}
    for seed, (name, kind, tokenizer, shard, config) in enumerate(configs()):
        model = drawn(config, kind, seed)
        model.save_pretrained(folder / name, max_shard_size=shard)
        (folder / name / "generation_config.json").unlink(missing_ok=True)
        path = folder / name / "tokenizer.json"
        path.write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")) + "\n")
        # Read back, since a model that was made 16 bits wide has its rotary frequencies rounded as well.
        read = AutoModelForCausalLM.from_pretrained(folder / name, dtype=torch.float32, attn_implementation="eager")
        with torch.no_grad():
            logits = read.eval()(torch.tensor(TOKENS)).logits[..., ::7]
        encoded = [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]
        golden["models"][name] = {
            "logits": [float(f"{value:.7g}") for value in logits.flatten().tolist()],
            "encoded": encoded,
            "decoded": [tokenizer.decode(ids) for ids in encoded],
        }
    return golden


def numbers_of(value):
    if isinstance(value, dict):
        return [number for key in sorted(value) for number in numbers_of(value[key])]
    if isinstance(value, list):
        return [number for item in value for number in numbers_of(item)]
    return [] if isinstance(value, str) else [value]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    path = FOLDER / "checkpoint.golden.json"
    if not parser.parse_args().check:
        path.write_text(json.dumps(made(FOLDER), ensure_ascii=False, separators=(",", ":")) + "\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        golden = made(Path(folder))
    pairs = zip(numbers_of(json.loads(path.read_text())), numbers_of(golden), strict=True)
    if any(abs(before - now) > 1e-6 * max(1, abs(now)) for before, now in pairs):
        raise SystemExit("checkpoint.golden.json differs")


if __name__ == "__main__":
    main()
