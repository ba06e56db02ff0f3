// Looks at every slide of the decks that are named: make check-slides.
//
// Overflow, missing pictures, requests to the outside, small letters, weak contrast; and what each
// deck must have: so many slides, a prediction at its beginning, one exercise on paper, notes.

import {readFileSync} from "node:fs";
import {join} from "node:path";
import {launch} from "./browser.js";
import {lookAt} from "./look.js";
import {goTo, openDeck} from "./page.js";

const limits = {letters: 20, contrast: 4.5, wordsBesideFigure: 25, pictureHeight: 240};
const SLIDES_LEAST = 18, SLIDES_MOST = 25, PREDICTION_BY = 3, NOTE_LETTERS_LEAST = 60;

async function faultsOfDeck(page) {
    const deck = await page.evaluate(() => ({
        classes: [...document.querySelectorAll("foreignObject > section")].map((s) => s.className),
        notes: [...document.querySelectorAll(".bespoke-marp-note")].map((n) => [Number(n.dataset.index),
                                                                               n.textContent.trim()]),
    }));
    const count = deck.classes.length;
    const having = (name) => deck.classes.flatMap((classes, i) =>
        classes.split(" ").includes(name) ? [i + 1] : []);
    const faults = [];
    if (count < SLIDES_LEAST || count > SLIDES_MOST)
        faults.push(`has ${count} slides, not ${SLIDES_LEAST} to ${SLIDES_MOST}`);
    if (!having("prediction").some((number) => number <= PREDICTION_BY))
        faults.push("does not begin with a prediction (<!-- _class: prediction -->)");
    if (having("paper").length !== 1)
        faults.push(`has ${having("paper").length} exercises on paper, not one (<!-- _class: paper -->)`);
    const notes = new Map(deck.notes);
    for (let i = 0; i < count; i++)
        if ((notes.get(i) ?? "").length < NOTE_LETTERS_LEAST)
            faults.push(`slide ${i + 1} has no speaker notes to speak of`);
    return {count, faults};
}

async function faultsOfSlide(page, number) {
    await goTo(page, number);
    return page.evaluate(([look, allowed]) => {
        const section = document.querySelector(".bespoke-marp-active section");
        return new Function(`return ${look}`)()(section, allowed);
    }, [lookAt.toString(), limits]);
}

const outside = (url) => !/^(file|data|blob|about):/.test(url);

const browser = await launch();
let looked = 0, found = 0;
for (const name of process.argv.slice(2)) {
    const page = await openDeck(browser, name);
    const {count, faults} = await faultsOfDeck(page);
    const said = faults.map((fault) => `${name}: ${fault}`);
    for (let number = 1; number <= count; number++)
        for (const fault of await faultsOfSlide(page, number))
            said.push(`${name}: slide ${number}: ${fault}`);
    for (const url of new Set(page.asked.filter(outside)))
        said.push(`${name}: asks for ${url}`);
    if (/(?:src|href)="https?:/.test(readFileSync(join(process.env.SLIDES, `${name}.html`), "utf8")
        .replace(/<a [^>]*>/g, "")))
        said.push(`${name}: names something outside of itself`);
    for (const fault of page.faults)
        said.push(`${name}: ${fault}`);
    said.forEach((line) => console.log(line));
    console.log(`${name}: ${count} slides looked at, ${said.length} faults`);
    looked += count;
    found += said.length;
    await page.close();
}
await browser.close();
console.log(`check-slides: ${looked} slides, ${found} faults`);
process.exit(found === 0 && looked > 0 ? 0 : 1);
