// onnx_random.js LIST: what ONNX Runtime makes of RGB images. A line of LIST is
//     MODEL PIXELS N H W OUT
// pixels are taken as they are, and each image goes alone. OUT gets the first output's floats; it is
// not written where ONNX Runtime does not take the model, which is said.
"use strict";
const fs = require("fs");
const ort = require("onnxruntime-node");

async function run(model, pixels, n, h, w) {
    const session = await ort.InferenceSession.create(model, { logSeverityLevel: 4 });
    const bytes = fs.readFileSync(pixels);
    const rows = [];
    for (let i = 0; i < n; i++) {
        const x = new Float32Array(3 * h * w);
        for (let p = 0; p < h * w; p++) {
            for (let c = 0; c < 3; c++) {
                x[c * h * w + p] = bytes[(i * h * w + p) * 3 + c];
            }
        }
        const feeds = { [session.inputNames[0]]: new ort.Tensor("float32", x, [1, 3, h, w]) };
        const y = (await session.run(feeds))[session.outputNames[0]].data;
        rows.push(Buffer.from(y.buffer, y.byteOffset, y.byteLength));
    }
    return Buffer.concat(rows);
}

async function main() {
    for (const line of fs.readFileSync(process.argv[2], "utf8").split("\n")) {
        const [model, pixels, n, h, w, out] = line.split(" ");
        if (out) {
            try {
                fs.writeFileSync(out, await run(model, pixels, +n, +h, +w));
            } catch (error) {
                console.log(`${model}: ONNX Runtime: ${String(error.message).slice(0, 120)}`);
            }
        }
    }
}

main();
