# step(compute, head, p, net, batch, gbit, latency): the seconds of a step on p machines, and in `waited` what of
# them is communication.
#
#     step = (compute + head) / p + messages log2(p) latency + max(0, gradients - 2/3 compute / p)
#
# compute and head are what one machine takes for the net and for the head's products. Gradients send 2 (p-1)/p of
# the net over the network, while the backward pass, two thirds of compute, goes on. Messages are the exchanges of
# batch norm, forward and backward, each of a latency a level of the tree. Embeddings and their gradients travel too.
BEGIN {
    dim = 512 # of embeddings
    params["mobilefacenet"] = 1.20e6; norms["mobilefacenet"] = 50
    params["iresnet18"] = 24.0e6; norms["iresnet18"] = 31
    params["iresnet34"] = 34.1e6; norms["iresnet34"] = 55
    params["iresnet50"] = 43.6e6; norms["iresnet50"] = 79
    params["iresnet100"] = 65.2e6; norms["iresnet100"] = 154
}
function log2(x) { return log(x) / log(2) }
function most(a, b) { return a > b ? a : b }
function step(compute, head, p, net, batch, gbit, latency,    send) {
    send = 2 * (p - 1) / p * params[net] * 4 * 8 / (gbit * 1e9)
    waited = 2 * norms[net] * log2(p) * latency + most(0, send - compute / p * 2 / 3)
    waited += (p > 1) * batch * (4 * dim + 8) * 2 * 8 / (gbit * 1e9)
    return (compute + head) / p + waited
}
# a level of the tree, at so many Gbit/s
function latency_at(gbit) { return gbit <= 1 ? 60e-6 : 30e-6 }
