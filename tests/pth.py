#!/usr/bin/env python3
"""Checkpoints as PyTorch's torch.save() writes them, without PyTorch.

    pth.py MODEL FOLDER    those of the parameters of a model of npc-train, each form a file

The forms are those that tests/model-convert-torch.bats names. Nothing but Python's library is used: its
pickle writes what torch's classes, which are stood in for here, would be reduced to.
"""
import argparse
import collections
import io
import json
import pathlib
import pickle
import struct
import sys
import types
import zipfile

WIDTH = {'F64': 8, 'F32': 4, 'F16': 2, 'BF16': 2, 'I64': 8}
STORAGES = {'F64': 'DoubleStorage', 'F32': 'FloatStorage', 'F16': 'HalfStorage', 'BF16': 'BFloat16Storage',
            'I64': 'LongStorage'}


def stand_in(module, name, **more):
    """A class or function of that name, as pickle will write it."""
    parts = module.split('.')
    for i in range(len(parts)):
        sys.modules.setdefault('.'.join(parts[:i + 1]), types.ModuleType('.'.join(parts[:i + 1])))
    made = type(name, (), {'__module__': module, **more})
    setattr(sys.modules[module], name, made)
    return made


CLASS = {dtype: stand_in('torch', name) for dtype, name in STORAGES.items()}
REBUILD = stand_in('torch._utils', '_rebuild_tensor_v2')
REBUILD_OLD = stand_in('torch._utils', '_rebuild_tensor')
PARAMETER = stand_in('torch._utils', '_rebuild_parameter')
MODULE = stand_in('torch.nn.modules.linear', 'Linear')
STRANGER = stand_in('os', 'system')


class Storage:
    def __init__(self, dtype, data):
        self.dtype, self.data, self.count = dtype, data, len(data) // WIDTH[dtype]


class Reduced:
    """What is pickled as a call of `function`."""
    def __init__(self, function, *arguments):
        self.reduced = function, arguments

    def __reduce__(self):
        return self.reduced


def steps(shape):
    out, n = [], 1
    for side in reversed(shape):
        out.insert(0, n)
        n *= side
    return tuple(out)


def tensor(storage, shape, offset=0, stride=None, rebuild=REBUILD):
    return Reduced(rebuild, storage, offset, tuple(shape), stride or steps(shape), False, collections.OrderedDict())


class Pickler(pickle._Pickler):
    def __init__(self, out, protocol, bare, storages):
        super().__init__(out, protocol)
        self.bare, self.storages = bare, storages

    def persistent_id(self, what):
        if not isinstance(what, Storage):
            return None
        if what not in self.storages:
            self.storages.append(what)
        key = str(self.storages.index(what))
        return ('storage', CLASS[what.dtype], key, 'cpu', what.count) + ((None,) if self.bare else ())


def dump(what, protocol=2, bare=False, storages=None):
    out = io.BytesIO()
    Pickler(out, protocol, bare, [] if storages is None else storages).dump(what)
    return out.getvalue()


def swapped(storage):
    width = WIDTH[storage.dtype]
    return b''.join(storage.data[i:i + width][::-1] for i in range(0, len(storage.data), width))


def save_zip(path, what, protocol=2, folder='archive', order=None, packed=False, without=None, more=()):
    storages = []
    members = [('data.pkl', dump(what, protocol, False, storages))]
    members += [('byteorder', order)] if order else []
    members += [('data/%d' % i, swapped(s) if order == b'big' else s.data) for i, s in enumerate(storages)]
    members += [('version', b'3\n')] + list(more)
    with open(path, 'wb') as f, zipfile.ZipFile(f, 'w', zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as z:
        for name, data in members:
            if name == without:
                continue
            info = zipfile.ZipInfo(folder + '/' + name)
            info.compress_type = z.compression
            # As PyTorch does it, bytes begin at a multiple of 64.
            pad = -(f.tell() + 30 + len(info.filename.encode()) + 4) % 64
            info.extra = b'FB' + struct.pack('<H', pad) + b'Z' * pad
            z.writestr(info, data)


def save_bare(path, what, protocol=2):
    storages = []
    out = [dump(x, protocol) for x in (0x1950a86a20f9469cfc6c, 1001, {'protocol_version': 1001, 'little_endian': True})]
    out.append(dump(what, protocol, True, storages))
    out.append(dump([str(i) for i in range(len(storages))], protocol))
    out += [struct.pack('<q', s.count) + s.data for s in storages]
    pathlib.Path(path).write_bytes(b''.join(out))


def parameters(path):
    data = pathlib.Path(path).read_bytes()
    n, = struct.unpack('<Q', data[:8])
    header = json.loads(data[8:8 + n])
    return {k: (v['dtype'], v['shape'], data[8 + n + v['data_offsets'][0]:8 + n + v['data_offsets'][1]])
            for k, v in sorted(header.items()) if k != '__metadata__' and not k.startswith(('head.', 'momentum.'))}


def to(dtype, numbers):
    """F32 in another type; what does not fit exactly is cut off."""
    n = len(numbers) // 4
    if dtype == 'BF16':
        return b''.join(numbers[i + 2:i + 4] for i in range(0, len(numbers), 4))
    return struct.pack('<%d%s' % (n, {'F64': 'd', 'F16': 'e'}[dtype]), *struct.unpack('<%df' % n, numbers))


def state(net, dtype=None, make=tensor):
    out = collections.OrderedDict()
    for name, (has, shape, data) in net.items():
        new = dtype if dtype and has == 'F32' else has
        out[name] = make(Storage(new, data if new == has else to(new, data)), shape)
    return out


def turned(net):
    """Every matrix lies column by column, every vector is the second half of a storage."""
    out = collections.OrderedDict()
    for name, (dtype, shape, data) in net.items():
        width = WIDTH[dtype]
        if len(shape) == 2:
            rows, columns = shape
            data = b''.join(data[(r * columns + c) * width:][:width] for c in range(columns) for r in range(rows))
            out[name] = tensor(Storage(dtype, data), shape, stride=(1, rows))
        elif len(shape) == 1:
            out[name] = tensor(Storage(dtype, data + data), shape, offset=shape[0])
        else:
            out[name] = tensor(Storage(dtype, data), shape)
    return out


def shared(net):
    """All numbers of a type are one storage."""
    out, data = collections.OrderedDict(), {d: b''.join(t[2] for t in net.values() if t[0] == d) for d in WIDTH}
    storage, used = {d: Storage(d, b) for d, b in data.items()}, dict.fromkeys(WIDTH, 0)
    for name, (dtype, shape, numbers) in net.items():
        out[name] = tensor(storage[dtype], shape, offset=used[dtype])
        used[dtype] += len(numbers) // WIDTH[dtype]
    return out


def beside(plain):
    """What training leaves in a checkpoint beside the weights"""
    moment = tensor(Storage('F32', b'\0' * 4), [1])
    return {'epoch': 17, 'args': argparse.Namespace(lr=.1, out=pathlib.PurePosixPath('/tmp')), 'best': .5,
            'seen': collections.Counter('abca'), 'log': collections.defaultdict(list), 'set': {1, 2},
            'optimizer': {'state': {0: {'exp_avg': moment, 'step': 1}}, 'param_groups': [{'params': [0]}]},
            'long': 1 << 80, 'state_dict': plain}


def main(net, folder):
    net, plain = parameters(net), None
    plain = state(net)
    wrapped = {'module._orig_mod.' + k: v for k, v in plain.items()}
    name = next(iter(k for k, v in net.items() if v[0] == 'F32'))
    far, wide = dict(plain), dict(plain)
    far[name] = tensor(plain[name].reduced[1][0], net[name][1], offset=1)
    wide[name] = tensor(plain[name].reduced[1][0], [1 << 40, 1 << 20], stride=(0, 0))
    forms = {'zip': (save_zip, plain, {}), 'bare': (save_bare, plain, {}), 'beside': (save_zip, beside(plain), {}),
             'beside-bare': (save_bare, beside(plain), {}), 'wrapped': (save_zip, {'model': wrapped}, {}),
             'parameter': (save_zip, state(net, make=lambda *a: Reduced(PARAMETER, tensor(*a), True, {})), {}),
             'old-tensor': (save_bare, state(net, make=lambda s, n: Reduced(REBUILD_OLD, s, 0, tuple(n), steps(n))), {}),
             'double': (save_zip, state(net, 'F64'), {}), 'double-bare': (save_bare, state(net, 'F64'), {}),
             'half': (save_zip, state(net, 'F16'), {}), 'bf16': (save_bare, state(net, 'BF16'), {}),
             'turned': (save_zip, turned(net), {}), 'turned-bare': (save_bare, turned(net), {}),
             'shared': (save_zip, shared(net), {}), 'shared-bare': (save_bare, shared(net), {}),
             'big': (save_zip, plain, {'order': b'big'}), 'name': (save_zip, plain, {'folder': 'Epoch_17 ж'}),
             'two': (save_zip, {'net': plain, 'ema': state(net, 'F64'), 'head': {'w': plain[name]}}, {}),
             'head': (save_zip, {**{'backbone.' + k: v for k, v in plain.items()}, 'fc.weight': plain[name]}, {}),
             'bad-far': (save_zip, far, {}), 'bad-wide': (save_bare, wide, {}),
             'bad-packed': (save_zip, plain, {'packed': True}), 'bad-lost': (save_zip, plain, {'without': 'data/3'}),
             'bad-script': (save_zip, plain, {'more': [('constants.pkl', b'.'), ('code/a.py', b'')]}),
             'bad-module': (save_zip, MODULE(), {}), 'bad-stranger': (save_zip, Reduced(STRANGER, 'id'), {}),
             'bad-nothing': (save_zip, {'epoch': 1}, {}), 'bad-name': (save_bare, {**plain, 'x.y': plain[name]}, {})}
    for protocol in (3, 4, 5):
        forms['protocol%d' % protocol] = (save_zip, plain, {'protocol': protocol})
        forms['bare%d' % protocol] = (save_bare, plain, {'protocol': protocol})
    for form, (save, what, options) in forms.items():
        save('%s/%s.pth' % (folder, form), what, **options)
    whole = pathlib.Path(folder, 'bare.pth').read_bytes()
    pathlib.Path(folder, 'bad-cut-bare.pth').write_bytes(whole[:-100])
    pathlib.Path(folder, 'bad-cut.pth').write_bytes(pathlib.Path(folder, 'zip.pth').read_bytes()[:-3000])
    pathlib.Path(folder, 'bad-pickle.pth').write_bytes(pickle.dumps({'a': 1}, 2))


main(*sys.argv[1:])
