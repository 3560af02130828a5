const GONE = 'script, iframe, object, embed, base, meta, link, form, frame, frameset, noscript, svg script';
const LOADS = new Set(['srcset', 'background', 'poster', 'ping', 'formaction', 'action', 'data']);
const FETCHES = /url\s*\(|@import|expression\s*\(/i;

// A tag with its attributes, whatever their values hold.
const TAG = /<[a-z!/](?:"[^"]*"|'[^']*'|[^'">])*>/gi;

/**
 * A tag whose style and handlers have other names. They are taken out of the document anyway; but
 * the policy would report each of them already where it is read.
 */
function quieted(tag: string): string {
  return tag.replace(/([\s"'/])(on[a-z]+|style)(\s*=)/gi, '$1data-$2$3');
}

/** What this answer's policy lets style be written with. */
function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name=cauce-nonce]')?.content ?? '';
}

/**
 * The HTML of a message, made harmless to look at: nothing of it runs, nothing is fetched and no
 * link is followed, since both would count as an open or a click.
 */
export function still(html: string): string {
  // `DOMParser` makes a document that runs and loads nothing. What leaves it goes into a frame of
  // no origin, and the page's own policy holds in there too: style attributes would be refused, so
  // they become rules with the nonce.
  const page = new DOMParser().parseFromString(html.replace(TAG, quieted), 'text/html');
  page.querySelectorAll(GONE).forEach((node) => node.remove());
  const rules: string[] = [];
  for (const node of page.querySelectorAll('*')) {
    for (const { name, value } of [...node.attributes]) {
      if (name.startsWith('on') || name.startsWith('data-on') || LOADS.has(name)) node.removeAttribute(name);
      else if (name === 'src' || name === 'href' || name === 'xlink:href') {
        node.removeAttribute(name);
        if (!node.getAttribute('title')) node.setAttribute('title', value);
        if (node.tagName === 'A') node.setAttribute('data-link', '');
      } else if (name === 'data-style') {
        node.removeAttribute(name);
        // One rule stays one rule: what would end it is no part of a style attribute either.
        if (!FETCHES.test(value) && !/[{}<]/.test(value)) {
          const key = `s${rules.length}`;
          node.setAttribute('data-s', key);
          rules.push(`[data-s=${key}][data-s=${key}][data-s=${key}]{${value}}`);
        }
      }
    }
  }
  for (const style of page.querySelectorAll('style')) {
    if (FETCHES.test(style.textContent ?? '')) style.remove();
    else style.setAttribute('nonce', nonce());
  }
  const own = page.createElement('style');
  own.setAttribute('nonce', nonce());
  own.textContent = `[data-link]{text-decoration:underline;cursor:help}\n${rules.join('\n')}`;
  page.head.append(own);
  return `<!doctype html>${page.documentElement.outerHTML}`;
}
