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

// The event model alone, its table, its machine and the sentence, in letters for a slide.
const STEPS_ONLY = `
    header, footer, #lanes, .column:not(.has-machine), #note { display: none !important; }
    :root { font-size: 20px !important; }
    body { grid-template-rows: minmax(0, 1fr) !important; }
    main { padding: 0 !important; }
    #columns { grid-template-columns: 1fr !important; }
    .has-machine { grid-column: 1 !important; grid-template-columns: 20.5rem minmax(0, 1fr) !important; }
    #idea { min-height: 4.2rem; }
    .state text { font-size: 17px !important; }
    svg .event:not(.lit) { visibility: hidden; }
    svg .event.lit { font-size: 21px !important; }`;

// The bars alone, without what is too small for a slide.
const LANES_ONLY = `
    header, footer, #columns, #idea, svg .name, svg .wait { display: none !important; }
    :root { font-size: 20px !important; }
    body { grid-template-rows: minmax(0, 1fr) !important; }
    main { padding: 0 !important; }
    .lane, .axis { grid-template-columns: 11.5rem minmax(0, 1fr) 21rem !important; }`;

async function takeLanes(page, name) {
    const size = page.viewportSize();
    await page.setViewportSize({width: 1152, height: 520});
    const style = await page.addStyleTag({content: LANES_ONLY});
    await take(page, name);
    await style.evaluate((element) => element.remove());
    await page.setViewportSize(size);
}

// Goes to just after the latest request's first transition with this event; null: into its wait.
function goToStep(page, event) {
    return page.evaluate((wanted) => {
        const {player} = globalThis.threeways;
        const m = player.world.servers.findIndex((server) => server.hasMachine);
        const {events} = player.recording.models[m];
        const {items} = player.recording;
        const is = (item, name) => item.m === m && item.kind === "transition" && events[item.event] === name;
        const begins = items.findLastIndex((item) => is(item, "MISS"));
        const {slot} = items[begins];
        const accepted = items.findLastIndex((item, i) => i < begins && item.slot === slot && is(item, "ACCEPTED"));
        const first = (name) => items.findIndex((item, i) => i > accepted && item.slot === slot && is(item, name));
        player.focus = m;
        player.pause();
        if (wanted === null)
            player.seek((items[begins].t + items[first("DISK_DONE")].t) / 2);
        else
            player.goTo(first(wanted) + 1);
    }, event);
}

// One cold request, frame by frame.
async function takeSteps(page) {
    await page.keyboard.press("l");
    await page.evaluate(() => globalThis.threeways.lecture.ask("1c", "event"));
    await new Promise((resolve) => setTimeout(resolve, 3500));
    await page.setViewportSize({width: 1152, height: 500});
    await page.addStyleTag({content: STEPS_ONLY});
    for (const [name, event] of [["step-1-readable", "READABLE"], ["step-2-miss", "MISS"],
                                 ["step-3-waiting", null], ["step-4-done", "DISK_DONE"],
                                 ["step-5-closing", "CLOSING"]]) {
        await goToStep(page, event);
        await take(page, name);
    }
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
    await takeLanes(page, "lanes-one-cold");
    for (let i = 0; i < 3; i++)
        await page.keyboard.press("n");
    await sceneAt(page, 10800);
    await take(page, "five-cold-ten-hot");
    await takeLanes(page, "lanes-five-cold");
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
    await page.keyboard.press("d");
    await page.keyboard.press("b");
    await takeSteps(page);
} finally {
    await browser.close();
    await endDemo(demo);
}
