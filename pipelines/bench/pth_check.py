"""pth_check.py MODEL FOLDER: checkpoints that PyTorch itself writes, converted and compared.

Writes the parameters of a model in many forms with torch.save(), in both its formats, has model-convert read
each, and compares every number with what torch.load() gives. Needs torch and model-convert in PATH.
"""
import argparse
import collections
import json
import os
import pathlib
import struct
import subprocess
import sys

import numpy as np
import torch


def load(path):
    data = pathlib.Path(path).read_bytes()
    n, = struct.unpack('<Q', data[:8])
    types = {'F32': np.float32, 'I64': np.int64}
    return {k: torch.from_numpy(np.frombuffer(data[8 + n:][slice(*v['data_offsets'])], types[v['dtype']])
                                .reshape(v['shape']).copy())
            for k, v in json.loads(data[8:8 + n]).items()
            if k != '__metadata__' and not k.startswith(('head.', 'momentum.'))}


def each(state, change):
    return {k: change(v) if v.is_floating_point() else v for k, v in state.items()}


def turned(t):
    if t.dim() == 2:
        return t.t().contiguous().t()
    return t.contiguous(memory_format=torch.channels_last) if t.dim() == 4 else torch.cat([t, t])[len(t):]


def views(state):
    flat = torch.cat([t.reshape(-1) for t in state.values() if t.is_floating_point()])
    out, at = {}, 0
    for name, t in state.items():
        out[name] = flat[at:at + t.numel()].view(t.shape) if t.is_floating_point() else t
        at += t.numel() if t.is_floating_point() else 0
    return out


def trained(state):
    """A checkpoint as training leaves it"""
    params = [torch.nn.Parameter(t.clone()) for t in state.values() if t.is_floating_point()]
    optimizer = torch.optim.Adam(params)
    for p in params:
        p.grad = torch.ones_like(p)
    optimizer.step()
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [1, 2])
    return {'optimizer': optimizer.state_dict(), 'scheduler': scheduler.state_dict(), 'state_dict': state,
            'args': argparse.Namespace(lr=.1, out=pathlib.Path('x')), 'best': np.float64(.5), 'none': np.zeros(0),
            'array': np.arange(3.), 'seen': collections.Counter([1, 2]), 'log': collections.defaultdict(list),
            'rng': torch.get_rng_state(), 'numpy': np.random.get_state()}


def main(model, folder):
    os.makedirs(folder, exist_ok=True)
    state = collections.OrderedDict(load(model))
    forms = {'plain': state, 'trained': trained(state), 'views': views(state), 'turned': each(state, turned),
             'parallel': {'model': {'module.' + k: v for k, v in state.items()}},
             'parameters': each(state, torch.nn.Parameter), 'double': each(state, torch.Tensor.double),
             'half': each(state, torch.Tensor.half), 'bfloat16': each(state, torch.Tensor.bfloat16)}
    wrong = 0
    for name, what in forms.items():
        for new in (True, False):
            for protocol in (2, 3, 4, 5):
                path, out = f'{folder}/{name}.pth', f'{folder}/out.model'
                torch.save(what, path, pickle_protocol=protocol, _use_new_zipfile_serialization=new)
                subprocess.run(['model-convert', '-q', '-o', out, path], check=True)
                got, want = load(out), what.get('state_dict', what.get('model', what))
                want = {k.replace('module.', ''): v for k, v in want.items()}
                same = got.keys() == want.keys() and all(
                    torch.equal(got[k], v.float() if v.is_floating_point() else v) for k, v in want.items())
                print('same' if same else 'OTHER', name, 'ZIP' if new else 'bare', 'protocol', protocol)
                wrong += not same
    return wrong > 0


sys.exit(main(*sys.argv[1:]))
