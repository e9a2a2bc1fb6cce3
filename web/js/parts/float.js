// What floats beside a button over everything, even over what would cut it off: the browser's top layer.
import { useLayoutEffect } from "preact/hooks";

const GAP = 4;

/**
 * Shows an element in the top layer beside its anchor: below where there is room, above where there is not.
 * The element needs `popover="manual"`.
 * @param {{current: HTMLElement | null}} element
 * @param {() => HTMLElement | null | undefined} anchor
 * @param {boolean} [isOpen]
 */
export function useFloat(element, anchor, isOpen = true) {
  useLayoutEffect(() => {
    const floating = element.current;
    const beside = anchor();
    if (!isOpen || !floating || !beside) return;
    floating.showPopover?.();
    const place = () => {
      const at = beside.getBoundingClientRect();
      const { offsetWidth: width, offsetHeight: height } = floating;
      const below = at.bottom + GAP + height <= innerHeight - GAP || at.top < height + GAP;
      const isRtl = document.documentElement.dir === "rtl";
      const left = isRtl ? at.left : at.right - width;
      const other = isRtl ? at.right - width : at.left;
      const wanted = left < GAP || left + width > innerWidth - GAP ? other : left;
      floating.style.left = `${Math.max(GAP, Math.min(innerWidth - width - GAP, wanted))}px`;
      floating.style.top = `${Math.max(GAP, below ? Math.min(at.bottom + GAP, innerHeight - height - GAP) : at.top - GAP - height)}px`;
    };
    place();
    addEventListener("resize", place);
    addEventListener("scroll", place, true);
    return () => {
      removeEventListener("resize", place);
      removeEventListener("scroll", place, true);
    };
  }, [isOpen]);
}
