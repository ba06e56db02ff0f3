// Each deck on one sheet, small, as a PNG: to see it as a whole. And each slide by itself (pictures/).

import {mkdirSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {launch} from "./browser.js";
import {goTo, openDeck} from "./page.js";

const COLUMNS = 5, WIDTH = 480, HEIGHT = 270, GAP = 12;
const out = process.env.SLIDES;

function sheetOf(pictures) {
    const tiles = pictures.map((picture, i) => `<figure><img width="${WIDTH}" height="${HEIGHT}"
        src="data:image/png;base64,${picture.toString("base64")}"><figcaption>${i + 1}</figcaption></figure>`);
    return `<!DOCTYPE html><style>body { margin: ${GAP}px; background: #888; display: grid; gap: ${GAP}px;
        grid-template-columns: repeat(${COLUMNS}, ${WIDTH}px); font: 16px sans-serif; }
        figure { margin: 0; position: relative; } img { display: block; }
        figcaption { position: absolute; left: 0; top: 0; background: #000; color: #fff; padding: 1px 6px; }
        </style>${tiles.join("")}`;
}

const browser = await launch();
for (const name of process.argv.slice(2)) {
    const page = await openDeck(browser, name);
    const count = await page.evaluate(() => document.querySelectorAll("foreignObject > section").length);
    const folder = join(out, "pictures", name);
    mkdirSync(folder, {recursive: true});
    const pictures = [];
    for (let number = 1; number <= count; number++) {
        await goTo(page, number);
        pictures.push(await page.screenshot());
        writeFileSync(join(folder, `${String(number).padStart(2, "0")}.png`), pictures.at(-1));
    }
    await page.close();
    const width = COLUMNS * (WIDTH + GAP) + GAP;
    const sheet = await browser.newPage({viewport: {width, height: 800}});
    await sheet.setContent(sheetOf(pictures));
    const path = join(out, `contact-${name}.png`);
    await sheet.screenshot({path, fullPage: true});
    await sheet.close();
    console.log(`${path}: ${count} slides`);
}
await browser.close();
