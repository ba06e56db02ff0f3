// What is wrong with a slide, seen from inside the page. Runs in the browser, so it stands alone.

export function lookAt(section, limits) {
    const faults = [];
    const box = section.getBoundingClientRect();
    const scale = box.width / section.offsetWidth;
    const text = (node) => node.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
    const own = (node) => [...node.childNodes].some((child) =>
        child.nodeType === Node.TEXT_NODE && child.textContent.trim() !== "");

    // --- overflow: of the slide, over its edges, and into what stands at the bottom ---
    if (section.scrollHeight > section.clientHeight + 1 || section.scrollWidth > section.clientWidth + 1)
        faults.push(`overflows: ${section.scrollWidth} x ${section.scrollHeight} in ` +
            `${section.clientWidth} x ${section.clientHeight}`);
    const foot = section.querySelector("footer");
    const bottom = foot ? foot.getBoundingClientRect().top : box.bottom;
    for (const node of section.querySelectorAll("*")) {
        const at = node.getBoundingClientRect();
        if (at.width === 0 || node === foot || foot?.contains(node))
            continue;
        const isOut = at.left < box.left - 1 || at.right > box.right + 1 || at.top < box.top - 1 ||
            at.bottom > bottom + 1;
        if (isOut && !node.closest("defs") && own(node))
            faults.push(`stands over an edge or the footer: ${text(node)}`);
        if (node.matches("pre, table, .columns > div") && node.scrollWidth > node.clientWidth + 1)
            faults.push(`is cut off at the right: ${text(node)}`);
    }
    for (const line of section.querySelectorAll("pre code > span")) {
        const edge = line.closest("pre").getBoundingClientRect().right;
        const range = document.createRange();
        range.selectNodeContents(line);
        if (range.getBoundingClientRect().right > edge + 1)
            faults.push(`code is cut off at the right: ${text(line)}`);
    }

    // --- pictures ---
    for (const image of section.querySelectorAll("img"))
        if (!image.complete || image.naturalWidth === 0)
            faults.push(`a picture is missing: ${image.alt}`);
    for (const picture of section.querySelectorAll("figure > svg, figure > img")) {
        const at = picture.getBoundingClientRect();
        if (at.height < limits.pictureHeight * scale)
            faults.push(`a picture is only ${Math.round(at.height / scale)} px high`);
    }

    // --- letters: size and contrast ---
    const channel = (part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const numbers = (colour) => (colour.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    const fromHex = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    function groundOf(node) {
        const said = node.closest("[data-on]")?.dataset.on;
        if (said && said !== "#FFFFFF")
            return fromHex(said);
        for (let at = node; at; at = at.parentElement) {
            const [r, g, b, alpha = 1] = numbers(getComputedStyle(at).backgroundColor);
            if (alpha > 0)
                return [r, g, b];
        }
        return [255, 255, 255];
    }
    function sizeOf(node) {
        const size = parseFloat(getComputedStyle(node).fontSize);
        const matrix = node instanceof SVGElement ? node.getScreenCTM() : null;
        return matrix ? size * matrix.d / scale : size;
    }
    for (const node of section.querySelectorAll("*")) {
        if (!own(node) || node.matches("style, script, title, desc") || node.closest("defs"))
            continue;
        const style = getComputedStyle(node);
        const size = sizeOf(node);
        if (size < limits.letters - 0.3)
            faults.push(`letters of ${size.toFixed(1)} px: ${text(node)}`);
        const inSvg = node instanceof SVGElement;
        const ink = numbers(inSvg ? style.fill : style.color);
        const pair = [luminance(ink), luminance(groundOf(node))].sort((a, b) => b - a);
        const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
        if (contrast < limits.contrast)
            faults.push(`contrast ${contrast.toFixed(2)}: ${text(node)}`);
    }

    // --- words beside a figure ---
    if (section.querySelector("figure:not(.code)")) {
        const rest = section.cloneNode(true);
        for (const node of rest.querySelectorAll("h1, figure, footer, style"))
            node.remove();
        const words = rest.textContent.trim().split(/\s+/).filter(Boolean).length;
        if (words > limits.wordsBesideFigure)
            faults.push(`${words} words beside a figure`);
    }
    return [...new Set(faults)];
}
