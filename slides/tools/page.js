// A deck in a headless Chromium: its slides as elements, one after the other.

import {join} from "node:path";
import {pathToFileURL} from "node:url";

export const WIDTH = 1280, HEIGHT = 720;

// Opens a deck. `page.asked` are the addresses that it has asked for.
export async function openDeck(browser, name) {
    const page = await browser.newPage({viewport: {width: WIDTH, height: HEIGHT}});
    page.asked = [];
    page.faults = [];
    page.on("request", (request) => page.asked.push(request.url()));
    page.on("pageerror", (error) => page.faults.push(String(error)));
    await page.goto(pathToFileURL(join(process.env.SLIDES, `${name}.html`)).href);
    await page.waitForSelector("section");
    await page.evaluate(() => document.fonts.ready);
    // Marp's own buttons are not part of a slide.
    await page.addStyleTag({content: ".bespoke-marp-osc { display: none !important; }"});
    return page;
}

// Marp shows the slide that the address names.
export async function goTo(page, number) {
    await page.evaluate((hash) => { location.hash = hash; }, `#${number}`);
    await page.waitForFunction((wanted) => {
        const shown = document.querySelector(".bespoke-marp-active section");
        return shown !== null && shown.id === String(wanted);
    }, number);
    await page.evaluate(() => new Promise((resolve) =>
        requestAnimationFrame(() => requestAnimationFrame(resolve))));
}
