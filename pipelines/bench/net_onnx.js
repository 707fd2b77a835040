// net_onnx.js FILE BATCH SECONDS: ONNX Runtime's speed, printed like net_torch.py's.
"use strict";
const ort = require("onnxruntime-node");

async function main() {
    const [file, batch, seconds] = [process.argv[2], +process.argv[3], +process.argv[4]];
    const session = await ort.InferenceSession.create(file, { intraOpNumThreads: 2 });
    const pixels = Float32Array.from({ length: batch * 3 * 112 * 112 }, () => Math.random() - 0.5);
    const feeds = { x: new ort.Tensor("float32", pixels, [batch, 3, 112, 112]) };
    const now = () => Number(process.hrtime.bigint()) / 1e9;
    const rates = [];
    await session.run(feeds);
    for (const begun = now(); rates.length === 0 || now() - begun < seconds;) {
        const since = now();
        await session.run(feeds);
        rates.push(batch / (now() - since));
    }
    rates.sort((a, b) => a - b);
    console.log(rates[rates.length >> 1], process.resourceUsage().maxRSS / 1024);
}

main();
