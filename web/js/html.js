// Markup in templates: elements, never strings of HTML. What others wrote can only become text by this.
import { h } from "preact";
import htm from "htm";

export const html = htm.bind(h);
