// The state of all servers at one moment, made by applying what happened, item by item.
//
// Nothing here knows of time going on, or of drawing. To go back in time, begin anew.

import {AT_DOOR} from "draw";

const KEPT_WAITS = 500;

// A request, as its client sees it: a bar of the timeline.
function newRequest(item, key) {
    return {key, number: item.number ?? 0, path: item.path ?? "", sent: item.t, done: null,
            place: null, temperature: item.temperature ?? "", life: null, status: null};
}

class Server {
    constructor(model) {
        this.model = model;
        this.slots = new Map();
        this.inState = model.states.map(() => 0);
        this.requests = new Map();  // by key
        this.order = [];            // requests as they were sent
        this.threads = new Map();   // thread -> {since, slot, waits}
        this.edges = new Map();     // "from-to" -> {item, order}: when last taken
        this.last = null;           // transition
        this.answers = [];          // {t, wait, temperature}
        this.signals = 0;           // how many completions were told by a signal
        this.signalItems = [];      // for the timeline
        this.free = model.states.findIndex(([name]) => name === "FREE");
        this.idle = model.states.findIndex(([name]) => name === "IDLE");
        this.sending = model.states.findIndex(([name]) => name === "SENDING");
        this.loading = model.states.findIndex(([name]) => name === "LOADING");
    }

    get hasMachine() {
        return this.model.edges.length > 0;
    }

    slot(item) {
        let slot = this.slots.get(item.slot);
        if (!slot) {
            slot = {number: item.slot, state: this.free, since: item.t, title: "", life: null};
            this.slots.set(item.slot, slot);
        }
        return slot;
    }

    // Requests in progress: in no slot that is free or idle. At the door nobody has counted them.
    get inFlight() {
        let count = 0;
        for (const slot of this.slots.values())
            count += slot.state !== this.free && slot.state !== this.idle;
        return count;
    }

    applyTransition(item) {
        const slot = this.slot(item);
        const moved = slot.state !== item.to;
        this.last = item;
        this.edges.set(`${item.from}-${item.to}`, item);
        if (slot.state === this.free || slot.state === this.idle)
            this.beginLife(slot);
        if (moved) {
            this.closeSegment(slot.life, item.t);
            this.inState[slot.state] -= this.inState[slot.state] > 0;
            this.inState[item.to]++;
            if (item.to !== this.free)
                slot.life.push({state: item.to, from: item.t, to: null});
            slot.since = item.t;
        }
        if (slot.state === this.sending && item.to !== this.sending && item.to !== this.loading)
            this.finishForeign(slot, item);
        slot.state = item.to;
        if (item.to === this.free || item.to === this.idle)
            slot.title = "";
    }

    // A new request, or a new connection: the time before the first byte belongs to it, too.
    beginLife(slot) {
        if (slot.request || slot.life === null || slot.state === this.free)
            slot.life = [];
        slot.request = null;
    }

    closeSegment(life, t) {
        if (life.length > 0)
            life[life.length - 1].to = t;
    }

    applyRequest(item) {
        const slot = this.slot(item);
        slot.title = item.title;
        const key = (item.title.match(/\?(\d+\.\d+)$/) ?? [])[1];
        let request = this.requests.get(key);
        if (!request)
            request = this.addForeign(slot, item);
        request.life = slot.life ?? [];
        slot.request = request;
    }

    // Somebody else's request: a browser's, or curl's. What it is like, the trace tells.
    addForeign(slot, item) {
        const begun = slot.life && slot.life.length > 0 ? slot.life[0].from : item.t;
        const request = newRequest({t: begun, path: item.title.split(" ")[1] ?? ""}, null);
        request.temperature = "hot";
        request.isForeign = true;
        this.order.push(request);
        return request;
    }

    finishForeign(slot, item) {
        if (slot.request?.isForeign && slot.request.done === null)
            this.finish(slot.request, item.t);
    }

    finish(request, t) {
        request.done = t;
        this.answers.push({t, wait: t - request.sent, temperature: request.temperature});
        if (this.answers.length > KEPT_WAITS)
            this.answers.shift();
    }

    applySent(item) {
        const request = newRequest(item, item.key);
        this.requests.set(item.key, request);
        this.order.push(request);
    }

    applyDone(item) {
        const request = this.requests.get(item.key);
        if (!request || request.done !== null)
            return;
        request.place = item.place;
        request.status = item.status;
        this.finish(request, item.t);
    }

    applyMiss(item) {
        const request = this.slots.get(item.slot)?.request;
        if (request?.isForeign)
            request.temperature = "cold";
    }

    applyToThread(item) {
        const waits = item.kind === "blocked";
        const thread = this.threads.get(item.thread);
        this.threads.set(item.thread, {waits, slot: item.slot ?? thread?.slot, since: item.t});
    }

    apply(item) {
        switch (item.kind) {
        case "transition": this.applyTransition(item); break;
        case "request": this.applyRequest(item); break;
        case "miss": this.applyMiss(item); break;
        case "sent": this.applySent(item); return;
        case "done": this.applyDone(item); return;
        case "signals":
            this.signals += item.count;
            this.signalItems.push(item);
            break;
        default: break;
        }
        this.applyToThread(item);
    }

    // The parts of a request's bar up to now: [{state, from, to}].
    segments(request, now) {
        const life = request.life ?? [];
        const begun = life.length > 0 ? life[0].from : request.done ?? now;
        const end = request.done ?? Infinity;
        const parts = [];
        if (begun > request.sent)
            parts.push({state: AT_DOOR, from: request.sent, to: Math.min(begun, end)});
        for (const part of life)
            if (part.from < end)
                parts.push({state: part.state, from: part.from,
                            to: Math.min(part.to ?? now, end)});
        return parts;
    }
}

export class World {
    constructor(recording) {
        this.recording = recording;
        this.servers = recording.models.map((model) => new Server(model));
        this.sceneBegins = null; // when the requests were sent that are looked at now
        this.run = null;         // the sender that was heard of last
        this.latest = null;      // the item that was applied last
    }

    // A sender's requests belong together; another's, too, if they come while these are under way.
    apply(item) {
        if (item.kind === "sent") {
            const run = item.key.split(".")[0];
            if (run !== this.run && !this.isBusyWithScene())
                this.sceneBegins = item.t;
            this.run = run;
        }
        this.servers[item.m].apply(item);
        this.latest = item;
    }

    isBusyWithScene() {
        return this.sceneBegins !== null &&
            this.servers.some((server) => this.scene(server).some((request) => request.done === null));
    }

    // The requests of a server that belong to the scene, as they were sent.
    scene(server) {
        const requests = [];
        for (let i = server.order.length - 1; i >= 0; i--) {
            const request = server.order[i];
            if (request.sent >= this.sceneBegins)
                requests.push(request);
            else if (!request.isForeign)
                break;
        }
        return requests.reverse();
    }
}
