// The order of a lecture: questions first, then panel after panel. Played by hand with "next", or
// by itself (?script in the address).

const PACE_MS = 20; // between two requests of an order, so that bars are told apart
const BURST = "40h"; // but these come all at once

// `stage` says how many panels are open (style.css): 1 bars, 2 threads, 3 table, 4 machine, 5 numbers.
export const steps = [
    {stage: 0, question: "One slow file, then ten fast ones. Who answers first?", next: "Run it"},
    {stage: 1, order: "1c10h", next: "Next: the threads"},
    {stage: 2, next: "Next: a question"},
    {stage: 0, question: "Four workers. Five slow files, then ten fast ones. And now?",
     next: "Run it"},
    {stage: 2, order: "5c10h", next: "Next: look inside"},
    {stage: 3, opensBox: true, next: "Next: the machine"},
    {stage: 4, next: "Next: the numbers"},
    {stage: 5, next: ""},
];

// How long each step of the script lasts, for a lecture; divided by ?pace=N.
const script = [
    {step: 0, seconds: 10, says: "Decide: single, threads, or event?"},
    {step: 1, seconds: 9},
    {step: 2, seconds: 7},
    {step: 3, seconds: 10, says: "Decide: who will be stuck?"},
    {step: 4, seconds: 15},
    {step: 5, seconds: 7},
    {step: 6, seconds: 4},
    {step: 6, seconds: 1.6, events: 12},
    {step: 7, seconds: 5},
];

export class Lecture {
    constructor(player, live, changed) {
        this.player = player;
        this.live = live;
        this.changed = changed; // called when what is shown is to be shown differently
        this.at = 0;
        this.says = "";
    }

    get step() {
        return steps[this.at];
    }

    async go(at) {
        this.at = Math.max(0, Math.min(at, steps.length - 1));
        const {order, question, opensBox} = this.step;
        if (question !== undefined) {
            this.player.goLive();
            this.player.focus = null;
        }
        if (order !== undefined && this.live !== null)
            await this.ask(order, "all");
        if (opensBox)
            this.openBox();
        this.changed();
    }

    next() {
        return this.go(this.at + 1);
    }

    // Going back sends nothing again.
    back() {
        this.at = Math.max(0, this.at - 1);
        this.changed();
    }

    // Whoever sends by hand wants to see bars.
    async send(order, to) {
        if (this.step.question !== undefined)
            this.at++;
        this.changed();
        return this.ask(order, to);
    }

    ask(order, to) {
        return this.live.send(order, to, order === BURST ? 0 : PACE_MS);
    }

    // To the moment before the first signal of the scene: the rows are LOADING, and all waits.
    openBox() {
        const {player} = this;
        const m = player.world.servers.findIndex((server) => server.hasMachine);
        const {items} = player.recording;
        const begins = player.world.sceneBegins ?? 0;
        const signal = items.findIndex((item) => item.m === m && item.kind === "signals" && item.t > begins);
        if (signal < 0)
            return;
        player.focus = m;
        player.pause();
        player.goTo(signal);
    }

    async play(pace) {
        const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000 / pace));
        for (const part of script) {
            this.says = part.says ?? "";
            if (part.step !== this.at || part.step === 0)
                await this.go(part.step);
            for (let i = 0; i < (part.events ?? 1); i++) {
                if (part.events)
                    this.player.step();
                await wait(part.seconds);
            }
        }
        document.body.dataset.script = "over";
    }
}
