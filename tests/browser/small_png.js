// A PNG with a palette: a page of flat colours needs a third of the bytes. The 255 most frequent
// colours are kept; of the others each becomes the nearest of them.

import {crc32} from "./crc32.js";
import {deflateSync} from "node:zlib";

const COLOURS_MOST = 256;

// The browser decodes the picture: [width, height, one number 0xRRGGBB for each point].
function pointsOf(page, png) {
    return page.evaluate(async (base64) => {
        const image = new Image();
        image.src = `data:image/png;base64,${base64}`;
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        const {data} = context.getImageData(0, 0, image.width, image.height);
        const points = [];
        for (let i = 0; i < data.length; i += 4)
            points.push(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
        return [image.width, image.height, points];
    }, png.toString("base64"));
}

function paletteOf(points) {
    const counts = new Map();
    for (const point of points)
        counts.set(point, (counts.get(point) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1]).slice(0, COLOURS_MOST).map(([colour]) => colour);
}

function distance(a, b) {
    return [16, 8, 0].reduce((sum, shift) => sum + ((a >> shift & 255) - (b >> shift & 255)) ** 2, 0);
}

function nearest(palette, colour) {
    let best = 0;
    palette.forEach((other, i) => {
        if (distance(other, colour) < distance(palette[best], colour))
            best = i;
    });
    return best;
}

function chunk(type, data) {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const length = Buffer.alloc(4), sum = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
}

// Each row begins with its filter, 0: none.
function rows(width, height, points, indexOf) {
    const bytes = Buffer.alloc((width + 1) * height);
    for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
            bytes[y * (width + 1) + 1 + x] = indexOf.get(points[y * width + x]);
    return bytes;
}

export async function smallPng(page, png) {
    const [width, height, points] = await pointsOf(page, png);
    const palette = paletteOf(points);
    const indexOf = new Map(palette.map((colour, i) => [colour, i]));
    for (const point of points)
        if (!indexOf.has(point))
            indexOf.set(point, nearest(palette, point));
    const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]); // 8 bits, palette
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, colour >> 8 & 255, colour & 255]));
    return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", header),
                          chunk("PLTE", colours),
                          chunk("IDAT", deflateSync(rows(width, height, points, indexOf), {level: 9})),
                          chunk("IEND", Buffer.alloc(0))]);
}
