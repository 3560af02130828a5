import { useMemo } from 'react';
import { still } from './still';

/** Untrusted HTML, in a frame that runs no scripts and has no origin. */
export function Frame({ html, title }: { html: string; title: string }) {
  const shown = useMemo(() => still(html), [html]);
  return <iframe className="frame" sandbox="" srcDoc={shown} title={title} referrerPolicy="no-referrer" />;
}
