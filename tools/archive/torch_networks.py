"""The denoiser and the decoder of a Fizzy model in PyTorch, with the published names of their weights."""
import math

import torch
import torch.nn.functional as F
from torch import nn


class Residual(nn.Module):
    """Modulated by the time (time_channels > 0), or plain."""

    def __init__(self, cin, cout, groups, eps, time_channels=0, norm2="norm2", shortcut="nin_shortcut"):
        super().__init__()
        self.time = time_channels > 0
        self.norm1 = nn.GroupNorm(groups, cin, eps)
        self.conv1 = nn.Conv2d(cin, cout, 3, padding=1)
        norm = nn.GroupNorm(groups, cout, eps)
        if self.time:
            self.time_emb = nn.Sequential(nn.SiLU(), nn.Linear(time_channels, cout))
            self.scale_emb = nn.Linear(cout, cout)
            self.shift_emb = nn.Linear(cout, cout)
            self.norm2 = nn.ModuleDict({"norm": norm})
            shortcut = "shortcut"
        else:
            self.norm2 = norm
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1)
        self.name = shortcut
        if cin != cout:
            setattr(self, shortcut, nn.Conv2d(cin, cout, 1))

    def forward(self, x, time=None):
        h = self.conv1(F.silu(self.norm1(x)))
        if self.time:
            t = self.time_emb(time)
            scale, shift = self.scale_emb(t)[:, :, None, None], self.shift_emb(t)[:, :, None, None]
            h = (1 + scale) * self.norm2["norm"](h) + shift
        else:
            h = self.norm2(h)
        h = self.conv2(F.silu(h))
        return h + (getattr(self, self.name)(x) if hasattr(self, self.name) else x)


class Heads(nn.Module):
    """Attention of tokens x [B,C,T] to context [B,W,S]."""

    def __init__(self, channels, context, head_channels):
        super().__init__()
        self.heads = channels // head_channels
        self.to_q = nn.Conv1d(channels, channels, 1)
        self.to_k = nn.Conv1d(context, channels, 1)
        self.to_v = nn.Conv1d(context, channels, 1)
        self.proj_out = nn.Conv1d(channels, channels, 1)

    def forward(self, x, context):
        def split(t):
            return t.reshape(t.shape[0], self.heads, -1, t.shape[2]).transpose(2, 3)

        h = F.scaled_dot_product_attention(split(self.to_q(x)), split(self.to_k(context)), split(self.to_v(context)))
        return self.proj_out(h.transpose(2, 3).reshape(x.shape))


class Attention(nn.Module):
    def __init__(self, c, u):
        super().__init__()
        self.width, groups = u["context_channels"], u["groups"]
        self.x_proj_in = nn.Conv2d(c, c, 1)
        self.x_proj_out = nn.Conv2d(c, c, 1)
        self.x_norm = nn.GroupNorm(groups, c, 1e-5)
        self.self_attention = Heads(c, c, u["head_channels"])
        self.c_proj_in = nn.Linear(self.width, self.width * u["context_tokens"])
        self.c_norm = nn.GroupNorm(groups, self.width, 1e-5)
        self.cross_attention = Heads(c, self.width, u["head_channels"])
        self.ff = nn.Sequential(nn.Linear(c, 4 * c), nn.GELU(), nn.Linear(4 * c, c))

    def forward(self, x, context):
        h = self.x_proj_in(x).flatten(2)
        n = self.x_norm(h)
        h = h + self.self_attention(n, n)
        tokens = self.c_norm(self.c_proj_in(context).reshape(len(context), self.width, -1))
        h = h + self.cross_attention(self.x_norm(h), tokens)
        h = h + self.ff(self.x_norm(h).transpose(1, 2)).transpose(1, 2)
        return x + self.x_proj_out(h.reshape(x.shape))


class Block(nn.Module):
    def __init__(self, cin, cout, u, attends):
        super().__init__()
        self.res = Residual(cin, cout, u["groups"], 1e-5, 4 * u["base_channels"])
        self.attends = attends
        if attends:
            self.attn = Attention(cout, u)

    def forward(self, x, time, context):
        h = self.res(x, time)
        return self.attn(h, context) if self.attends else h


class Resize(nn.Module):
    def __init__(self, conv):
        super().__init__()
        self.conv = conv

    def forward(self, x, time, context):
        return self.conv(x)


class UNet(nn.Module):
    def __init__(self, u):
        super().__init__()
        base, z, groups = u["base_channels"], u["latent_channels"], u["groups"]
        assert u["conditioning"] == "CROSS_ATTENTION" and u.get("patch", 1) == 1, "only the published kind of denoiser"
        t = 4 * base
        self.base = base
        self.time_emb = nn.ModuleDict({"lin1": nn.Linear(base, t), "lin2": nn.Linear(t, t)})
        self.context_emb = nn.Linear(u["context_input"], u["context_channels"])
        if u["learned_empty_context"]:
            self.empty_context_embedding = nn.Parameter(torch.zeros(u["context_channels"]))
        self.image_proj = nn.Conv2d(z, base, 3, padding=1)
        widths = [base * math.prod(u["multipliers"][: i + 1]) for i in range(len(u["multipliers"]))]
        down, skips, c = [], [base], base
        for level, width in enumerate(widths):
            for _ in range(u["blocks"]):
                down.append(Block(c, width, u, u["attention"][level]))
                skips.append(c := width)
            if level + 1 < len(widths):
                down.append(Resize(nn.Conv2d(c, c, 3, stride=2, padding=1)))
                skips.append(c)
        self.down = nn.ModuleList(down)
        residual = lambda: Residual(c, c, groups, 1e-5, t)
        self.middle = nn.ModuleDict({"res1": residual(), "attn": Attention(c, u), "res2": residual()})
        up = []
        for level in reversed(range(len(widths))):
            for block in range(u["blocks"] + 1):
                width = widths[level] if block < u["blocks"] else ([base] + widths)[level]
                up.append(Block(c + skips.pop(), width, u, u["attention"][level]))
                c = width
            if level:
                up.append(Resize(nn.ConvTranspose2d(c, c, 4, stride=2, padding=1)))
        self.up = nn.ModuleList(up)
        self.norm = nn.GroupNorm(groups, c, 1e-5)
        self.final = nn.Conv2d(c, z, 3, padding=1)

    def forward(self, x, t, context):
        half = self.base // 2
        angles = t.float()[:, None] * torch.exp(torch.arange(half, device=t.device) * (-math.log(10000) / half))
        time = torch.cat([angles.cos(), angles.sin()], 1).to(x.dtype)
        time = self.time_emb["lin2"](F.silu(self.time_emb["lin1"](time)))
        context = self.context_emb(context)
        h = self.image_proj(x)
        skips = [h]
        for block in self.down:
            h = block(h, time, context)
            skips.append(h)
        h = self.middle["res2"](self.middle["attn"](self.middle["res1"](h, time), context), time)
        for block in self.up:
            h = block(h if isinstance(block, Resize) else torch.cat([h, skips.pop()], 1), time, context)
        return self.final(F.silu(self.norm(h)))


class WholeAttention(nn.Module):
    def __init__(self, c, groups):
        super().__init__()
        self.norm = nn.GroupNorm(groups, c, 1e-6)
        self.q, self.k, self.v, self.proj_out = (nn.Conv2d(c, c, 1) for _ in range(4))

    def forward(self, x):
        h = self.norm(x)
        q, k, v = (f(h).flatten(2).transpose(1, 2)[:, None] for f in (self.q, self.k, self.v))
        h = F.scaled_dot_product_attention(q, k, v)[:, 0].transpose(1, 2)
        return x + self.proj_out(h.reshape(x.shape))


class Decoder(nn.Module):
    """From latents; the nearest codes first."""

    def __init__(self, a):
        super().__init__()
        z, groups = a["z_channels"], a["groups"]
        widths = [a["channels"] * m for m in a["multipliers"]]
        c = widths[-1]
        residual = lambda cin, cout: Residual(cin, cout, groups, 1e-6)
        self.quantize = nn.ModuleDict({"embedding": nn.Embedding(a["codes"], z)})
        self.post_quant_conv = nn.Conv2d(z, z, 1)
        middle = nn.ModuleDict({"block_1": residual(c, c), "attn_1": WholeAttention(c, groups), "block_2": residual(c, c)})
        up = [None] * len(widths)
        decoder = {"conv_in": nn.Conv2d(z, c, 3, padding=1), "mid": middle}
        for level in reversed(range(len(widths))):
            blocks = []
            for _ in range(a["blocks"] + 1):
                blocks.append(residual(c, widths[level]))
                c = widths[level]
            up[level] = nn.ModuleDict({"block": nn.ModuleList(blocks)})
            if level:
                up[level]["upsample"] = nn.ModuleDict({"conv": nn.Conv2d(c, c, 3, padding=1)})
        decoder |= {"up": nn.ModuleList(up), "norm_out": nn.GroupNorm(groups, c, 1e-6), "conv_out": nn.Conv2d(c, 3, 3, padding=1)}
        self.decoder = nn.ModuleDict(decoder)

    def forward(self, z):
        d, codes = self.decoder, self.quantize["embedding"].weight
        flat = z.permute(0, 2, 3, 1).reshape(-1, z.shape[1])
        # The nearest code is that of the largest product less half its square.
        nearest = (flat @ codes.T - codes.square().sum(1) / 2).argmax(1)
        z = codes[nearest].reshape(z.shape[0], z.shape[2], z.shape[3], -1).permute(0, 3, 1, 2).contiguous()
        h = d["conv_in"](self.post_quant_conv(z))
        h = d["mid"]["block_2"](d["mid"]["attn_1"](d["mid"]["block_1"](h)))
        for level in reversed(range(len(d["up"]))):
            for block in d["up"][level]["block"]:
                h = block(h)
            if level:
                h = d["up"][level]["upsample"]["conv"](F.interpolate(h, scale_factor=2.0, mode="nearest"))
        return d["conv_out"](F.silu(d["norm_out"](h)))
