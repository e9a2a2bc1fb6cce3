// A list of rows of any height of which only those in sight are there. It stays where the person looks when rows come
// before or change their height, and at the end when they look at the end.
import { Component, createRef } from "preact";
import { html } from "../html.js";

/** How far beyond the edge rows are drawn, so that scrolling shows no gaps. */
const MARGIN = 600;
const AT_END = 40;

/**
 * @typedef {object} Properties
 * @property {any[]} items each with a `key` that stays; `loose` ones stand elsewhere when others come before them
 * @property {(item: any) => number} estimate of its height, until it is measured
 * @property {(item: any) => any} render
 * @property {() => void} [onStart] called when the first row comes near
 * @property {(atEnd: boolean) => void} [onEnd] called when the end is reached or left
 * @property {string} label
 * @property {string} [scrollTo] the key of a row to show
 * @property {{current: VirtualList | null}} handle where the list itself is to be found
 */

/** @extends {Component<Properties, {top: number, height: number}>} */
export class VirtualList extends Component {
  element = createRef();
  state = { top: 0, height: 800 };
  /** @type {Map<string, number>} */
  heights = new Map();
  isAtEnd = true;
  /** What stays in its place: a row, and how far its top is above the edge. @type {{key: string, distance: number} | null} */
  anchor = null;
  shown = "";
  /** Where the last own scrolling ended: an event from there is not the person's. */
  expected = NaN;
  /** Where each row begins, and where the last one ends; made anew when rows or heights have changed. @type {Float64Array | null} */
  offsets = null;
  /** @type {any[] | null} */
  offsetsOf = null;
  observer = new ResizeObserver((entries) => this.measure(entries));

  componentDidMount() {
    this.props.handle.current = this;
    this.observer.observe(this.element.current);
    this.settle();
  }

  componentDidUpdate() {
    this.settle();
  }

  componentWillUnmount() {
    this.props.handle.current = null;
    this.observer.disconnect();
  }

  /** Scrolls to the end, where the newest is. */
  toEnd() {
    this.isAtEnd = true;
    this.anchor = null;
    this.settle();
    this.forceUpdate();
  }

  /** Keeps what is looked at in its place. */
  settle() {
    const element = this.element.current;
    const { items, scrollTo } = this.props;
    if (scrollTo && scrollTo !== this.shown) {
      const at = items.findIndex((item) => item.key === scrollTo);
      if (at >= 0) {
        this.shown = scrollTo;
        this.isAtEnd = false;
        this.anchor = { key: scrollTo, distance: -Math.round(element.clientHeight / 3) };
      }
    }
    let wanted = element.scrollTop;
    if (this.isAtEnd) wanted = element.scrollHeight - element.clientHeight;
    else if (this.anchor) {
      const { key, distance } = this.anchor;
      const at = items.findIndex((item) => item.key === key);
      if (at >= 0) wanted = this.starts()[at] + distance;
    }
    if (Math.abs(wanted - element.scrollTop) >= 1) {
      element.scrollTop = wanted;
      this.expected = element.scrollTop;
    }
    const top = element.scrollTop;
    if (Math.abs(top - this.state.top) > MARGIN / 3) this.setState({ top });
    if (top < MARGIN && items.length) this.props.onStart?.();
  }

  /** @param {any} entries */
  measure(entries) {
    let changed = false;
    for (const { target, borderBoxSize } of entries) {
      if (target === this.element.current) {
        if (target.clientHeight !== this.state.height) {
          this.setState({ height: target.clientHeight });
          changed = true;
        }
        continue;
      }
      const height = borderBoxSize[0].blockSize;
      if (height && this.heights.get(target.dataset.key) !== height) {
        this.heights.set(target.dataset.key, height);
        this.offsets = null;
        changed = true;
      }
    }
    if (changed) this.forceUpdate();
  }

  onScroll = () => {
    const element = this.element.current;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const isOwn = Math.abs(scrollTop - this.expected) < 2;
    const isAtEnd = isOwn ? this.isAtEnd : scrollHeight - scrollTop - clientHeight < AT_END;
    if (!isOwn) this.expected = NaN;
    if (isAtEnd !== this.isAtEnd) this.isAtEnd = isAtEnd;
    this.props.onEnd?.(isAtEnd);
    if (!isOwn) {
      const { items } = this.props;
      let at = this.rowAt(scrollTop);
      while (items[at]?.loose) at++;
      this.anchor = items[at] ? { key: items[at].key, distance: scrollTop - this.starts()[at] } : null;
    }
    if (Math.abs(scrollTop - this.state.top) > MARGIN / 3) this.setState({ top: scrollTop });
    if (scrollTop < MARGIN) this.props.onStart?.();
  };

  /** Where each row begins. */
  starts() {
    const { items, estimate } = this.props;
    if (this.offsets && this.offsetsOf === items) return this.offsets;
    const offsets = new Float64Array(items.length + 1);
    for (let at = 0; at < items.length; at++) offsets[at + 1] = offsets[at] + (this.heights.get(items[at].key) ?? estimate(items[at]));
    this.offsets = offsets;
    this.offsetsOf = items;
    return offsets;
  }

  /** The row at a height. @param {number} top */
  rowAt(top) {
    const starts = this.starts();
    let low = 0;
    let high = Math.max(0, starts.length - 2);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= top) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  render() {
    const { items, render, label } = this.props;
    const { top, height } = this.state;
    const starts = this.starts();
    const whole = starts[items.length];
    // At the end the position is not known before it is drawn; what counts is measured from there.
    const from = (this.isAtEnd ? Math.max(0, whole - height) : top) - MARGIN;
    const until = (this.isAtEnd ? whole : top + height) + MARGIN;
    const first = this.rowAt(Math.max(0, from));
    const last = Math.min(items.length, this.rowAt(until) + 1);

    return html`<div ref=${this.element} class="virtual scrolls" tabindex="0" role="log" aria-live="off" aria-label=${label} onScroll=${this.onScroll}>
      <div class="virtual-fill" style=${{ height: `${starts[first]}px` }}></div>
      ${items.slice(first, last).map((item) => html`<${Row} key=${item.key} id=${item.key} observer=${this.observer} item=${item} render=${render} />`)}
      <div class="virtual-space" style=${{ height: `${Math.max(0, whole - starts[last])}px` }}></div>
    </div>`;
  }
}

/** @extends {Component<{id: string, observer: ResizeObserver, item: any, render: (item: any) => any}>} */
class Row extends Component {
  element = createRef();

  componentDidMount() {
    this.props.observer.observe(this.element.current);
  }

  componentWillUnmount() {
    this.props.observer.unobserve(this.element.current);
  }

  render() {
    const { id, item, render } = this.props;
    return html`<div ref=${this.element} class="virtual-row" data-key=${id}>${render(item)}</div>`;
  }
}
