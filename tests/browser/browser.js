// A headless Chromium, and the demo as a process of its own. Nothing of either outlives its test.

import {spawn} from "node:child_process";
import {createInterface} from "node:readline";
import {chromium} from "playwright-core";

export const SCALE = Number(process.env.SCALE ?? 1);
export const DEADLINE_MS = 30000 * SCALE;

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
               "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export function launch() {
    return chromium.launch({executablePath: process.env.CHROMIUM, args: flags});
}

// What must come within the deadline.
export function within(promise, what) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what}: not within ${DEADLINE_MS} ms`)), DEADLINE_MS);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Starts make demo's script; resolves, when it has told its page, to the process and what it said.
export async function startDemo(variables = {}) {
    const process_ = spawn(process.env.DEMO, [process.env.BUILD],
                           {env: {...process.env, ...variables}, stdio: ["ignore", "pipe", "inherit"]});
    const lines = createInterface({input: process_.stdout});
    const demo = {process: process_, said: []};
    demo.ended = new Promise((resolve) => process_.on("exit", resolve));
    await within(new Promise((resolve, reject) => {
        lines.on("line", (line) => {
            demo.said.push(line);
            demo.url ??= line.match(/^Open this page: +(\S+)/)?.[1];
            demo.room ??= line.match(/single=(\S+)\/single\.trace/)?.[1];
            if (line.startsWith("Ctrl-C"))
                resolve();
        });
        demo.ended.then(() => reject(new Error("the demo has ended")));
    }), "the demo's page");
    return demo;
}

// Ends it as Ctrl-C does (a shell's background jobs do not hear SIGINT, so by SIGTERM).
export function endDemo(demo) {
    demo.process.kill("SIGTERM");
    return within(demo.ended, "the demo's end");
}

// A page that notes what must not happen.
export async function openPage(browser, url, size = {width: 1280, height: 720}) {
    const page = await browser.newPage({viewport: size});
    page.setDefaultTimeout(DEADLINE_MS);
    page.faults = [];
    page.asked = [];
    page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning")
            page.faults.push(message.text());
    });
    page.on("pageerror", (error) => page.faults.push(String(error)));
    page.on("request", (request) => page.asked.push(request.url()));
    await page.goto(url);
    await page.waitForSelector("#lanes .lane");
    return page;
}
