// The observer: asked again and again for what is new, and told what to send.

import {Recording} from "recording";

const POLL_MS = 100;
const TOO_FAR_BEHIND = 20000; // records; then it is better to see what happens now
const LATEST = 2000;

async function ask(path) {
    const answer = await fetch(path, {cache: "no-store"});
    if (!answer.ok)
        throw new Error(`${answer.status} ${answer.statusText}`);
    return answer.json();
}

export class Live {
    static async connect() {
        const {models, disks} = await ask("api/models");
        return new Live(models, disks);
    }

    constructor(models, disks) {
        this.recording = new Recording(models);
        this.disks = disks;
        this.token = location.hash.slice(1);
        this.from = models.map((model) => Math.max(0, model.next - LATEST));
        this.sentFrom = 0;
        this.fault = "";
        this.isStopped = false;
        this.clockLag = Infinity; // of the servers' clock behind performance.now(), ms
    }

    async pollTrace(m) {
        const recording = this.recording;
        const reply = await ask(`api/trace?model=${recording.models[m].name}&from=${this.from[m]}`);
        reply.records.forEach((record) => recording.addRecord(m, record));
        recording.lost += reply.lost;
        this.from[m] = reply.next;
        recording.models[m].over = reply.over;
        if (reply.newest - reply.next > TOO_FAR_BEHIND) {
            recording.lost += reply.newest - LATEST - reply.next;
            this.from[m] = reply.newest - LATEST;
        }
        return recording.milliseconds(reply.now);
    }

    async pollSent() {
        const reply = await ask(`api/sent?from=${this.sentFrom}`);
        reply.records.forEach((said) => this.recording.addSaid(said));
        this.sentFrom = reply.next;
    }

    async poll() {
        const complete = await Promise.all(this.recording.models.map((_, m) => this.pollTrace(m)));
        await this.pollSent();
        this.recording.safe = Math.min(...complete);
        this.clockLag = Math.min(this.clockLag, performance.now() - Math.max(...complete));
    }

    // Polls until it is stopped; what goes wrong is told, and tried again.
    async run() {
        while (!this.isStopped) {
            try {
                await this.poll();
                this.fault = "";
            } catch (error) {
                this.fault = `The observer does not answer (${error.message}).`;
            }
            await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        }
    }

    stop() {
        this.isStopped = true;
    }

    // What time it is at the servers.
    get now() {
        return performance.now() - this.clockLag;
    }

    async command(path) {
        try {
            await ask(`${path}&token=${this.token}`);
            return true;
        } catch (error) {
            this.fault = error.message.startsWith("403")
                ? "Open the page by the address that the observer printed: it holds the key."
                : `That did not work (${error.message}).`;
            return false;
        }
    }

    send(order, to, paceMs) {
        return this.command(`api/send?order=${order}&to=${to}&pace=${paceMs}`);
    }

    disk(what) {
        return this.command(`api/disk?do=${what}`);
    }
}
