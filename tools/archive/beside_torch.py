"""Runs and times the denoiser and the decoder of a Fizzy model in PyTorch, on a GPU beside Fizzy.

  beside_torch.py speed NETWORK CONFIG TYPE BATCH [GO]   NETWORK: unet or decoder; CONFIG: a JSON configuration; TYPE: f32 or bf16. With
                                                         GO it compiles the network, and times it once that file exists
  beside_torch.py inputs MODEL FOLDER                    writes random inputs of both networks for `fizzy model run`
  beside_torch.py outputs MODEL FOLDER                   runs them here and compares with what Fizzy wrote: unet.npz and decoder.npz

MODEL is a model file of Fizzy, or the jar that holds the one that ships. gpu-check runs this where Python has torch. It was checked without
a GPU and without torch, with torch's functions in NumPy: outputs of the model that ships differ by 1e-6 of the largest value.
"""
import json
import math
import os
import struct
import sys
import time
import zipfile

import numpy as np
import torch

from torch_networks import Decoder, UNet

SHIPPED = "dev/fizzy/model/default.safetensors"


def commented_json(path):
    """Of a file with lines that begin with //."""
    with open(path) as file:
        return json.loads("".join(line for line in file if not line.startswith("//")))


def model(path):
    """The configuration and the tensors, by name, of a safetensors file of f32 and bf16."""
    with zipfile.ZipFile(path).open(SHIPPED) if path.endswith(".jar") else open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    config = json.loads(header.pop("__metadata__")["config"])
    tensors = {}
    for name, t in header.items():
        raw = data[t["data_offsets"][0] : t["data_offsets"][1]]
        if t["dtype"] == "BF16":
            values = (np.frombuffer(raw, np.uint16).astype(np.uint32) << 16).view(np.float32)
        else:
            values = np.frombuffer(raw, np.float32)
        tensors[name] = torch.from_numpy(values.reshape(t["shape"]).copy())
    return config, tensors


def loaded(network, tensors):
    network.load_state_dict({name: tensors[name] for name in network.state_dict()})
    return network.eval()


def milliseconds(network, inputs):
    """Of one run, after a warm-up: the mean of 30."""
    with torch.inference_mode():
        for _ in range(5):
            network(*inputs)
        torch.cuda.synchronize()
        begin = time.time()
        for _ in range(30):
            network(*inputs)
        torch.cuda.synchronize()
    return (time.time() - begin) / 30 * 1e3


def speed(kind, config, name, batch, go=None):
    c = commented_json(config)
    u, dtype = c["unet"], {"f32": torch.float32, "bf16": torch.bfloat16}[name]
    torch.manual_seed(1)
    x = torch.randn(batch, u["latent_channels"], u["size"], u["size"])
    context = torch.randn(batch, u["context_input"]) / math.sqrt(u["context_input"])
    network = UNet(u) if kind == "unet" else Decoder(c["autoencoder"])
    network = network.to("cuda", dtype).eval()
    more = [torch.full([1], 500.0, device="cuda"), context.to("cuda", dtype)] if kind == "unet" else []
    for layout in [torch.channels_last] if go else [torch.channels_last, torch.contiguous_format]:
        run, inputs = network.to(memory_format=layout), [x.to("cuda", dtype).contiguous(memory_format=layout)] + more
        if go:
            run = torch.compile(run, mode="reduce-overhead")
            milliseconds(run, inputs)
            while not os.path.exists(go):
                time.sleep(0.1)
        ms = milliseconds(run, inputs)
        how = "compiled" if go else "eager"
        print(f"torch {torch.__version__} {how} {kind} {name} batch {batch} {layout}: {ms:.3f} ms, {batch / ms * 1e3:.0f} images/s", flush=True)


def write_inputs(path, folder):
    config, _ = model(path)
    u, random = config["unet"], np.random.default_rng(1)
    x = random.standard_normal((2, u["latent_channels"], u["size"], u["size"]), np.float32)
    context = random.standard_normal((2, u["context_input"]), np.float32)
    context /= np.linalg.norm(context, axis=1, keepdims=True)
    np.savez(folder + "/unet-in.npz", x=x, t=np.array([17, 800], np.float32), context=context)
    np.savez(folder + "/decoder-in.npz", x=x / 2)


def compare(path, folder):
    """Prints the largest difference of each network's output, over the largest value; both compute in f32."""
    config, tensors = model(path)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    device = "cuda" if torch.cuda.is_available() else "cpu"
    worst = 0.0
    for kind, network, names in [("unet", UNet(config["unet"]), ["x", "t", "context"]), ("decoder", Decoder(config["autoencoder"]), ["x"])]:
        given, ours = np.load(f"{folder}/{kind}-in.npz"), np.load(f"{folder}/{kind}.npz")["y"]
        with torch.inference_mode():
            y = loaded(network, tensors).to(device)(*(torch.from_numpy(given[n]).to(device) for n in names)).cpu().numpy()
        difference = float(np.abs(y - ours).max() / np.abs(y).max())
        print(f"{kind}: largest difference from torch {difference:.2e} of the largest value, on {device}")
        worst = max(worst, difference if difference == difference else math.inf)
    sys.exit(worst > 1e-3)


if __name__ == "__main__":
    what, arguments = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("", [])
    if what == "speed" and len(arguments) in (4, 5):
        speed(*arguments[:3], int(arguments[3]), *arguments[4:])
    elif what == "inputs" and len(arguments) == 2:
        write_inputs(*arguments)
    elif what == "outputs" and len(arguments) == 2:
        compare(*arguments)
    else:
        sys.exit(__doc__)
