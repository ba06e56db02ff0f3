// What a step means: the sentence that stands under the picture.

import {duration} from "draw";

// The event model, by the event of a transition.
const transitions = {
    ACCEPTED: "A client has come and gets a row of the request table. From now on the row remembers for it.",
    READABLE: "Bytes have come. The thread takes what is there, and waits for no more.",
    COMPLETE: "The request is understood. First, a look into the page cache.",
    HAS_BODY: "The request has a body that nobody needs. It is thrown away as it comes.",
    BODY_READ: "The body is through. Now, a look into the page cache.",
    HIT: "It is in the page cache: the reply can leave at once.",
    MISS: "It is not in the cache. Start the disk read, write LOADING into the row, and turn to somebody else.",
    BUSY: "All places at the disk are taken. The row stands in line. The thread does not.",
    JOIN: "Another request has this file read already. This row waits for the same read.",
    TURN: "It is this row's turn again.",
    DISK_DONE: "The disk's answer is an event like any other. The row knows what it was for: now it is sent.",
    DISK_FAILED: "The disk could not read it. That is an event, too, and the client is told.",
    LOADED: "The read that this row had joined is done.",
    LOAD_FAILED: "The read that this row had joined has failed.",
    WRITABLE: "The client's socket takes bytes: send what it takes now, and no more.",
    CHUNK_SENT: "What was at hand is sent. The next piece must be read.",
    SENT: "The reply is through. The client may ask again; the row keeps its place.",
    CLOSING: "The reply is through, and it was the last one. Wait until the client has hung up.",
    ENDED: "The client has gone. The row is free for the next.",
    HUNG_UP: "The client has gone. The row is free for the next.",
    BROKEN: "The client did not stay for the whole reply.",
    TIMED_OUT: "This has taken too long. Time is an event, too.",
    STOPPING: "The server is to end; who has nothing under way is let go.",
    PIPELINED: "The next request has come already, behind the first.",
    SPENT: "This client has had its share of the turn. Others come first.",
    MALFORMED: "This is no request that can be answered. The client is told so.",
};

const machine = {
    woken: () => "The one thread had been waiting. It gets its next event: new work, or word that work is done.",
    signals: (item) => `A signal: the disk has finished ${item.count === 1 ? "a read" : `${item.count} reads`}. ` +
        "The signal only says that; the table knows whose.",
    rescued: () => "A look at the reads in flight found one that had ended, before its signal was taken.",
    request: (item) => `The row knows by now what is wanted: ${item.title}.`,
    hit: () => "Found in the page cache. No disk, no waiting.",
    miss: () => "The disk has been asked. The thread is free: look at its next step.",
};

function blockedIdea(server, item) {
    const isLoading = server.slots.get(item.slot)?.state === server.loading;
    if (!isLoading)
        return "The thread waits for its client, and for nobody else.";
    return server.model.slots === 1
        ? "The only thread is blocked until the disk answers. All others wait, even those whose file is at hand."
        : "This worker is blocked until the disk answers. The others work on: that is what they are for.";
}

const straightLine = {
    blocked: (item, server) => blockedIdea(server, item),
    resumed: () => "The call returns, and the thread goes on where it stood. Its stack has remembered for it.",
    request: (item) => `The thread knows by now what is wanted: ${item.title}.`,
    hit: () => "Found in the page cache: send it.",
    miss: () => "Not in the page cache. The thread itself must read the disk.",
    transition: (item, server) => `The thread comes to ${server.model.states[item.to][0]}. ` +
        "No table knows that: it is where it stands in its code.",
};

const clients = {
    sent: (item) => item.temperature === "cold"
        ? "A client asks for a file that nobody has asked for yet: the disk will be needed."
        : "A client asks for a file that is in the page cache.",
    done: (item, server) => {
        const request = server.requests.get(item.key);
        return `Answered, as number ${item.place}` +
            (request ? `, after ${duration(request.done - request.sent)}.` : ".");
    },
};

// The sentence for an item that was just applied; "" if it has none.
export function ideaOf(item, server) {
    if (clients[item.kind])
        return clients[item.kind](item, server);
    if (!server.hasMachine)
        return straightLine[item.kind]?.(item, server) ?? "";
    if (item.kind === "transition")
        return transitions[server.model.events[item.event]] ?? "";
    return machine[item.kind]?.(item, server) ?? "";
}

// What an item is, in a few words, for the line before the sentence.
export function nameOf(item, server) {
    const {states, events} = server.model;
    if (item.kind === "transition") {
        const event = server.hasMachine ? ` –${events[item.event]}→ ` : " → ";
        const where = server.hasMachine ? "slot" : "thread";
        return `${where} ${item.slot}: ${states[item.from][0]}${event}${states[item.to][0]}`;
    }
    if (item.kind === "sent")
        return `client ${item.number} sends`;
    if (item.kind === "done")
        return "client is answered";
    return item.kind;
}
