// The observer's page in a real browser, before three real servers whose disk takes a second.

import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, afterEach, before, beforeEach, test} from "node:test";
import {DEADLINE_MS, SCALE, endDemo, launch, openPage, startDemo} from "./browser.js";

const DELAY_MS = 1000 * SCALE;
const SERVERS = ["single", "threads", "event"];

let demo, browser, page;

before(async () => {
    demo = await startDemo({DELAY: `${DELAY_MS}ms`});
    browser = await launch();
});

after(async () => {
    await browser?.close();
    if (demo)
        await endDemo(demo);
});

beforeEach(async () => {
    page = await openPage(browser, demo.url);
});

// Whatever a test was about: no error, and nobody but the observer was asked.
afterEach(async () => {
    const {faults, asked} = page;
    await page.close();
    assert.deepEqual(faults, []);
    const home = new URL(demo.url).origin;
    assert.deepEqual(asked.filter((url) => !url.startsWith(home) && !/^(data|blob|file):/.test(url)), []);
});

function key(name) {
    return page.keyboard.press(name);
}

// Until the page has drawn what it knows.
function aFrame() {
    return page.evaluate(() =>
        new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

// The requests of the scene at each server: [{temperature, wait, place}], in order of sending.
function scene() {
    return page.evaluate(() => {
        const {world} = globalThis.threeways.player;
        return world.servers.map((server) => world.scene(server).map((request) => ({
            temperature: request.temperature, place: request.place,
            wait: request.done === null ? null : request.done - request.sent})));
    });
}

async function sceneOf(count) {
    await page.waitForFunction((wanted) => {
        const {world} = globalThis.threeways.player;
        return world.servers.every((server) => {
            const requests = world.scene(server);
            return requests.length === wanted && requests.every((request) => request.done !== null);
        });
    }, count);
    return scene();
}

function openPanels(stage) {
    return page.evaluate((wanted) => {
        const {lecture} = globalThis.threeways;
        lecture.at = 7;
        lecture.changed();
        document.body.dataset.stage = wanted;
    }, stage);
}

function place() {
    return page.evaluate(() => globalThis.threeways.player.place);
}

test("it begins with a question and three empty lanes", async () => {
    assert.deepEqual(await page.locator(".lane-name b").allTextContents(), SERVERS);
    assert.match(await page.textContent("#question"), /Who answers first\?/);
    assert.equal(await page.locator("#columns").isVisible(), false);
    assert.equal(await page.locator("footer").isVisible(), false);
});

test("one cold, then ten hot: single answers the cold one first, the others last", async () => {
    await key("n");
    const [single, threads, event] = await sceneOf(11);
    assert.equal(single[0].temperature, "cold");
    assert.deepEqual(single.map((request) => request.place), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    assert.equal(threads[0].place, 11);
    assert.equal(event[0].place, 11);
    assert.ok(single[1].wait > DELAY_MS / 2, `a hot one at single waited ${single[1].wait} ms`);
    for (const request of [...threads.slice(1), ...event.slice(1)])
        assert.ok(request.wait < DELAY_MS / 2, `a hot one waited ${request.wait} ms`);
    assert.match(await page.locator(".lane .counter.hot b").first().textContent(), / s$| ms$/);
    assert.equal(await page.locator(".lane .counter.bad").count(), 1);
});

test("a burst moves the counters", async () => {
    await openPanels(5);
    await page.locator("#send-buttons button", {hasText: "40 hot"}).click();
    await page.waitForFunction(() => [...document.querySelectorAll(".lane .rate b")]
        .every((rate) => Number(rate.textContent) >= 20));
    for (const requests of await sceneOf(40))
        assert.equal(requests.length, 40);
});

test("rows are LOADING in the event model while hot requests finish", async () => {
    await openPanels(3);
    await key("4");
    await page.waitForFunction(() => {
        const rows = [...document.querySelectorAll(".has-machine .table .chip")];
        return rows.filter((chip) => chip.textContent === "LOADING").length === 5;
    });
    await page.waitForFunction(() => {
        const {world} = globalThis.threeways.player;
        return world.scene(world.servers[2]).filter((request) => request.done !== null).length === 10;
    });
    const [, threads, event] = await scene();
    assert.deepEqual(event.slice(0, 5).map((request) => request.wait), [null, null, null, null, null]);
    assert.ok(event.slice(5).every((request) => request.wait !== null));
    assert.ok(threads.slice(5).every((request) => request.wait === null), "threads have four workers");
    await sceneOf(15);
});

test("pause, step and signal go through time in both directions", async () => {
    await openPanels(4);
    await page.selectOption("#to", "event");
    await key("2");
    await page.waitForFunction(() => globalThis.threeways.player.world.servers[2].order
        .some((request) => request.done !== null));
    await key("Space");
    const end = await place();
    await key("ArrowLeft");
    assert.equal(await place(), end - 1);
    await key("ArrowRight");
    assert.equal(await place(), end);
    await page.selectOption("#focus", {label: "step event"});
    await page.evaluate(() => globalThis.threeways.player.goTo(0));
    await key("s");
    await page.waitForSelector("#idea:has-text('A signal: the disk has finished a read')");
    /* Other events of the same turn may come before the sweep that finds the read. */
    for (let steps = 0; steps < 50 && !(await page.textContent("#idea")).includes("DISK_DONE"); steps++) {
        await key("ArrowRight");
        await aFrame();
    }
    await page.waitForSelector("#idea:has-text('DISK_DONE')");
    await page.waitForSelector(".edge.lit");
    const signalAt = await place();
    await key("ArrowLeft");
    assert.ok(await place() < signalAt);
});

test("slow motion goes on at its own speed, and back to live", async () => {
    await key("-");
    await page.waitForFunction(() => globalThis.threeways.player.speed === 0.1);
    assert.match(await page.textContent("#clock"), /playing/);
    await key("l");
    await page.waitForFunction(() => document.getElementById("clock").textContent === "live");
});

test("a held disk waits for the lecturer", async () => {
    await openPanels(3);
    await key("h");
    await page.waitForSelector("#hold[aria-pressed=true]");
    await key("2");
    await page.waitForFunction(() => globalThis.threeways.player.world.servers
        .every((server) => server.inState[server.loading] === 1));
    await page.waitForFunction((ms) => {
        const {player} = globalThis.threeways;
        return player.t - player.world.sceneBegins > ms;
    }, 2 * DELAY_MS);
    assert.ok((await scene()).every(([request]) => request.wait === null));
    await key("r");
    await sceneOf(1);
    await key("h");
    await page.waitForSelector("#hold[aria-pressed=false]");
});

test("the saved file plays without a server", async () => {
    const room = mkdtempSync(join(tmpdir(), "threeways-saved-"));
    const file = join(room, "recording.html");
    await key("n");
    await sceneOf(11);
    const download = page.waitForEvent("download");
    await page.click("#save");
    await (await download).saveAs(file);
    const player = await openPage(browser, `file://${file}`);
    try {
        assert.deepEqual(await player.locator(".lane-name b").allTextContents(), SERVERS);
        await player.keyboard.press("s");
        await player.waitForSelector("#idea:has-text('signal')");
        await player.evaluate((ms) => {
            const {player: own} = globalThis.threeways;
            own.seek(own.recording.end - ms);
        }, DELAY_MS / 2);
        await player.keyboard.press("Space");
        await player.waitForFunction(() => globalThis.threeways.player.place ===
            globalThis.threeways.player.recording.items.length);
        assert.deepEqual(player.faults, []);
        assert.deepEqual(player.asked.filter((url) => !/^(file|data|blob):/.test(url)), []);
    } finally {
        await player.close();
        rmSync(room, {recursive: true});
    }
});

test("it opens what threeways-trace has written as JSON", async () => {
    await key("n");
    await sceneOf(11);
    const files = SERVERS.map((name) => ({name: `${name}.json`, mimeType: "application/json",
        buffer: execFileSync(join(process.env.BUILD, "threeways-trace"),
                             ["--format=json", join(demo.room, `${name}.trace`)])}));
    const counts = files.map(({buffer}) => JSON.parse(buffer).records.length);
    await page.setInputFiles("#traces", files);
    await page.waitForSelector("body.saved");
    assert.deepEqual(await page.locator(".lane-name b").allTextContents(), SERVERS);
    assert.deepEqual(await page.evaluate(() => {
        const {items, models} = globalThis.threeways.player.recording;
        return models.map((_, m) => items.filter((item) => item.m === m).length);
    }), counts);
    await key("s");
    await page.waitForSelector("#idea:has-text('signal')");
});

test("it plays both scenes by itself", {timeout: 4 * DEADLINE_MS}, async () => {
    await page.goto(demo.url.replace("/#", "/?script&pace=8#"));
    await page.waitForSelector("body[data-script=over]");
    assert.equal(await page.getAttribute("body", "data-stage"), "5");
});

test("who has not the key cannot send", async () => {
    const bare = await browser.newPage();
    const origin = new URL(demo.url).origin;
    for (const path of ["send?order=1h&to=all&pace=0", "send?order=1h&to=all&pace=0&token=0", "disk?do=hold"]) {
        const answer = await bare.goto(`${origin}/api/${path}`);
        assert.equal(answer.status(), 403);
    }
    await bare.close();
});

test("at the end nothing is left", async () => {
    const own = await startDemo({DELAY: "10ms"});
    assert.ok(existsSync(own.room));
    await endDemo(own);
    assert.equal(existsSync(own.room), false);
    const left = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).filter((process) => {
        try {
            return readFileSync(`/proc/${process}/cmdline`, "latin1").includes(own.room);
        } catch {
            return false; // it has ended meanwhile
        }
    });
    assert.deepEqual(left, []);
});
