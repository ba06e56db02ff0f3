// One file that plays by itself: this page, with its modules, its style and a recording inside.
//
// The import map names the modules. In the saved file it names the same modules as data: URLs, so
// nothing of the code has to be changed.

async function textOf(path) {
    return (await fetch(path)).text();
}

function dataUrl(type, text) {
    const bytes = new TextEncoder().encode(text);
    return `data:${type};base64,${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
}

async function inlineModules(page) {
    const map = page.match(/<script type="importmap">([^]*?)<\/script>/);
    const {imports} = JSON.parse(map[1]);
    for (const name of Object.keys(imports))
        imports[name] = dataUrl("text/javascript", await textOf(imports[name]));
    return page.replace(map[0], () =>
        `<script type="importmap">${JSON.stringify({imports})}</script>`);
}

async function inlineStyle(page) {
    const style = await textOf("style.css");
    return page.replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${style}</style>`);
}

// "<" cannot end the script that the recording stands in.
function inlineRecording(page, recording, stage) {
    const json = JSON.stringify({...recording.toJSON(), stage}).replaceAll("<", "\\u003c");
    return page.replace("<script type=\"module\">", () =>
        `<script type="application/json" id="recording">${json}</script>\n<script type="module">`);
}

export async function makePlayer(recording, stage) {
    const page = await inlineStyle(await inlineModules(await textOf("index.html")));
    return inlineRecording(page, recording, stage);
}

export async function save(recording, stage) {
    const url = URL.createObjectURL(new Blob([await makePlayer(recording, stage)], {type: "text/html"}));
    const link = document.createElement("a");
    link.href = url;
    link.download = "threeways-recording.html";
    link.click();
    URL.revokeObjectURL(url);
}
