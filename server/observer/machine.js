// The finite-state machine of a server, drawn from the edges that its trace's header lists.

import {colour, escape} from "draw";

// Only where the states stand is ours: columns and rows of a grid.
const places = {
    FREE: [0, 1], IDLE: [1, 1], READING: [2, 1], LOADING: [3.06, 1], ABANDONED: [4, 1],
    YIELDED: [1, 0], DISCARDING: [2, 0], WAITING: [3.6, 0],
    LINGERING: [0.45, 2], SENDING: [1.85, 2], JOINED: [3.6, 2],
};
const bows = {"DISCARDING-SENDING": 78, "LOADING-SENDING": 26, "SENDING-LOADING": 16};

// How far along an arrow its label stands; elsewhere it would meet another.
const labelPlaces = {"READING-JOINED": 0.72, "LOADING-SENDING": 0.4, "SENDING-LOADING": 0.4};

// Of several events between the same two states, the usual one stands on the arrow.
const usual = ["ACCEPTED", "READABLE", "HIT", "MISS", "JOIN", "BUSY", "DISK_DONE", "LOADED", "SENT",
               "CLOSING", "TURN", "SPENT", "HAS_BODY", "BODY_READ", "CHUNK_SENT"];

const WIDTH = 720, HEIGHT = 330, MARGIN_X = 62, MARGIN_Y = 34;
const BOX = {width: 106, height: 54};
const GLOW_MS = 1600;
const USUAL_BOW = 13;
const USUAL_PLACE = 0.4; // nearer to the beginning, so that labels of there and back do not meet

function centre(name, spare) {
    const [column, row] = places[name] ?? [spare, 2.6];
    return {x: MARGIN_X + column * (WIDTH - 2 * MARGIN_X) / 4,
            y: MARGIN_Y + row * (HEIGHT - 2 * MARGIN_Y) / 2};
}

// Where the line from `a` towards `b` leaves the box of `a`.
function border(a, b) {
    const dx = b.x - a.x, dy = b.y - a.y;
    const scale = Math.min(BOX.width / 2 / Math.abs(dx || 1e-9), BOX.height / 2 / Math.abs(dy || 1e-9));
    return {x: a.x + dx * scale, y: a.y + dy * scale};
}

// A line with a bow to its right, so that there and back are two lines.
function path(from, to, bow, t) {
    const dx = to.x - from.x, dy = to.y - from.y, length = Math.hypot(dx, dy) || 1;
    const middle = {x: (from.x + to.x) / 2 - dy / length * bow, y: (from.y + to.y) / 2 + dx / length * bow};
    const a = border(from, middle), b = border(to, middle);
    return {d: `M${a.x.toFixed(1)} ${a.y.toFixed(1)}Q${middle.x.toFixed(1)} ${middle.y.toFixed(1)} ${
        b.x.toFixed(1)} ${b.y.toFixed(1)}`,
            label: {x: at(t, a.x, middle.x, b.x), y: at(t, a.y, middle.y, b.y)}};
}

function at(t, a, middle, b) {
    return (1 - t) * (1 - t) * a + 2 * t * (1 - t) * middle + t * t * b;
}

// Edges between the same two states are one arrow with several events.
function arrowsOf(model) {
    const arrows = new Map();
    for (const [from, event, to] of model.edges) {
        const key = `${from}-${to}`;
        const arrow = arrows.get(key) ?? {from, to, events: []};
        arrow.events.push(model.events[event]);
        arrows.set(key, arrow);
    }
    return arrows;
}

export class Machine {
    constructor(svg, model) {
        this.svg = svg;
        this.model = model;
        this.centres = model.states.map(([name], i) => centre(name, i % 5));
        this.arrows = arrowsOf(model);
        this.free = model.states.findIndex(([name]) => name === "FREE");
        svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
        svg.innerHTML = this.drawing();
        this.elements = new Map([...svg.querySelectorAll("[data-edge]")].map((g) => [g.dataset.edge, g]));
        this.labels = new Map([...svg.querySelectorAll("[data-label]")].map((text) => [text.dataset.label, text]));
        this.boxes = [...svg.querySelectorAll(".state")];
        this.lit = new Map(); // edge -> wall time when it was lit, and by which item
    }

    drawing() {
        return `<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"
            markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" class="head"/></marker>
            <marker id="head-lit" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="16" markerHeight="16"
            markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" class="head-lit"/></marker></defs>` +
            [...this.arrows].map(([key, arrow]) => this.arrow(key, arrow)).join("") +
            this.model.states.map((state, i) => this.box(state, i)).join("") +
            [...this.arrows].map(([key, arrow]) => this.label(key, arrow)).join("");
    }

    route(arrow) {
        const name = [arrow.from, arrow.to].map((state) => this.model.states[state][0]).join("-");
        return path(this.centres[arrow.from], this.centres[arrow.to], bows[name] ?? USUAL_BOW,
                    labelPlaces[name] ?? USUAL_PLACE);
    }

    arrow(key, arrow) {
        if (arrow.from === arrow.to)
            return "";
        const leaves = arrow.to === this.free ? " leaves" : "";
        return `<g data-edge="${key}" class="edge${leaves}"><path d="${this.route(arrow).d}"/></g>`;
    }

    label(key, arrow) {
        if (arrow.from === arrow.to || arrow.to === this.free)
            return "";
        const {label} = this.route(arrow);
        const name = usual.find((event) => arrow.events.includes(event)) ?? "";
        return `<text class="event" data-label="${key}" data-usual="${name}" x="${label.x.toFixed(1)}"
            y="${label.y.toFixed(1)}">${name}</text>`;
    }

    box([name], i) {
        const {x, y} = this.centres[i];
        return `<g class="state" transform="translate(${(x - BOX.width / 2).toFixed(1)} ${
            (y - BOX.height / 2).toFixed(1)})"><rect width="${BOX.width}" height="${BOX.height}" rx="10"
            fill="${escape(colour(this.model.states, i))}"/><text x="${BOX.width / 2}" y="18">${escape(name)}</text>
            <text class="count" x="${BOX.width / 2}" y="40"></text></g>`;
    }

    draw(server, wall, isStill) {
        this.boxes.forEach((box, i) => {
            const count = i === this.free ? 0 : server.inState[i];
            box.classList.toggle("busy", count > 0);
            box.querySelector(".count").textContent = count > 0 ? count : "";
        });
        this.light(server, wall, isStill);
    }

    // A lit arrow tells the event that it was taken for.
    name(key, item) {
        const label = this.labels.get(key);
        if (!label)
            return;
        label.classList.toggle("lit", item !== null);
        label.textContent = item !== null ? this.model.events[item.event] : label.dataset.usual;
    }

    // Live, an edge glows for a while; standing still, only the last transition is lit.
    light(server, wall, isStill) {
        const last = server.last;
        for (const [key, item] of server.edges)
            if (this.lit.get(key)?.item !== item)
                this.lit.set(key, {item, wall});
        for (const [key, element] of this.elements) {
            const lit = this.lit.get(key);
            const isCurrent = server.edges.has(key) && lit &&
                (isStill ? lit.item === last : wall - lit.wall < GLOW_MS);
            element.classList.toggle("lit", Boolean(isCurrent));
            this.name(key, isCurrent ? lit.item : null);
        }
        this.boxes.forEach((box, i) => box.classList.toggle("entered", last?.to === i && isStill));
    }
}
