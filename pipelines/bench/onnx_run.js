// onnx_run.js FILE PIXELS N MEAN SCALE OUT: what ONNX Runtime makes of n RGB images of 112 x 112, as
// floats; each image alone, as some models have a fixed batch.
"use strict";
const fs = require("fs");
const ort = require("onnxruntime-node");

const SIDE = 112 * 112;

async function main() {
    const [file, pixels, n, mean, scale, out] = process.argv.slice(2);
    const session = await ort.InferenceSession.create(file, { logSeverityLevel: 3 });
    const bytes = fs.readFileSync(pixels);
    const rows = [];
    for (let i = 0; i < +n; i++) {
        const x = new Float32Array(3 * SIDE);
        for (let p = 0; p < SIDE; p++) {
            for (let c = 0; c < 3; c++) {
                x[c * SIDE + p] = (bytes[(i * SIDE + p) * 3 + c] - mean) * scale;
            }
        }
        const feeds = { [session.inputNames[0]]: new ort.Tensor("float32", x, [1, 3, 112, 112]) };
        const y = (await session.run(feeds))[session.outputNames[0]].data;
        rows.push(Buffer.from(y.buffer, y.byteOffset, y.byteLength));
    }
    fs.writeFileSync(out, Buffer.concat(rows));
}

main();
