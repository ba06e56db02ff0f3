// Pictures of the page in its main moments, for the README and the slides.

import {writeFileSync} from "node:fs";
import {join} from "node:path";
import {endDemo, launch, openPage, startDemo} from "./browser.js";
import {smallPng} from "./small_png.js";

const demo = await startDemo({DELAY: "2s"});
const browser = await launch();

async function take(page, name) {
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200))); // some frames
    const png = await page.screenshot();
    writeFileSync(join(process.env.FIGURES, `observer-${name}.png`), await smallPng(page, png));
}

// Until the scene's clock shows so much, or all is done.
function sceneAt(page, ms) {
    return page.waitForFunction((wanted) => {
        const {player} = globalThis.threeways;
        return player.world.sceneBegins !== null && player.t - player.world.sceneBegins > wanted;
    }, ms);
}

const page = await openPage(browser, `${demo.url.replace("/#", "/?theme=light#")}`);
try {
    await take(page, "question");
    await page.keyboard.press("n");
    await sceneAt(page, 1300);
    await take(page, "one-cold-ten-hot");
    await sceneAt(page, 2500);
    for (let i = 0; i < 3; i++)
        await page.keyboard.press("n");
    await sceneAt(page, 10800);
    await take(page, "five-cold-ten-hot");
    await page.keyboard.press("n");
    await page.keyboard.press("n");
    await page.keyboard.press("ArrowRight");
    await page.waitForSelector("#idea:has-text('signal')");
    await page.keyboard.press("ArrowRight");
    await page.waitForSelector(".edge.lit");
    await take(page, "machine");
    await page.keyboard.press("n");
    await page.keyboard.press("d");
    await take(page, "numbers-dark");
} finally {
    await browser.close();
    await endDemo(demo);
}
