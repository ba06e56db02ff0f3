// The shared timeline: a lane for each server, a bar for each request, one axis of time.

import {duration, escape, fill, median, percentile, show} from "draw";

const SPANS_MS = [2500, 4000, 6000, 8000, 10500, 15000, 25000, 40000, 60000, 100000];
const LEAST_BAR_PX = 4, CLEAR_BAR_PX = 14;
const RATE_MS = 1000;
const ROW_MOST_PX = 26;
const TEXT_LEAST_PX = 12; // in lower rows only groups are named
const GROUP_TEXT_PX = 14;
const NAME_PX = 60;       // "cold" stands before its bar

const summaries = {
    single: "one thread, blocking calls",
    threads: "a dispatcher and its workers",
    event: "one thread, events, a table",
};

// Of the scene: from when to when the axis goes.
function axisOf(world, now) {
    const begins = world.sceneBegins;
    if (begins === null)
        return null;
    const requests = world.servers.flatMap((server) => world.scene(server));
    const isOver = requests.every((request) => request.done !== null);
    const ends = isOver ? Math.max(...requests.map((request) => request.done)) : now;
    const length = (ends - begins) * 1.04;
    return {begins, span: SPANS_MS.find((span) => span >= length) ?? length, now, isOver};
}

function bar(server, request, parts, at, row) {
    const height = Math.max(1.5, row.height * 0.8);
    const y = row.y + (row.height - height) / 2;
    return parts.map((part, i) => {
        const x = at(part.from);
        const isLast = i === parts.length - 1;
        const least = isLast && parts.length === 1 ? LEAST_BAR_PX : 0;
        const width = Math.max(at(part.to) - x, least);
        return width < 0.2 ? "" : `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}"
            width="${width.toFixed(1)}" height="${height.toFixed(1)}"
            fill="${fill(server.model.states, part.state)}" class="part"/>`;
    }).join("");
}

// A bar so short that its parts could not be told apart is drawn as what it was: sent at once.
function visibleParts(server, request, world, at, now) {
    const parts = server.segments(request, now);
    const end = request.done ?? now;
    if (at(end) - at(request.sent) >= CLEAR_BAR_PX || request.done === null)
        return parts;
    return [{state: server.sending, from: request.sent, to: end}];
}

function waitText(request, now) {
    const wait = duration((request.done ?? now) - request.sent);
    if (request.done === null)
        return `${wait} …`;
    return request.place === null ? wait : `${request.place}. after ${wait}`;
}

function drawRequest(server, request, world, axis, at, row) {
    const parts = visibleParts(server, request, world, at, axis.now);
    const bars = bar(server, request, parts, at, row);
    if (row.height < TEXT_LEAST_PX)
        return bars;
    const size = Math.min(row.height * 0.82, 17).toFixed(1);
    const middle = (row.y + row.height / 2).toFixed(1);
    const end = at(request.done ?? axis.now);
    return `${bars}<text x="${NAME_PX - 6}" y="${middle}" class="name" font-size="${size}">${
        escape(request.temperature)}</text><text x="${(end + 8).toFixed(1)}" y="${middle}"
        font-size="${size}" class="wait">${waitText(request, axis.now)}</text>`;
}

// "5 cold", "10 hot": requests of one kind that follow each other.
function groupsOf(requests) {
    const groups = [];
    requests.forEach((request, i) => {
        const last = groups[groups.length - 1];
        if (last?.temperature === request.temperature)
            last.count++;
        else
            groups.push({temperature: request.temperature, first: i, count: 1});
    });
    return groups;
}

function drawGroups(requests, rowHeight) {
    if (rowHeight >= TEXT_LEAST_PX)
        return "";
    return groupsOf(requests).filter((group) => group.count * rowHeight >= GROUP_TEXT_PX).map((group) =>
        `<text x="${NAME_PX - 6}" y="${((group.first + group.count / 2) * rowHeight).toFixed(1)}" class="name"
            font-size="${GROUP_TEXT_PX}">${group.count} ${escape(group.temperature)}</text>`).join("");
}

function drawSignals(server, axis, at, height) {
    return server.signalItems.filter((item) => item.t >= axis.begins).map((item) => {
        const x = at(item.t).toFixed(1);
        return `<g class="signal"><line x1="${x}" x2="${x}" y1="0" y2="${height}"/>
            <path d="M${x} 0 l-5 -0 l5 9 l5 -9z"/></g>`;
    }).join("");
}

function drawNow(axis, at, height) {
    const x = at(axis.now).toFixed(1);
    return axis.isOver ? "" : `<line class="now" x1="${x}" x2="${x}" y1="0" y2="${height}"/>`;
}

function ticks(axis) {
    const step = [500, 1000, 2000, 5000, 10000].find((ms) => axis.span / ms <= 8) ?? 20000;
    const result = [];
    for (let ms = 0; ms < axis.span; ms += step)
        result.push(ms);
    return result;
}

function drawGrid(axis, at, height) {
    return ticks(axis).map((ms) => {
        const x = at(axis.begins + ms).toFixed(1);
        return `<line class="grid" x1="${x}" x2="${x}" y1="0" y2="${height}"/>`;
    }).join("");
}

function scale(axis, width) {
    const room = width - NAME_PX - 4;
    return (t) => NAME_PX + (t - axis.begins) / axis.span * room;
}

function drawLane(svg, server, world, axis) {
    const width = svg.clientWidth, height = svg.clientHeight;
    if (axis === null || width === 0) {
        show(svg, "");
        return;
    }
    const at = scale(axis, width);
    const requests = world.scene(server);
    const rowHeight = Math.min(ROW_MOST_PX, height / Math.max(requests.length, 1));
    const bars = requests.map((request, i) => drawRequest(server, request, world, axis, at,
        {y: i * rowHeight, height: rowHeight}));
    show(svg, drawGrid(axis, at, height) + drawSignals(server, axis, at, height) +
        bars.join("") + drawGroups(requests, rowHeight) + drawNow(axis, at, height));
}

// --- the counters beside a lane ---------------------------------------------------------------

function waitsOf(world, server, temperature, now) {
    return world.scene(server).filter((request) => request.temperature === temperature)
        .map((request) => (request.done ?? now) - request.sent);
}

function threadsOf(server) {
    if (server.hasMachine)
        return 1;
    return server.model.model === "threads" ? server.model.slots + 1 : server.model.slots;
}

function counter(label, value, className = "") {
    return `<div class="counter ${className}"><b>${value}</b><span>${label}</span></div>`;
}

// Of the scene: what was waited for.
function drawCounters(element, world, server, now) {
    const hot = median(waitsOf(world, server, "hot", now));
    const cold = median(waitsOf(world, server, "cold", now));
    const isBad = hot !== null && hot > 100;
    const threads = threadsOf(server);
    show(element, counter("hot waited", duration(hot), isBad ? "bad hot" : "hot") +
        counter("cold waited", duration(cold), "cold") +
        counter(threads === 1 ? "thread" : "threads", threads));
}

// Of all that was recorded.
function drawNumbers(element, server, now) {
    const rate = server.answers.filter((answer) => answer.t > now - RATE_MS).length;
    const parts = [counter("requests/s", rate, "rate"), counter("in flight", server.inFlight, "flight")];
    for (const temperature of ["hot", "cold"]) {
        const waits = server.answers.filter((answer) => answer.temperature === temperature)
            .map((answer) => answer.wait);
        for (const percent of [50, 99])
            parts.push(counter(`${temperature} p${percent}`, duration(percentile(waits, percent))));
    }
    show(element, parts.join(""));
}

// --- all lanes ----------------------------------------------------------------------------------

function lane(server, m) {
    const {name, model, colour} = server.model;
    return `<div class="lane" data-m="${m}" style="--model: ${escape(colour)}">
        <div class="lane-name"><b>${escape(name)}</b><span>${summaries[model] ?? ""}</span></div>
        <svg class="bars" role="img" aria-label="requests of ${escape(name)}"></svg>
        <div class="counters"></div><div class="numbers"></div></div>`;
}

export class Lanes {
    constructor(element, world) {
        this.element = element;
        element.innerHTML = world.servers.map(lane).join("") +
            `<div class="axis"><div></div><svg></svg></div>`;
    }

    draw(world, now) {
        const axis = axisOf(world, now);
        world.servers.forEach((server, m) => {
            const element = this.element.children[m];
            drawLane(element.querySelector("svg"), server, world, axis);
            drawCounters(element.querySelector(".counters"), world, server, now);
            drawNumbers(element.querySelector(".numbers"), server, now);
        });
        this.drawAxis(axis);
    }

    drawAxis(axis) {
        const svg = this.element.querySelector(".axis svg");
        if (axis === null) {
            show(svg, "");
            return;
        }
        const at = scale(axis, svg.clientWidth);
        show(svg, ticks(axis).map((ms) =>
            `<text x="${at(axis.begins + ms).toFixed(1)}" y="50%" class="tick">${
                ms === 0 ? "0" : `${ms / 1000} s`}</text>`).join(""));
    }
}

