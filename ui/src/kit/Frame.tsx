import { useMemo } from 'react';

/**
 * The HTML of a message, made harmless to look at: nothing of it runs (the frame has no scripts),
 * nothing is fetched and no link is followed, since both would count as an open or a click.
 */
export function still(html: string): string {
  // Not: a frame with the page's own origin. `DOMParser` makes a document that runs and loads
  // nothing, and what leaves it goes into a frame of no origin.
  const page = new DOMParser().parseFromString(html, 'text/html');
  page.querySelectorAll('script, iframe, object, embed, base, meta, link, form, frame, frameset').forEach((node) => node.remove());
  for (const node of page.querySelectorAll('*')) {
    for (const { name, value } of [...node.attributes]) {
      if (name.startsWith('on') || ['srcset', 'background', 'poster', 'ping', 'formaction'].includes(name)) node.removeAttribute(name);
      else if (name === 'src' || name === 'href' || name === 'xlink:href') {
        node.removeAttribute(name);
        if (!node.getAttribute('title')) node.setAttribute('title', value);
        if (node.tagName === 'A') node.setAttribute('style', `${node.getAttribute('style') ?? ''};text-decoration:underline;cursor:help`);
      } else if (name === 'style' && /url\s*\(|@import/i.test(value)) node.removeAttribute(name);
    }
  }
  page.querySelectorAll('style').forEach((style) => {
    if (/url\s*\(|@import/i.test(style.textContent ?? '')) style.remove();
  });
  return `<!doctype html>${page.documentElement.outerHTML}`;
}

/** Untrusted HTML, in a frame that runs no scripts and has no origin. */
export function Frame({ html, title }: { html: string; title: string }) {
  const shown = useMemo(() => still(html), [html]);
  return <iframe className="frame" sandbox="" srcDoc={shown} title={title} referrerPolicy="no-referrer" />;
}
