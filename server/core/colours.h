/*
 * The colours of the project, in one place (Okabe and Ito's set, safe for colour-blind readers).
 * Figures, the charts and the pages take them from here; a colour is never the only difference.
 */
#ifndef CORE_COLOURS_H
#define CORE_COLOURS_H

/* clang-format off */
#define COLOUR_SINGLE   "#D55E00"
#define COLOUR_THREADS  "#0072B2"
#define COLOUR_EVENT    "#009E73"

/* Other servers, where they are measured beside ours. */
#define COLOUR_NGINX    "#555555"
#define COLOUR_NODE     "#888888"
#define COLOUR_LIGHTTPD "#BBBBBB"

/* Fill colours of the states: nobody there, full for work under way, pale for waiting. */
#define COLOUR_VACANT   "#FFFFFF"
#define COLOUR_IDLE     "#EEEEEE"
#define COLOUR_INPUT    "#56B4E9"
#define COLOUR_QUEUED   "#F9E6B3"
#define COLOUR_DISK     "#E69F00"
#define COLOUR_OUTPUT   "#4FBF9F"
#define COLOUR_LEAVING  "#E3C3D6"
/* clang-format on */

#endif
