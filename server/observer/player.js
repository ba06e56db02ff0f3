// Where in the recording we are: live, paused, in slow motion, or step by step.

import {World} from "world";

const BEHIND_MS = 250; // live is a little late, so that what comes out of order is put in order

export class Player {
    constructor(recording, live) {
        this.recording = recording;
        this.live = live;          // null: a saved recording
        this.world = new World(recording);
        this.place = 0;            // how many items have been applied
        this.t = 0;
        this.speed = 1;
        this.isLive = live !== null;
        this.isPaused = live === null;
        this.focus = null;         // steps are of this server alone
        this.wall = null;
    }

    // Called for each frame, with the time of the wall clock.
    tick(wall) {
        const passed = this.wall === null ? 0 : wall - this.wall;
        this.wall = wall;
        this.repair();
        if (this.isPaused)
            return;
        if (this.isLive)
            this.t = Math.max(this.t, Math.min(this.live.now - BEHIND_MS, this.recording.safe));
        else
            this.playOn(passed);
        this.applyUntil(this.t);
    }

    playOn(passed) {
        this.t += passed * this.speed;
        if (this.t < this.recording.safe - BEHIND_MS)
            return;
        if (this.live !== null && this.speed === 1)
            this.isLive = true;
        this.t = Math.min(this.t, this.recording.safe);
        if (this.live === null && this.place === this.recording.items.length)
            this.isPaused = true;
    }

    applyUntil(t) {
        const {items} = this.recording;
        while (this.place < items.length && items[this.place].t <= t)
            this.world.apply(items[this.place++]);
    }

    // Items that came late, or were dropped, have changed the past.
    repair() {
        const {recording} = this;
        const dropped = recording.trim();
        const isWrong = recording.changedFrom < this.place || dropped > 0;
        recording.changedFrom = Infinity;
        if (isWrong)
            this.seek(this.t);
    }

    // Goes to a moment, in either direction.
    seek(t) {
        this.world = new World(this.recording);
        this.place = 0;
        this.t = t;
        this.applyUntil(t);
    }

    // Goes to the state just after the item at `place`. Items of one moment come one by one.
    goTo(place) {
        const {items} = this.recording;
        if (place < this.place) {
            this.world = new World(this.recording);
            this.place = 0;
        }
        while (this.place < place)
            this.world.apply(items[this.place++]);
        this.t = place > 0 ? items[place - 1].t : 0;
    }

    concerns(item) {
        return this.focus === null || item.m === this.focus;
    }

    pause() {
        this.isPaused = true;
        this.isLive = false;
    }

    goOn() {
        this.isPaused = false;
        if (this.live === null && this.place === this.recording.items.length)
            this.seek(0);
    }

    goLive() {
        if (this.live === null)
            return;
        this.speed = 1;
        this.isPaused = false;
        this.isLive = true;
        this.seek(this.recording.safe);
    }

    setSpeed(speed) {
        this.speed = speed;
        if (speed !== 1)
            this.isLive = false;
    }

    // One event forwards. Returns false if there is none yet.
    step(isWanted = () => true) {
        const {items} = this.recording;
        this.pause();
        for (let i = this.place; i < items.length; i++)
            if (this.concerns(items[i]) && isWanted(items[i])) {
                this.goTo(i + 1);
                return true;
            }
        return false;
    }

    stepBack() {
        const {items} = this.recording;
        this.pause();
        for (let i = this.place - 2; i >= 0; i--)
            if (this.concerns(items[i])) {
                this.goTo(i + 1);
                return true;
            }
        return false;
    }

    nextSignal() {
        return this.step((item) => item.kind === "signals");
    }
}
