// What has been recorded: the servers, and everything that happened, in the order of time.
//
// An item is {t, m, kind, ...}: milliseconds since the first server began, which server (a place in
// `models`), and what. The kinds of the traces keep their names ("transition", "request", "hit",
// "miss", "woken", "signals", "rescued", "blocked", "resumed"); "sent" and "done" are the senders'.

const RECORDS_MOST = 200000;

export class Recording {
    constructor(models) {
        this.models = models;
        this.origin = Math.min(...models.map((model) => model.begun));
        this.items = [];
        this.safe = 0;        // up to here in time, nothing is missing
        this.lost = 0;        // records that came too fast to be read
        this.changedFrom = Infinity; // the first place where an item was put in late
        this.forgotten = 0;   // items dropped at the front, because there were too many
    }

    milliseconds(us) {
        return (us - this.origin) / 1000;
    }

    // A record of a trace: [ns since its server began, kind, thread, slot, generation, ...].
    addRecord(m, record) {
        this.add(this.itemOf(m, record));
    }

    itemOf(m, record) {
        const [ns, kind, thread, slot, generation, a, event, to] = record;
        const model = this.models[m];
        const item = {t: this.milliseconds(model.begun) + ns / 1e6, m, kind: model.kinds[kind],
                      thread, slot, generation};
        if (item.kind === "transition")
            Object.assign(item, {from: a, event, to});
        else if (item.kind === "request")
            item.title = a;
        else
            item.count = a;
        return item;
    }

    // A line of a sender.
    addSaid(said) {
        const m = this.models.findIndex((model) => model.address === said.server);
        if (m < 0)
            return;
        const key = said.path.split("?")[1] ?? said.path;
        if (said.sent !== undefined)
            this.add({t: this.milliseconds(said.sent), m, kind: "sent", key, path: said.path,
                      number: said.number, temperature: said.kind});
        else
            this.add({t: this.milliseconds(said.done), m, kind: "done", key, place: said.place,
                      status: said.status});
    }

    // Most come in order; the others are not far from the end.
    add(item) {
        let at = this.items.length;
        while (at > 0 && this.items[at - 1].t > item.t)
            at--;
        this.items.splice(at, 0, item);
        this.changedFrom = Math.min(this.changedFrom, at);
    }

    // Drops the older half when there is too much. Returns how many items went.
    trim() {
        if (this.items.length < RECORDS_MOST)
            return 0;
        const count = this.items.length - RECORDS_MOST / 2;
        this.items.splice(0, count);
        this.forgotten += count;
        return count;
    }

    get end() {
        return this.items.length > 0 ? this.items[this.items.length - 1].t : 0;
    }

    // Of what `threeways-trace --format=json` has written, a file for each server.
    static fromTraces(traces) {
        const models = traces.map(({records, lost, ...model}, m) => ({...model, over: true,
            name: traces.findIndex((one) => one.model === model.model) < m ? `${model.model} ${m + 1}` : model.model}));
        const recording = new Recording(models);
        recording.items = traces.flatMap(({records}, m) => records.map((record) => recording.itemOf(m, record)));
        recording.items.sort((a, b) => a.t - b.t);
        recording.lost = traces.reduce((sum, {lost}) => sum + lost, 0);
        recording.safe = recording.end;
        return recording;
    }

    toJSON() {
        return {version: 1, models: this.models, items: this.items};
    }

    static fromJSON(saved) {
        const recording = new Recording(saved.models);
        recording.items = saved.items;
        recording.safe = recording.end;
        return recording;
    }
}
