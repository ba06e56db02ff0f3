// How Marp makes the slides: our HTML is ours, and no picture comes from elsewhere.
export default {
    html: true,
    options: {emoji: {shortcode: false, unicode: false}, math: false, minifyCSS: false},
};
