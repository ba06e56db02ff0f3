// Small helpers for everything that is drawn: text, times, and how a state looks.

const special = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"};

// Titles come from clients: nothing of them is taken for HTML.
export function escape(text) {
    return String(text).replace(/[&<>"']/g, (character) => special[character]);
}

// Three figures are enough: "0.41 ms", "23 ms", "2.0 s".
export function duration(ms) {
    if (ms === null || ms === undefined)
        return "–";
    if (ms < 0.0995)
        return `${Math.round(ms * 1000)} µs`;
    if (ms < 9.95)
        return `${ms.toFixed(1)} ms`;
    if (ms < 999.5)
        return `${Math.round(ms)} ms`;
    return `${(ms / 1000).toFixed(1)} s`;
}

// Where a request is before the server knows of it.
export const AT_DOOR = -1;

// States that wait for others are hatched. Their names, and no colours: those are the trace's.
const waiting = new Set(["WAITING", "JOINED", "YIELDED"]);

// The fill of a state, as CSS and SVG take it.
export function fill(states, state) {
    if (state === AT_DOOR)
        return "url(#hatch-door)";
    const [name, colour] = states[state];
    return waiting.has(name) ? `url(#hatch-${name})` : colour;
}

export function colour(states, state) {
    return states[state][1];
}

// Colour alone must not tell: waiting is hatched.
function hatch(id, ground, line) {
    return `<pattern id="hatch-${id}" width="7" height="7" patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"><rect width="7" height="7" fill="${ground}"/>
        <rect width="2.5" height="7" fill="${line}"/></pattern>`;
}

// The patterns that fill() names; once for a page.
export function makePatterns(element, states) {
    const hatched = states.filter(([name]) => waiting.has(name));
    element.innerHTML = `<defs>${hatch("door", "var(--door)", "var(--door-line)")}${
        hatched.map(([name, ground]) => hatch(name, ground, "#0005")).join("")}</defs>`;
}

export function median(numbers) {
    return percentile(numbers, 50);
}

// The nearest rank: the smallest number that so many of a hundred do not exceed.
export function percentile(numbers, percent) {
    if (numbers.length === 0)
        return null;
    const sorted = [...numbers].sort((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(sorted.length * percent / 100) - 1)];
}

// Replaces an element's content only if it has changed: focus and selection stay.
export function show(element, html) {
    if (element.shown !== html) {
        element.shown = html;
        element.innerHTML = html;
    }
}
