// The page: a recording, a player, what is drawn of it, and the buttons and keys.

import {duration, makePatterns, show} from "draw";
import {ideaOf, nameOf} from "ideas";
import {Lanes} from "lanes";
import {Lecture, steps} from "lecture";
import {Live} from "live";
import {Panels} from "panels";
import {Player} from "player";
import {Recording} from "recording";
import {save} from "save";

const FRAME_MS = 50;
const LAST_STAGE = steps[steps.length - 1].stage;
const $ = (id) => document.getElementById(id);

const saved = $("recording") ? JSON.parse($("recording").textContent) : null;
const parameters = new URLSearchParams(location.search);
let live = null, player, lecture, lanes, panels;
let isHeld = false;

// --- drawing ----------------------------------------------------------------------------------------

function drawIdea() {
    const {latest, servers} = player.world;
    const isStill = player.isPaused || player.speed < 1;
    if (!isStill || latest === null) {
        show($("idea"), "");
        return;
    }
    const server = servers[latest.m];
    const name = document.createElement("span");
    name.textContent = `${server.model.name}, ${nameOf(latest, server)}`;
    const idea = document.createElement("b");
    idea.textContent = ideaOf(latest, server);
    show($("idea"), `${name.outerHTML} ${idea.outerHTML}`);
}

function clockText() {
    const since = player.world.sceneBegins;
    const time = since === null ? "" : `${((player.t - since) / 1000).toFixed(player.isLive ? 1 : 6)} s`;
    if (player.isLive)
        return "live";
    return `${player.isPaused ? "paused" : "playing"} at ${time}`;
}

function drawNote() {
    const {recording} = player;
    const over = recording.models.filter((model) => model.over).map((model) => model.name);
    const notes = [live?.fault ?? "", over.length > 0 ? `${over.join(", ")} has ended.` : "",
                   recording.lost > 0 ? `${recording.lost} records came too fast to be shown.` : ""];
    $("note").textContent = notes.filter(Boolean).join(" ");
}

function draw(wall) {
    const {world} = player;
    lanes.draw(world, player.t);
    panels.draw(world, player.t, wall, player.isPaused);
    drawIdea();
    drawNote();
    $("clock").textContent = clockText();
    $("pause").setAttribute("aria-pressed", player.isPaused);
    $("pause").textContent = player.isPaused ? "Go on" : "Pause";
    document.body.classList.toggle("still", player.isPaused);
    $("speed").value = String(player.speed);
    $("focus").value = player.focus === null ? "" : String(player.focus);
}

// What the step of the lecture shows.
function drawStep() {
    const {step, says} = lecture;
    const isQuestion = step.question !== undefined;
    document.body.dataset.stage = step.stage;
    document.body.classList.toggle("asks", isQuestion);
    $("question").textContent = isQuestion ? `${step.question}${says ? ` ${says}` : ""}` : "";
    $("next").textContent = step.next || "Next panel";
    $("next").disabled = step.next === "";
    $("back").disabled = lecture.at === 0;
}

let drawnAt = 0;
function frame(wall) {
    player.tick(wall);
    if (wall - drawnAt >= FRAME_MS) {
        drawnAt = wall;
        draw(wall);
    }
    requestAnimationFrame(frame);
}

// --- buttons and keys ----------------------------------------------------------------------------

function togglePause() {
    if (player.isPaused)
        player.goOn();
    else
        player.pause();
}

function changeSpeed(towards) {
    const speeds = [0.001, 0.01, 0.1, 1];
    const at = speeds.indexOf(player.speed) + towards;
    player.setSpeed(speeds[Math.max(0, Math.min(at, speeds.length - 1))]);
}

async function toggleHold() {
    if (!live || !await live.disk(isHeld ? "go" : "hold"))
        return;
    isHeld = !isHeld;
    $("hold").setAttribute("aria-pressed", isHeld);
    $("hold").textContent = isHeld ? "Let all go" : "Hold disk";
}

function setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    $("theme").textContent = theme === "dark" ? "Light" : "Dark";
}

function toggleTheme() {
    setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
}

function sendByNumber(number) {
    document.querySelectorAll("#send-buttons button")[number - 1]?.click();
}

const actions = {
    next: () => lecture.next(), back: () => lecture.back(), pause: togglePause,
    step: () => player.step(), "step-back": () => player.stepBack(), signal: () => player.nextSignal(),
    hold: toggleHold, release: () => live?.disk("release-one"), theme: toggleTheme,
    save: () => save(player.recording, document.body.dataset.stage),
    "help-button": () => $("help").showModal(), open: () => $("traces").click(),
};

const keys = {
    n: "next", PageDown: "next", b: "back", PageUp: "back", " ": "pause", ArrowRight: "step",
    ArrowLeft: "step-back", s: "signal", h: "hold", r: "release", d: "theme", o: "open",
    "?": "help-button",
};

function takeKey(event) {
    const isForElement = event.target.closest("select, dialog") || event.ctrlKey || event.altKey || event.metaKey;
    if (isForElement)
        return;
    if (event.key >= "1" && event.key <= "5")
        sendByNumber(Number(event.key));
    else if (event.key === "+" || event.key === "-")
        changeSpeed(event.key === "+" ? 1 : -1);
    else if (event.key === "l")
        player.goLive();
    else if (keys[event.key] && !$(keys[event.key]).disabled)
        actions[keys[event.key]]();
    else
        return;
    event.preventDefault();
}

function connectButtons() {
    for (const [id, action] of Object.entries(actions))
        $(id).addEventListener("click", action);
    for (const button of document.querySelectorAll("#send-buttons button"))
        button.addEventListener("click", () => {
            player.goLive();
            lecture.send(button.dataset.order, $("to").value);
        });
    $("traces").addEventListener("change", openTraces);
    $("speed").addEventListener("change", () => player.setSpeed(Number($("speed").value)));
    $("focus").addEventListener("change", () => {
        player.focus = $("focus").value === "" ? null : Number($("focus").value);
    });
    addEventListener("keydown", takeKey);
}

function addServers(models) {
    $("to").replaceChildren(new Option("to all", "all"));
    $("focus").replaceChildren(new Option("step all", ""));
    for (const [m, model] of models.entries()) {
        $("to").add(new Option(`to ${model.name}`, model.name));
        $("focus").add(new Option(`step ${model.name}`, m));
    }
}

// --- the beginning --------------------------------------------------------------------------------

// Lets the page be about this recording, and about no other.
function present(recording) {
    player = new Player(recording, live);
    lecture = new Lecture(player, live, drawStep);
    makePatterns($("patterns"), recording.models[0].states);
    lanes = new Lanes($("lanes"), player.world);
    panels = new Panels($("columns"), player.world);
    addServers(recording.models);
    document.body.classList.toggle("no-disk", !live || live.disks === 0);
}

async function openTraces() {
    const texts = await Promise.all(Array.from($("traces").files, (file) => file.text()));
    try {
        const recording = Recording.fromTraces(texts.map(JSON.parse));
        live?.stop();
        live = null;
        present(recording);
        showSaved();
        drawStep();
    } catch (error) {
        $("note").textContent = `Not what threeways-trace --format=json writes: ${error.message}`;
    }
}

async function findRecording() {
    if (saved !== null)
        return Recording.fromJSON(saved);
    live = await Live.connect();
    return live.recording;
}

function showSaved() {
    document.body.classList.add("saved");
    lecture.at = steps.findLastIndex((step) => step.stage === LAST_STAGE);
    const first = player.recording.items.findIndex((item) => item.kind === "sent");
    player.goTo(Math.max(first, 0));
}

async function begin() {
    setTheme(parameters.get("theme") ??
        (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
    document.body.classList.toggle("alone", saved !== null);
    present(await findRecording());
    connectButtons();
    if (live)
        live.run();
    else
        showSaved();
    drawStep();
    requestAnimationFrame(frame);
    if (parameters.has("script"))
        lecture.play(Number(parameters.get("pace")) || 1);
}

begin().catch((error) => {
    $("question").textContent = `The page cannot begin: ${error.message}`;
});

// For tests, and for the curious at the console.
globalThis.threeways = {get player() { return player; }, get lecture() { return lecture; }, duration};
