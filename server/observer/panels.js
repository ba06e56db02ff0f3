// A column for each server: its threads, its request table, its machine.

import {colour, duration, escape, fill, show} from "draw";
import {Machine} from "machine";

const ROWS_MOST = 7;
const WORKING_MS = 0.3;  // after a record, the event thread is taken to be at work for so long

// A state's name on its colour. A hatch is drawn by SVG, so the colour stands in for it here.
function chip(model, state) {
    const isHatched = fill(model.states, state).startsWith("url");
    return `<span class="chip${isHatched ? " hatched" : ""}" style="--fill: ${
        escape(colour(model.states, state))}">${escape(model.states[state][0])}</span>`;
}

function pathOf(title) {
    return escape((title.split(" ")[1] ?? "").replace(/\?.*/, ""));
}

// --- threads --------------------------------------------------------------------------------------

function workerText(server, slot, thread) {
    if (!slot || slot.state === server.free)
        return "free";
    if (!thread?.waits)
        return "runs";
    return slot.state === server.loading ? "blocked" : "waits for its client";
}

function workerRow(server, number, now) {
    const slot = server.slots.get(number);
    const thread = [...server.threads.values()].find((one) => one.slot === number);
    const text = workerText(server, slot, thread);
    const isBlocked = text === "blocked";
    const since = isBlocked ? duration(now - slot.since) : "";
    const name = server.model.slots === 1 ? "the thread" : `worker ${number + 1}`;
    return `<tr class="${isBlocked ? "blocked" : ""}"><th>${name}</th><td>${
        slot && slot.state !== server.free ? chip(server.model, slot.state) : ""}</td><td>${text}</td><td
        class="number">${since}</td></tr>`;
}

function blockingThreads(server, now) {
    const count = server.model.slots;
    const rows = [];
    for (let number = 0; number < Math.min(count, ROWS_MOST); number++)
        rows.push(workerRow(server, number, now));
    if (count > ROWS_MOST)
        rows.push(`<tr><td colspan="4">and ${count - ROWS_MOST} more</td></tr>`);
    return rows.join("");
}

function eventThread(server, now) {
    const latest = [...server.threads.values()].sort((a, b) => b.since - a.since)[0];
    const isWorking = latest !== undefined && now - latest.since < WORKING_MS;
    const slot = isWorking ? server.slots.get(latest.slot) : undefined;
    const text = !isWorking ? "waits for an event, for all of them"
        : slot ? `takes slot ${slot.number} a step further` : "has an event";
    return `<tr class="${isWorking ? "works" : ""}"><th>the thread</th><td></td><td colspan="2">${text}</td></tr>`;
}

function drawThreads(element, server, now) {
    show(element, `<h3>Threads</h3><table>${
        server.hasMachine ? eventThread(server, now) : blockingThreads(server, now)}</table>`);
}

// --- the request table -------------------------------------------------------------------------

function tableRow(server, slot, now) {
    return `<tr><td class="number">${slot.number}</td><td>${chip(server.model, slot.state)}</td>
        <td class="number">${duration(now - slot.since)}</td><td>${pathOf(slot.title)}</td></tr>`;
}

function drawTable(element, server, now) {
    if (!server.hasMachine) {
        show(element, `<h3>Request table</h3><p>None. Where a request is, only its thread's stack knows.</p>`);
        return;
    }
    const used = [...server.slots.values()].filter((slot) => slot.state !== server.free)
        .sort((a, b) => a.number - b.number);
    const rows = used.slice(0, ROWS_MOST).map((slot) => tableRow(server, slot, now));
    const rest = used.length - rows.length;
    show(element, `<h3>Request table <small>${used.length} of ${server.model.slots} slots in use</small></h3>
        <table><tr><th>slot</th><th>state</th><th>for</th><th>file</th></tr>${rows.join("")}${
        rest > 0 ? `<tr><td colspan="4">and ${rest} more</td></tr>` : ""}</table>`);
}

// --- the columns ------------------------------------------------------------------------------------

function column(server) {
    const {name, colour: own} = server.model;
    return `<article class="column${server.hasMachine ? " has-machine" : ""}" style="--model: ${escape(own)}">
        <h2>${escape(name)}</h2><div class="threads"></div><div class="table"></div>
        <div class="machine">${server.hasMachine
            ? `<svg role="img" aria-label="the finite-state machine"></svg>`
            : ""}</div></article>`;
}

export class Panels {
    constructor(element, world) {
        this.element = element;
        element.innerHTML = world.servers.map(column).join("");
        this.machines = world.servers.map((server, m) => server.hasMachine
            ? new Machine(element.children[m].querySelector("svg"), server.model) : null);
    }

    draw(world, now, wall, isStill) {
        world.servers.forEach((server, m) => {
            const parts = this.element.children[m];
            drawThreads(parts.querySelector(".threads"), server, now);
            drawTable(parts.querySelector(".table"), server, now);
            this.machines[m]?.draw(server, wall, isStill);
        });
    }
}
