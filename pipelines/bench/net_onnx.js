// net_onnx.js FILE BATCH SECONDS WARM STEPS: ONNX Runtime's speed, printed like net_torch.py's.
"use strict";
const ort = require("onnxruntime-node");

async function main() {
    const file = process.argv[2];
    const [batch, seconds, warm, least] = process.argv.slice(3).map(Number);
    const session = await ort.InferenceSession.create(file, { intraOpNumThreads: 2 });
    const pixels = Float32Array.from({ length: batch * 3 * 112 * 112 }, () => Math.random() - 0.5);
    const feeds = { x: new ort.Tensor("float32", pixels, [batch, 3, 112, 112]) };
    const now = () => Number(process.hrtime.bigint()) / 1e9;
    const rate = async () => {
        const since = now();
        await session.run(feeds);
        return batch / (now() - since);
    };
    const rates = [await rate()];
    for (let step = 1; step < warm; step++)
        await rate();
    for (const begun = now(); rates.length <= least || now() - begun < seconds;)
        rates.push(await rate());
    console.log(...rates, process.resourceUsage().maxRSS / 1024);
}

main();
